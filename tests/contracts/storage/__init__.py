"""What storage promises, asked of PostgreSQL and of its in-memory twin alike."""
