"""How fast it is, as ratios to what this PostgreSQL can do at most, measured in one run."""
