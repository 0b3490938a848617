"""What every cache promises, in process and in Redis."""
