"""What happens, one story a file: load, ask the domain, commit."""
