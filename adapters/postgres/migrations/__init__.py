"""The database's history, one revision a file; `adapters.postgres.migrate` runs them."""
