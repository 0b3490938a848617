"""Chaos: the real stack under load, its processes killed in turn, the books checked from outside."""
