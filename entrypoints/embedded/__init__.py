"""PostgreSQL and Valkey from their wheels: real servers, private to whoever starts them, on loopback only."""
