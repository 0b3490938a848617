"""The HTTP API, in process, on a shop in memory."""
