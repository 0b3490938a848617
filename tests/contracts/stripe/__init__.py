"""Stripe's adapter against what Stripe itself has published, and against everything that can go wrong."""
