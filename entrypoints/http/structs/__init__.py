"""What travels: request and answer structs, and the pure functions between them and the domain."""
