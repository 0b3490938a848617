"""Google Maps, simulated: Address Validation and Geocoding over a small world of streets."""
