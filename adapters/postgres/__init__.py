"""PostgreSQL, the truth: SQLAlchemy Core writes the SQL once, asyncpg runs it."""
