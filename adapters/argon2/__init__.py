"""Argon2, the hash that passwords are kept as."""
