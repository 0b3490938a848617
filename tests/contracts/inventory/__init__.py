"""Inventory services under contract."""
