"""Passwords hashed with Argon2id, off the event loop and only few at a time: each takes 64 MiB."""

import asyncio
from typing import Final
from unicodedata import normalize

from argon2 import PasswordHasher, Type

# The second recommended option of RFC 9106 (section 4), for where 2 GiB a hash are too much: Argon2id with 3
# passes over 64 MiB in 4 lanes, a salt of 128 bits and a tag of 256 bits.
_HASHER: Final = PasswordHasher(
    time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
)
_AT_A_TIME: Final = 2


class Argon2PasswordHashing:
    """Implements `ports.passwords.PasswordHashing`. The text names the parameters, so they can change."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_A_TIME)

    async def hashed(self, password: str) -> str:
        """The same letters typed on another keyboard are the same password: NFKC, as NIST SP 800-63B has
        it.
        """
        async with self._room:
            return await asyncio.to_thread(_HASHER.hash, normalize("NFKC", password))
