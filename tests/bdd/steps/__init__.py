"""The sentences of the features. Each speaks to a `Shop` and knows nothing of what is behind it."""
