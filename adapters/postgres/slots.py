"""Slots of jobs: a row for each moment, unique, so that one worker runs it."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import AT, CODE, slots

_NOW: Final = parameter("now", AT)
_JOB: Final = parameter("job", CODE)
_THIS: Final = (slots.c.job == _JOB, slots.c.slot_at == parameter("slot_at", AT))
_LEASE: Final = parameter("leased_until", AT)

_WANTED = insert(slots).values(job=_JOB, slot_at=parameter("slot_at", AT), leased_until=_LEASE)
_TAKE = Statement(
    _WANTED.on_conflict_do_update(
        index_elements=[slots.c.job, slots.c.slot_at],
        set_={"leased_until": _WANTED.excluded.leased_until},
        where=slots.c.done_at.is_(None) & (slots.c.leased_until <= _NOW),
    ).returning(slots.c.job)
)
_KEEP = Statement(update(slots).where(*_THIS).values(leased_until=_LEASE))
_DONE = Statement(update(slots).where(*_THIS).values(done_at=_NOW))
_LAST_DONE = Statement(
    select(func.max(slots.c.slot_at).label("slot_at"))
    .where(slots.c.job == _JOB)
    .where(slots.c.done_at.is_not(None))
)


class PostgresSlots:
    """Implements `ports.slots.Slots`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def take(self, job: str, slot_at: datetime, lease_until: datetime, now: datetime) -> bool:
        taken = await run_alone(
            self._connections,
            _TAKE,
            writes=True,
            job=job,
            slot_at=slot_at,
            leased_until=lease_until,
            now=now,
        )
        return bool(taken)

    async def keep(self, job: str, slot_at: datetime, lease_until: datetime) -> None:
        await run_alone(
            self._connections, _KEEP, writes=True, job=job, slot_at=slot_at, leased_until=lease_until
        )

    async def done(self, job: str, slot_at: datetime, now: datetime) -> None:
        await run_alone(self._connections, _DONE, writes=True, job=job, slot_at=slot_at, now=now)

    async def last_done(self, job: str) -> datetime | None:
        (row,) = await run_alone(self._connections, _LAST_DONE, job=job)
        last: datetime | None = row["slot_at"]
        return last
