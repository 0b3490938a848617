"""What processes share through Redis (or Valkey): a cache, breakers and rate limits. All of it can be done
without.
"""
