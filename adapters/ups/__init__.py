"""UPS: rating through its REST API."""
