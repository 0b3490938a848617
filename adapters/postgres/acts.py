"""What people did to parked work, kept with it as a JSON list."""

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, literal_column

from domain.act import Act


class _ActDocument(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    by: str
    why: str


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(list[_ActDocument]).decode


def empty_list() -> ColumnElement[Any]:
    return literal_column("'[]'::jsonb")


def act_document(act: Act) -> str:
    """A list of this one, to be added to a list."""
    return _encode([_ActDocument(act.at, act.by, act.why)]).decode()


def acts_from(document: str | None) -> tuple[Act, ...]:
    """Oldest first."""
    rows = _decode(document) if document else ()
    return tuple(Act(by=row.by, why=row.why, at=row.at) for row in rows)
