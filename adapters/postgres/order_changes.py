"""What a save has to write: the rows that are new or different between two states of an order's facts, and
the news.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import EnumType
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Final, Protocol, Union, get_args, get_origin

import msgspec
from msgspec.structs import astuple

from adapters.postgres import order_log
from adapters.postgres.money_back_rows import DisputeRow, RefundRow, ShortageRow
from adapters.postgres.order_rows import (
    AttemptRow,
    CaseRow,
    LineRow,
    MessageRow,
    PaymentRow,
    ReservationRow,
)
from adapters.postgres.order_statements import ALONE, CHANGED
from domain.news import News
from domain.order_facts import OrderFacts
from domain.reservation import Reservation

_encode: Final = msgspec.json.Encoder().encode
_PLAIN: Final = frozenset({str, int, bool, datetime})


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a statement (see `order_statements`) by name, and what each of them is given."""

    _rows: dict[str, list[Any]] = field(default_factory=dict)
    _log: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        rows = (name if len(rows) > 1 else name + ALONE for name, rows in self._rows.items())
        return frozenset((*rows, "log") if self._log else rows)

    @property
    def parameters(self) -> dict[str, Any]:
        given = dict(self._log)
        for name, rows in self._rows.items():
            if len(rows) > 1:
                given[f"{name}_rows"] = _encode(rows).decode()
            else:
                given |= _columns(name + ALONE, rows[0])
        return given

    def put(self, name: str, row: object) -> None:
        self._rows.setdefault(name, []).append(row)

    def compare(
        self, name: str, before: Sequence[_Identified], after: Sequence[_Identified], row: Any
    ) -> None:
        """Puts a row for each that is new, or changed; `row` makes it, given the record and its position."""
        if after is before:
            return
        known = {record.id: record for record in before}
        for position, record in enumerate(after):
            if record.id not in known:
                self.put(name, row(record, position))
            elif record != known[record.id]:
                self.put(name + CHANGED, row(record, position))

    def tell(self, news: News, otherwise_at: datetime) -> None:
        """The news; messages are due with the last event."""
        self._log.update(order_log.written(news, otherwise_at))
        due_at = news.events[-1].at if news.events else otherwise_at
        for message in news.messages:
            self.put("outbox", MessageRow.of(message, due_at))


def _columns(name: str, row: msgspec.Struct) -> dict[str, Any]:
    """A row's values as parameters."""
    names, translated = _shape(name, type(row))
    values = list(astuple(row))
    for position, translate in translated:
        if values[position] is not None:
            values[position] = translate(values[position])
    return dict(zip(names, values, strict=True))


@cache
def _shape(
    name: str, row: type[msgspec.Struct]
) -> tuple[tuple[str, ...], tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """The parameters of such a row, and which of its values the driver wouldn't take as they are."""
    fields = msgspec.structs.fields(row)
    names = tuple(f"{name}_{field.name}" for field in fields)
    found = ((position, _translation(field.type)) for position, field in enumerate(fields))
    return names, tuple((position, translate) for position, translate in found if translate is not None)


def _translation(type_: Any) -> Callable[[Any], Any] | None:
    """None for what goes as it is; words by their value, and documents as JSON."""
    is_optional = get_origin(type_) in (Union, UnionType)
    (wanted,) = [each for each in get_args(type_) if each is not NoneType] if is_optional else [type_]
    if wanted in _PLAIN:
        return None
    if isinstance(wanted, EnumType):
        return attrgetter("value")
    return lambda document: _encode(document).decode()


def everything_in(facts: OrderFacts) -> Parts:
    """All of a new order."""
    parts = Parts()
    for position, line in enumerate(facts.order.lines):
        parts.put("order_lines", LineRow.of(line, position))
    if facts.reservation is not None:
        parts.put("reservations", ReservationRow.of(facts.reservation, facts.order.version))
    _compare_children(parts, OrderFacts(order=facts.order), facts)
    parts.tell(facts.news, facts.order.placed_at)
    return parts


def changes_between(before: OrderFacts, after: OrderFacts) -> Parts:
    parts = Parts()
    _compare_children(parts, before, after)
    _compare_holds(parts, before.reservation, after.reservation, before.order.version + 1)
    parts.tell(after.news, after.order.placed_at)
    return parts


def _compare_children(parts: Parts, before: OrderFacts, after: OrderFacts) -> None:
    parts.compare("payments", before.payments, after.payments, PaymentRow.of)
    parts.compare("attempts", before.attempts, after.attempts, lambda attempt, _: AttemptRow.of(attempt))
    parts.compare("refunds", before.refunds, after.refunds, RefundRow.of)
    parts.compare("shortages", before.shortages, after.shortages, ShortageRow.of)
    parts.compare("disputes", before.disputes, after.disputes, DisputeRow.of)
    parts.compare("cases", before.cases, after.cases, CaseRow.of)


def _compare_holds(parts: Parts, before: Reservation | None, after: Reservation | None, version: int) -> None:
    if after is None or after == before:
        return
    if before is not None and before.id == after.id:
        parts.put("reservations" + CHANGED, ReservationRow.of(after, version))
        return
    if before is not None and before.holds_goods:
        # Over, and held again in one go.
        parts.put("reservations" + CHANGED, ReservationRow.of(before.given_up(), version))
    parts.put("reservations", ReservationRow.of(after, version))
