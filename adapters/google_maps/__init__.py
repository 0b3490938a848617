"""Google Maps: addresses by its Address Validation and Geocoding APIs."""
