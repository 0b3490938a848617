"""A simulated TaxJar: plausible rates, an account's transactions, and answers that can't be believed."""
