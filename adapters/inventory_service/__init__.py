"""The external inventory service: goods are held, sold and released there, over mutual TLS."""
