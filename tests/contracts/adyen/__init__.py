"""Adyen's adapter against what Adyen itself has published."""
