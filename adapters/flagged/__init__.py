"""Adapters that ask a flag at each call whether a vendor or its replacement answers."""
