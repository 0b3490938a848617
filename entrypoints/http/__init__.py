"""The HTTP API: JSON under /v1, described by OpenAPI at /schema."""
