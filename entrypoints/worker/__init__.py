"""The worker: what is due gets done, woken by nudges, found by the sweeper."""
