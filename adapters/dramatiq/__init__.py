"""Nudges over Redis through Dramatiq, and the broker that workers listen to."""
