"""Real shopping baskets through the public API, each checked to the cent against a sum made apart from the
service.
"""
