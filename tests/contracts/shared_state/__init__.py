"""What every shared state promises about breakers and limits, in process and in Redis."""
