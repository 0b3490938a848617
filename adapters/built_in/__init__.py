"""Delivery rates and taxes from tables of the merchant's own, for shops that need no service for them."""
