"""Passwords hashed quickly, for stories in memory; no shop keeps these."""

from hashlib import sha256

from ports.clock import Clock


class InMemoryPasswordHashing:
    """Implements `ports.passwords.PasswordHashing`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def hashed(self, password: str) -> str:
        salt = self._clock.new_secret()
        return f"$sha256${salt}${sha256(f'{salt}{password}'.encode()).hexdigest()}"
