"""Remembering what was dear to find out, for all processes together where they share a store.

A cache never fails: one that can't be reached remembers nothing, and says so in the log.
"""

from typing import Protocol


class Cache(Protocol):
    """Keys are as long as they need to be, and may say what they are about: they are kept as hashes.

    What is put may be gone at any moment; nothing may depend on it but speed. None of these raises.
    """

    async def get(self, key: str) -> bytes | None:
        """What was put last, unless its time is over."""

    async def put(self, key: str, value: bytes, ttl_seconds: int) -> None:
        """Keeps it for so long, in place of what was there. `ttl_seconds` is at least 1."""

    async def put_if_absent(self, key: str, value: bytes, ttl_seconds: int) -> bool:
        """Whether it was put, because nothing was there: of all who ask, one gets True, and the others False
        until the time is over or the key is forgotten.

        True too when the cache is away: what it keeps from being done twice is better done twice than never.
        """

    async def forget(self, key: str) -> None: ...
