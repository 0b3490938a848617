"""The sandbox, driven as its users drive it: with the vendors' own SDKs over a real socket."""
