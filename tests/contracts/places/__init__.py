"""Places: what all promise, and Google's adapter against Google's own papers."""
