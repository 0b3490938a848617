"""TaxJar: taxes of an order, and the books of what was sold and given back, by its API of 2020-08-07."""
