"""Orders with all their facts: read in one statement, written in one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.postgres import order_agreement, order_statements
from adapters.postgres.claims import answer_along
from adapters.postgres.money_back_rows import DisputeRow, RefundRow, ShortageRow
from adapters.postgres.order_changes import changes_between, everything_in
from adapters.postgres.order_rows import AttemptRow, CaseRow, LineRow, PaymentRow, ReservationRow
from adapters.postgres.order_statements import ANSWERED, Moving
from adapters.postgres.session import Refusal, Session, outdated
from adapters.postgres.statement import Row
from adapters.postgres.stock_moves import wanted
from domain.identifiers import CheckoutId, CustomerId, OrderId
from domain.money import Currency
from domain.order import ClosingReason, Order, OrderState
from domain.order_facts import OrderFacts
from domain.shop import CaptureMethod
from ports.unit_of_work import DueOrder


@dataclass(frozen=True, slots=True)
class _Move:
    """The stock that moves with the order, if any."""

    moving: Moving | None = None
    refusal: Refusal | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


class PostgresOrders:
    """Implements `ports.unit_of_work.Orders`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loaded: dict[OrderId, tuple[OrderFacts, datetime | None]] = {}

    async def get(self, order_id: OrderId) -> OrderFacts | None:
        row = await self._session.read_one(order_statements.GET, id=order_id)
        if row is None:
            return None
        facts = facts_from(row)
        self._loaded[order_id] = (facts, row["due_at"])
        return facts

    async def get_all(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, OrderFacts]:
        rows = await self._session.read(order_statements.GET_ALL, ids=list(order_ids))
        return {OrderId(row["id"]): facts_from(row) for row in rows}

    async def add(self, facts: OrderFacts, due_at: datetime | None) -> None:
        parts = everything_in(facts)
        order = facts.order
        move = self._move()
        await self._session.write_later(
            order_statements.adding(parts.names, move.moving),
            refusal=move.refusal,
            joined_by=lambda more: order_statements.adding(parts.names | {more}, move.moving),
            **move.parameters,
            **parts.parameters,
            **_mutable(order),
            id=order.id,
            checkout_id=order.checkout_id,
            placed_at=order.placed_at,
            total_minor=order.total.minor,
            currency=order.total.currency.code,
            capture_method=order.capture_method.value,
            client_token_hash=order.client_token_hash,
            version=order.version,
            due_at=due_at,
            wake_at=due_at,
            agreement=order_agreement.written(order),
            customer_id=order.payer.customer_id if order.payer else None,
        )

    async def save(
        self, before: OrderFacts, after: OrderFacts, due_at: datetime | None, *, is_last: bool = False
    ) -> None:
        """Writes nothing if `before` was loaded in this unit of work and nothing has changed, its time
        included.
        """
        if before == after and self._loaded.get(after.order.id) == (before, due_at):
            return
        parts = changes_between(before, after)
        names, answer = parts.names, self._answer(before, after) if is_last else {}
        move = self._move()
        await self._session.write_later(
            order_statements.saving(names | {ANSWERED} if answer else names, move.moving),
            refusal=outdated,
            **answer,
            **move.parameters,
            **parts.parameters,
            **_mutable(after.order),
            order_id=after.order.id,
            before=before.order.version,
            due_at=due_at,
        )

    def _answer(self, before: OrderFacts, after: OrderFacts) -> dict[str, Any]:
        along = answer_along(lambda: after.as_stored(before.order.version + 1))
        if along is None:
            return {}
        parameters, when_committed = along
        self._session.when_committed(when_committed)
        return parameters

    def _move(self) -> "_Move":
        if (waiting := self._session.taken_move()) is None:
            return _Move()
        moving = Moving(waiting.move, single=len(waiting.goods) == 1)
        return _Move(moving, waiting.refusal, wanted(waiting.goods))

    async def id_of_checkout(self, checkout_id: CheckoutId) -> OrderId | None:
        row = await self._session.read_one(order_statements.ID_OF_CHECKOUT, id=checkout_id)
        return OrderId(row["id"]) if row else None

    async def of_customer(
        self, customer_id: CustomerId, after: OrderId | None, limit: int
    ) -> Sequence[OrderId]:
        wanted = {"customer_id": customer_id, "after": after, "limit": limit}
        rows = await self._session.read(order_statements.OF_CUSTOMER, **wanted)
        return [OrderId(row["id"]) for row in rows]

    async def forget_person(self, order: Order) -> None:
        await self._session.write_later(
            order_statements.FORGET_PERSON,
            refusal=outdated,
            order_id=order.id,
            before=order.version - 1,
            agreement=order_agreement.written(order),
        )

    async def id_of_payment(self, provider: str, reference: str) -> OrderId | None:
        row = await self._session.read_one(
            order_statements.ID_OF_PAYMENT, provider=provider, reference=reference
        )
        return OrderId(row["id"]) if row else None

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[DueOrder]:
        rows = await self._session.write(order_statements.DUE, now=now, lease_until=lease_until, limit=limit)
        rows.sort(key=lambda row: (row["was_due_at"], row["number"]))
        return [DueOrder(id=OrderId(row["id"]), failures=row["failures"] or 0) for row in rows]

    async def failed(self, order_id: OrderId) -> int:
        rows = await self._session.write(order_statements.FAILED, order_id=order_id)
        return int(rows[0]["failures"]) if rows else 0

    async def recovered(self, order_id: OrderId) -> None:
        await self._session.write_later(order_statements.RECOVERED, order_id=order_id)

    async def put_off(self, order_id: OrderId, until: datetime) -> None:
        await self._session.write_later(order_statements.PUT_OFF, order_id=order_id, until=until)


def _mutable(order: Order) -> dict[str, Any]:
    return {
        "state": order.state.value,
        "pay_until": order.pay_until,
        "closing_reason": order.closing_reason.value if order.closing_reason else None,
        "closed_at": order.closed_at,
    }


_lines: Final = msgspec.json.Decoder(tuple[LineRow, ...]).decode
_payments: Final = msgspec.json.Decoder(tuple[PaymentRow, ...]).decode
_attempts: Final = msgspec.json.Decoder(tuple[AttemptRow, ...]).decode
_refunds: Final = msgspec.json.Decoder(tuple[RefundRow, ...]).decode
_shortages: Final = msgspec.json.Decoder(tuple[ShortageRow, ...]).decode
_disputes: Final = msgspec.json.Decoder(tuple[DisputeRow, ...]).decode
_cases: Final = msgspec.json.Decoder(tuple[CaseRow, ...]).decode
_reservation: Final = msgspec.json.Decoder(ReservationRow).decode
_NONE: Final = "[]"


def facts_from(row: Row) -> OrderFacts:
    """The facts of a row of `order_statements.FACTS`."""
    order_id, currency = OrderId(row["id"]), Currency.of(row["currency"])
    hold = row["reservation"]
    return OrderFacts(
        order=_order(row, currency),
        reservation=_reservation(hold).reservation(order_id) if hold else None,
        payments=tuple(
            payment.payment(order_id, currency) for payment in _payments(row["payments"] or _NONE)
        ),
        attempts=tuple(attempt.attempt() for attempt in _attempts(row["attempts"] or _NONE)),
        refunds=tuple(refund.refund(currency) for refund in _refunds(row["refunds"] or _NONE)),
        shortages=tuple(row.shortage(currency) for row in _shortages(row["shortages"] or _NONE)),
        disputes=tuple(row.dispute(currency) for row in _disputes(row["disputes"] or _NONE)),
        cases=tuple(case.case() for case in _cases(row["cases"] or _NONE)),
    )


def _order(row: Row, currency: Currency) -> Order:
    return Order(
        id=OrderId(row["id"]),
        checkout_id=CheckoutId(row["checkout_id"]),
        state=OrderState(row["state"]),
        lines=tuple(line.line(currency) for line in _lines(row["order_lines"] or _NONE)),
        capture_method=CaptureMethod(row["capture_method"]),
        placed_at=row["placed_at"],
        pay_until=row["pay_until"],
        client_token_hash=row["client_token_hash"],
        version=row["version"],
        closing_reason=ClosingReason(row["closing_reason"]) if row["closing_reason"] else None,
        closed_at=row["closed_at"],
        **order_agreement.read(row["agreement"], currency),
    )
