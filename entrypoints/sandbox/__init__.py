"""Vendors that we simulate ourselves: a demo, a test or a benchmark needs no account and no network."""
