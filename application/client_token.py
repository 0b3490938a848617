"""The shopper's token for one checkout and its order: handed out once, kept as a hash."""

from hashlib import sha256


def hashed(token: str) -> str:
    """Tokens carry at least 192 random bits, so a plain SHA-256 can't be turned back by guessing."""
    return sha256(token.encode()).hexdigest()
