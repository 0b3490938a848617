"""E-mail: one suite for whoever sends it."""
