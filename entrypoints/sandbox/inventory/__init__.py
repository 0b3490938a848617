"""A simulated inventory service: it counts pieces, and really asks for a client certificate."""
