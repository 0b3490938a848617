"""USPS: domestic prices through its REST API."""
