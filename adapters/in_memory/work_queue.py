"""What the inbox and the outbox have in common: records that are due at a time, leased to one worker after
another.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from adapters.in_memory.storage import WorkRecord
from adapters.in_memory.transaction import Layer
from domain.act import Act
from domain.values import replace

T = TypeVar("T")


def take(
    records: Layer[str, WorkRecord[T]], key: str, lease_until: datetime, now: datetime
) -> WorkRecord[T] | None:
    """The record, set aside until the lease ends; None if it is not due."""
    record = records.get(key)
    if record is None or record.due_at is None or record.due_at > now:
        return None
    taken = replace(record, due_at=lease_until, tries=record.tries + 1)
    records.put(key, taken)
    return taken


def due(records: Layer[str, WorkRecord[T]], now: datetime, limit: int) -> Sequence[str]:
    waiting = [
        (record.due_at, key) for key, record in records.items() if record.due_at and record.due_at <= now
    ]
    return [key for _, key in sorted(waiting)[:limit]]


def reschedule(records: Layer[str, WorkRecord[T]], key: str, at: datetime | None) -> None:
    """Due at another time, or never again. What is finished stays so."""
    record = records.get(key)
    if record is not None and record.due_at is not None:
        records.put(key, replace(record, due_at=at))


def park(records: Layer[str, WorkRecord[T]], key: str, reason: str, now: datetime) -> None:
    """Never due again by itself. What is finished stays so."""
    record = records.get(key)
    if record is not None and record.due_at is not None:
        records.put(key, replace(record, due_at=None, parked_because=reason, parked_at=now))


def replay(records: Layer[str, WorkRecord[T]], key: str, act: Act) -> bool:
    """Due at once with all its tries; False if it isn't parked."""
    record = records.get(key)
    if record is None or record.parked_at is None:
        return False
    anew = WorkRecord(content=record.content, due_at=act.at, replays=(*record.replays, act))
    records.put(key, anew)
    return True
