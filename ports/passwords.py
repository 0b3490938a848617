"""Passwords: only what can't be turned back into one is kept."""

from typing import Protocol


class PasswordHashing(Protocol):
    async def hashed(self, password: str) -> str:
        """A salted hash in a text form that names how it was made; another one each time.

        Takes its time on purpose, and keeps nobody waiting meanwhile.
        """
