"""An order's children as rows: one struct a table, with the table's column names, both for writing and for
reading.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from domain.attempt import Attempt, AttemptState, Operation, SubjectId
from domain.case import Case, CaseAction, CaseReason, Resolution
from domain.events import MessageKind, OutgoingMessage
from domain.identifiers import (
    AttemptId,
    CaseId,
    LineId,
    OrderId,
    PaymentId,
    RefundId,
    ReservationId,
    ReturnId,
    Sku,
)
from domain.money import Currency, Money
from domain.payment import Decline, DeclineReason, Instrument, NextAction, Payment, PaymentState
from domain.payment_method import method_named
from domain.pricing import PricedLine
from domain.reservation import Reservation, ReservationState, ServiceHold


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    id: str
    sku: str
    title: str
    quantity: int
    unit_price_minor: int
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    tax_code: str
    weight_grams: int

    @staticmethod
    def of(line: PricedLine, position: int) -> "LineRow":
        return LineRow(
            position=position,
            id=line.id,
            sku=line.sku,
            title=line.title,
            quantity=line.quantity,
            unit_price_minor=line.unit_price.minor,
            subtotal_minor=line.subtotal.minor,
            discount_minor=line.discount.minor,
            tax_minor=line.tax.minor,
            total_minor=line.total.minor,
            tax_code=line.tax_code,
            weight_grams=line.weight_grams,
        )

    def line(self, currency: Currency) -> PricedLine:
        return PricedLine(
            id=LineId(self.id),
            sku=Sku(self.sku),
            title=self.title,
            quantity=self.quantity,
            unit_price=Money(minor=self.unit_price_minor, currency=currency),
            subtotal=Money(minor=self.subtotal_minor, currency=currency),
            discount=Money(minor=self.discount_minor, currency=currency),
            tax=Money(minor=self.tax_minor, currency=currency),
            total=Money(minor=self.total_minor, currency=currency),
            tax_code=self.tax_code,
            weight_grams=self.weight_grams,
        )


class ReservationRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since_version` is the order's version that brought it; the highest is the latest hold."""

    since_version: int
    id: str
    state: ReservationState
    expires_at: datetime
    service: ServiceHold | None = None

    @staticmethod
    def of(reservation: Reservation, since_version: int) -> "ReservationRow":
        return ReservationRow(
            since_version=since_version,
            id=reservation.id,
            state=reservation.state,
            expires_at=reservation.expires_at,
            service=reservation.service,
        )

    def reservation(self, order_id: OrderId) -> Reservation:
        return Reservation(
            id=ReservationId(self.id),
            order_id=order_id,
            state=self.state,
            expires_at=self.expires_at,
            service=self.service,
        )


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    position: int
    id: str
    provider: str
    state: PaymentState
    amount_minor: int
    captured_minor: int
    created_at: datetime
    reference: str | None = None
    client_secret: str | None = None
    next_action: NextAction | None = None
    decline_reason: DeclineReason | None = None
    decline_code: str | None = None
    offered: str | None = None
    return_url: str | None = None
    return_id: str | None = None
    returned_at: datetime | None = None
    seen_at: datetime | None = None
    was_over: bool | None = None
    method: str | None = None
    expected_by: datetime | None = None
    failed_minor: int | None = None
    forgone_minor: int | None = None
    holds_stray: bool | None = None

    @staticmethod
    def of(payment: Payment, position: int) -> "PaymentRow":
        return PaymentRow(
            position=position,
            id=payment.id,
            provider=payment.provider,
            state=payment.state,
            amount_minor=payment.amount.minor,
            captured_minor=payment.captured.minor,
            created_at=payment.created_at,
            reference=payment.reference,
            client_secret=payment.client_secret,
            next_action=payment.next_action,
            decline_reason=payment.decline.reason if payment.decline else None,
            decline_code=payment.decline.code if payment.decline else None,
            offered=payment.offered.token if payment.offered else None,
            return_url=payment.return_url,
            return_id=payment.return_id,
            returned_at=payment.returned_at,
            seen_at=payment.seen_at,
            was_over=payment.was_over or None,
            method=payment.method.name if payment.method else None,
            expected_by=payment.expected_by,
            failed_minor=payment.failed.minor if payment.failed else None,
            forgone_minor=payment.forgone.minor if payment.forgone else None,
            holds_stray=payment.holds_stray or None,
        )

    def payment(self, order_id: OrderId, currency: Currency) -> Payment:
        declined = self.decline_reason is not None and self.decline_code is not None
        return Payment(
            id=PaymentId(self.id),
            order_id=order_id,
            provider=self.provider,
            state=self.state,
            amount=Money(minor=self.amount_minor, currency=currency),
            captured=Money(minor=self.captured_minor, currency=currency),
            created_at=self.created_at,
            reference=self.reference,
            client_secret=self.client_secret,
            next_action=self.next_action,
            decline=Decline(reason=self.decline_reason, code=self.decline_code) if declined else None,  # type: ignore[arg-type]
            offered=Instrument(token=self.offered) if self.offered is not None else None,
            return_url=self.return_url,
            return_id=ReturnId(self.return_id) if self.return_id is not None else None,
            returned_at=self.returned_at,
            seen_at=self.seen_at,
            was_over=bool(self.was_over),
            method=method_named(self.method) if self.method is not None else None,
            expected_by=self.expected_by,
            failed=Money(minor=self.failed_minor, currency=currency) if self.failed_minor else None,
            forgone=Money(minor=self.forgone_minor, currency=currency) if self.forgone_minor else None,
            holds_stray=bool(self.holds_stray),
        )


_SUBJECTS: Final[dict[Operation, Callable[[str], SubjectId]]] = {
    Operation.REFUND: RefundId,
    Operation.RESERVE: ReservationId,
    Operation.CONFIRM_HOLD: ReservationId,
    Operation.RELEASE_HOLD: ReservationId,
}


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    operation: Operation
    subject_id: str
    state: AttemptState
    tries: int
    started_at: datetime
    until: datetime
    retried_at: datetime | None = None
    detail: str | None = None
    tries_forgiven: int | None = None

    @staticmethod
    def of(attempt: Attempt) -> "AttemptRow":
        return AttemptRow(
            id=attempt.id,
            operation=attempt.operation,
            subject_id=attempt.subject_id,
            state=attempt.state,
            tries=attempt.tries,
            started_at=attempt.started_at,
            until=attempt.until,
            retried_at=attempt.retried_at,
            detail=attempt.detail,
            tries_forgiven=attempt.tries_forgiven or None,
        )

    def attempt(self) -> Attempt:
        subject_of = _SUBJECTS.get(self.operation, PaymentId)
        return Attempt(
            id=AttemptId(self.id),
            operation=self.operation,
            subject_id=subject_of(self.subject_id),
            state=self.state,
            tries=self.tries,
            started_at=self.started_at,
            until=self.until,
            retried_at=self.retried_at,
            detail=self.detail,
            tries_forgiven=self.tries_forgiven or 0,
        )


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the outbox, due at once."""

    id: str
    kind: MessageKind
    due_at: datetime
    wake_at: datetime
    tries: int

    @staticmethod
    def of(message: OutgoingMessage, due_at: datetime) -> "MessageRow":
        return MessageRow(id=message.id, kind=message.kind, due_at=due_at, wake_at=due_at, tries=0)


class CaseRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    position: int
    id: str
    reason: CaseReason
    subject_id: str
    opened_at: datetime
    detail: str | None = None
    assigned_to: str | None = None
    resolved_at: datetime | None = None
    action: CaseAction | None = None
    resolved_by: str | None = None
    why: str | None = None

    @staticmethod
    def of(case: Case, position: int) -> "CaseRow":
        end = case.resolution
        return CaseRow(
            position=position,
            id=case.id,
            reason=case.reason,
            subject_id=case.subject_id,
            opened_at=case.opened_at,
            detail=case.detail,
            assigned_to=case.assigned_to,
            resolved_at=end.at if end else None,
            action=end.action if end else None,
            resolved_by=end.by if end else None,
            why=end.why if end else None,
        )

    def case(self) -> Case:
        return Case(
            id=CaseId(self.id),
            reason=self.reason,
            subject_id=self.subject_id,
            opened_at=self.opened_at,
            detail=self.detail,
            assigned_to=self.assigned_to,
            resolution=self._resolution(),
        )

    def _resolution(self) -> Resolution | None:
        if self.resolved_at is None:
            return None
        return Resolution(at=self.resolved_at, action=self.action, by=self.resolved_by, why=self.why)
