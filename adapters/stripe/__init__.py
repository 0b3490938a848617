"""Stripe: payments by its official SDK, pinned to API version 2023-10-16.

Its words stop at this folder's edge.
"""
