"""The clock of the machine, and its randomness."""

import asyncio
import random
import secrets
from datetime import UTC, datetime

import uuid_utils

from domain.identifiers import prefixed


class SystemClock:
    """Implements `ports.clock.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        return prefixed(prefix, uuid_utils.uuid7().int)

    def random_fraction(self) -> float:
        return random.random()  # noqa: S311 - it spreads retries, and guards nothing

    def new_secret(self) -> str:
        return secrets.token_urlsafe(24)
