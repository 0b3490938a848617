"""Adyen as the sandbox plays it: Checkout v71, and signed webhooks of what became of it."""
