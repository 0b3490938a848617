"""Slots: moments at which a job is to run once, whoever of several workers does it."""

from datetime import datetime
from typing import Protocol


class Slots(Protocol):
    async def take(self, job: str, slot_at: datetime, lease_until: datetime, now: datetime) -> bool:
        """Whether the slot is the caller's until the lease ends: it is not done, and in nobody's hands."""

    async def keep(self, job: str, slot_at: datetime, lease_until: datetime) -> None:
        """The slot stays taken until then, for whoever works on it; or is put off, after a failure."""

    async def done(self, job: str, slot_at: datetime, now: datetime) -> None:
        """Nobody takes it any more."""

    async def last_done(self, job: str) -> datetime | None:
        """The latest slot that is done."""
