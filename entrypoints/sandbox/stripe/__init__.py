"""Stripe, API version 2023-10-16: its published test cards, its idempotency and its webhooks."""
