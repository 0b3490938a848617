"""What one commit adds to an order's log: events and journal entries as JSON arrays, and the domain's words
for them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from domain.events import Event, EventKind
from domain.journal import JournalEntry
from domain.news import News

_MICROSECOND: Final = timedelta(microseconds=1)
_encode: Final = msgspec.json.Encoder().encode


class _Told(msgspec.Struct, frozen=True, array_like=True):
    """An event; what is missing at the end is left off. `microseconds_later` than the log row's time.

    `by` and `why` come with what people did.
    """

    kind: EventKind
    subject_id: str
    detail: str | None = None
    microseconds_later: int = 0
    by: str | None = None
    why: str | None = None


_decode: Final = msgspec.json.Decoder(list[_Told]).decode


def written(news: News, otherwise_at: datetime) -> dict[str, Any]:
    """The parameters of the log's part of a statement; empty when there is nothing to log."""
    if not news.events and not news.entries:
        return {}
    at = news.events[0].at if news.events else otherwise_at
    return {
        "log_at": at,
        "events": _encode([_told(event, at) for event in news.events]).decode() if news.events else None,
        "entries": _encode(_booked(news.entries, at)).decode() if news.entries else None,
    }


def events(document: str | None, at: datetime) -> list[Event]:
    """The events of a row of the log that was written at this time."""
    return [_event(told, at) for told in _decode(document)] if document else []


def _told(event: Event, at: datetime) -> list[Any]:
    later = 0 if event.at is at else _microseconds(event.at - at)
    row = [event.kind, event.subject_id, event.detail, later, event.by, event.why]
    while row[-1] in (None, 0):
        row.pop()
    return row


def _event(told: _Told, at: datetime) -> Event:
    moment = at + timedelta(microseconds=told.microseconds_later)
    return Event(
        kind=told.kind,
        at=moment,
        subject_id=told.subject_id,
        detail=told.detail,
        by=told.by,
        why=told.why,
    )


def _booked(entries: Sequence[JournalEntry], at: datetime) -> list[Any]:
    """Movement and subject of each entry, its postings as pairs of account and minor units, and its time like
    an event's.

    The view `journal_postings` reads it.
    """
    return [
        (entry.movement, entry.subject_id, [(p.account, p.amount.minor) for p in entry.postings])
        + ((later,) if (later := _microseconds(entry.at - at)) else ())
        for entry in entries
    ]


def _microseconds(duration: timedelta) -> int:
    return duration // _MICROSECOND
