"""Reports of defects, logged and in memory."""
