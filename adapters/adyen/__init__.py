"""Adyen: payments by Checkout API v71, over HTTP.

Its words stop at this folder's edge.
"""
