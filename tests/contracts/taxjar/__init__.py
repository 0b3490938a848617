"""TaxJar against its own types and recordings."""
