"""What the application needs from outside, as Protocols: one file a capability."""
