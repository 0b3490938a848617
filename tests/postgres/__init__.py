"""What only a real PostgreSQL can show: real concurrency, constraints, migrations, lost connections."""
