"""Long-running processes: their logs, their work, their ends."""
