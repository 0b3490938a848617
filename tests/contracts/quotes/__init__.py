"""Prices that somebody else gives us: one suite a port."""
