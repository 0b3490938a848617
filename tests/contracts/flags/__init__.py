"""Flags: what every source of them promises, and how the file and the environment are read."""
