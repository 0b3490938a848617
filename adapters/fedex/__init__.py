"""FedEx: rates and transit times through its REST API."""
