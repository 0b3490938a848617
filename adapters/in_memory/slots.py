"""Slots of jobs, in one process."""

from datetime import datetime

from adapters.in_memory.storage import SlotRecord, Storage
from domain.values import replace


class InMemorySlots:
    """Implements `ports.slots.Slots`."""

    def __init__(self, storage: Storage) -> None:
        self._slots = storage.slots

    async def take(self, job: str, slot_at: datetime, lease_until: datetime, now: datetime) -> bool:
        known = self._slots.get((job, slot_at))
        if known is not None and (known.done or known.leased_until > now):
            return False
        self._slots[job, slot_at] = SlotRecord(leased_until=lease_until)
        return True

    async def keep(self, job: str, slot_at: datetime, lease_until: datetime) -> None:
        if (known := self._slots.get((job, slot_at))) is not None:
            self._slots[job, slot_at] = replace(known, leased_until=lease_until)

    async def done(self, job: str, slot_at: datetime, now: datetime) -> None:
        if (known := self._slots.get((job, slot_at))) is not None:
            self._slots[job, slot_at] = replace(known, done=True)

    async def last_done(self, job: str) -> datetime | None:
        done = (at for (name, at), slot in self._slots.items() if name == job and slot.done)
        return max(done, default=None)
