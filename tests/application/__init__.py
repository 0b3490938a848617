"""The stories on in-memory adapters and a clock that stands still."""
