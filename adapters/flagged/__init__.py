"""Adapters that ask a flag at each call whether a vendor answers or what takes its place."""
