"""Vendors that we simulate ourselves, so that a demo, a test or a benchmark needs no account, no network and no secret."""
