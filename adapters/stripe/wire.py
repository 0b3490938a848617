"""Between Stripe's shapes and ours: amounts in its units, its statuses in neutral words."""

from datetime import UTC, datetime
from math import ceil
from typing import Any, Final, TypeVar

import msgspec

from adapters.stripe.errors import decline_reason
from adapters.stripe.methods import payment_method
from domain.dispute import DisputeSnapshot, DisputeState
from domain.errors import UnknownCurrency
from domain.identifiers import OrderId, PaymentId, RefundId
from domain.money import Currency, Money, currency_codes
from domain.payment import Decline, NextAction, NextActionKind, PaymentSnapshot, PaymentState
from domain.payment_method import PaymentMethod
from domain.period import Period
from domain.refund import RefundSnapshot, RefundState
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund

# Currencies that Stripe keeps with two decimals although they have none in use: amounts end in 00.
# https://docs.stripe.com/currencies#special-cases
_TWO_DECIMALS_AT_STRIPE: Final = frozenset({"ISK", "UGX"})
STATES: Final = {
    "requires_payment_method": PaymentState.AWAITING_METHOD,
    "requires_confirmation": PaymentState.AWAITING_CONFIRMATION,
    "requires_action": PaymentState.AWAITING_ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}
# A status that is not known is PENDING.
REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# A status that is not known is OPEN: a person looks at it.
DISPUTE_STATES: Final = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.WON,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
_SHOPPERS_TURN: Final = frozenset(
    {PaymentState.AWAITING_METHOD, PaymentState.AWAITING_CONFIRMATION, PaymentState.AWAITING_ACTION}
)


class AnswerUnreadable(Exception):
    """Stripe's answer is not what its specification says; nothing of it is told, it may hold secrets."""


class _Redirect(msgspec.Struct):
    url: str | None = None


class _NextAction(msgspec.Struct):
    redirect_to_url: _Redirect | None = None


class _PaymentError(msgspec.Struct):
    code: str | None = None
    decline_code: str | None = None


class _Method(msgspec.Struct):
    type: str


class _Intent(msgspec.Struct):
    """`payment_method` is an id, or the whole where it was asked for."""

    id: str
    status: str
    amount: int
    currency: str
    amount_received: int | None = None
    client_secret: str | None = None
    next_action: _NextAction | None = None
    last_payment_error: _PaymentError | None = None
    payment_method: str | _Method | None = None
    payment_method_types: list[str] = msgspec.field(default_factory=list)

    @property
    def state(self) -> PaymentState:
        """A status that is not known is PROCESSING: pending, never failed."""
        return STATES.get(self.status, PaymentState.PROCESSING)


class _Refund(msgspec.Struct):
    id: str
    amount: int
    currency: str
    status: str | None = None


class _BalanceTransaction(msgspec.Struct):
    amount: int


class _EvidenceDetails(msgspec.Struct):
    """`due_by` is 0 where the bank hears nobody."""

    due_by: int | None = None


class _Dispute(msgspec.Struct):
    id: str
    amount: int
    currency: str
    status: str
    balance_transactions: list[_BalanceTransaction] | None = None
    evidence_details: _EvidenceDetails | None = None

    @property
    def evidence_due_by(self) -> datetime | None:
        due_by = self.evidence_details.due_by if self.evidence_details else None
        return datetime.fromtimestamp(due_by, UTC) if due_by else None


class _Labelled(msgspec.Struct):
    metadata: dict[str, str] | None = None


class _Made(msgspec.Struct):
    created: int


class _OfPayment(msgspec.Struct):
    """What is about a charge that was made without a PaymentIntent names none."""

    currency: str
    payment_intent: str | None = None


class Page(msgspec.Struct):
    """One page of a list; the next one starts after the last record's id."""

    data: list[dict[str, Any]]
    has_more: bool


S = TypeVar("S", bound=msgspec.Struct)


def to_stripe(money: Money) -> int:
    return money.minor * 100 if money.currency.code in _TWO_DECIMALS_AT_STRIPE else money.minor


def created_within(period: Period) -> dict[str, Any]:
    """The bounds of a list in Stripe's whole seconds; one that has begun belongs to the period."""
    return {"created": {"gte": int(period.since.timestamp()), "lt": ceil(period.until.timestamp())}}


def from_stripe(amount: int, code: str) -> Money:
    """Raises AnswerUnreadable for a currency that FastCart doesn't sell in."""
    try:
        currency = Currency.of(code)
    except UnknownCurrency:
        raise AnswerUnreadable from None
    return Money(
        minor=amount // 100 if currency.code in _TWO_DECIMALS_AT_STRIPE else amount, currency=currency
    )


def is_sold_in(code: str) -> bool:
    """Whether it is a currency of FastCart's."""
    return code.upper() in currency_codes()


def payment_snapshot(body: object) -> PaymentSnapshot:
    """A PaymentIntent as a snapshot. Raises AnswerUnreadable."""
    intent = read_as(body, _Intent)
    return PaymentSnapshot(
        reference=intent.id,
        state=intent.state,
        amount=from_stripe(intent.amount, intent.currency),
        received=from_stripe(intent.amount_received or 0, intent.currency),
        client_secret=intent.client_secret,
        next_action=_next_action(intent),
        decline=_decline(intent),
        method=_method(intent),
    )


def refund_snapshot(body: object) -> RefundSnapshot:
    """Raises AnswerUnreadable."""
    refund = read_as(body, _Refund)
    return RefundSnapshot(
        reference=refund.id,
        state=REFUND_STATES.get(refund.status or "", RefundState.PENDING),
        amount=from_stripe(refund.amount, refund.currency),
    )


def dispute_snapshot(body: object) -> DisputeSnapshot:
    """Withdrawals and reinstatements may be in the currency of the payout; their sum's sign says enough.

    Raises AnswerUnreadable.
    """
    dispute = read_as(body, _Dispute)
    moved = sum(transaction.amount for transaction in dispute.balance_transactions or ())
    return DisputeSnapshot(
        reference=dispute.id,
        state=DISPUTE_STATES.get(dispute.status, DisputeState.OPEN),
        amount=from_stripe(dispute.amount, dispute.currency),
        withdrawn=moved < 0,
        evidence_due_by=dispute.evidence_due_by,
    )


def page_of(body: object) -> Page:
    """Raises AnswerUnreadable, also for a page that promises more and holds nothing to go on from."""
    page = read_as(body, Page)
    if page.has_more and not (page.data and isinstance(page.data[-1].get("id"), str)):
        raise AnswerUnreadable
    return page


def listed_payment(body: object) -> ListedPayment | None:
    """None for a payment that doesn't carry our ids: it may be in a currency, or a shape, that we don't know.

    Raises AnswerUnreadable.
    """
    payment_id, order_id = label(body, "payment_id"), label(body, "order_id")
    if payment_id is None or order_id is None:
        return None
    return ListedPayment(
        payment_id=PaymentId(payment_id),
        order_id=OrderId(order_id),
        created_at=_created_at(body),
        snapshot=payment_snapshot(body),
    )


def listed_refund(body: object) -> ListedRefund | None:
    """None for one that can't be of a payment of ours: it is of none, or in a currency that we don't sell in.

    Raises AnswerUnreadable.
    """
    refund, refund_id = read_as(body, _OfPayment), label(body, "refund_id")
    if refund.payment_intent is None or not is_sold_in(refund.currency):
        return None
    return ListedRefund(
        refund_id=RefundId(refund_id) if refund_id is not None else None,
        payment_reference=refund.payment_intent,
        created_at=_created_at(body),
        snapshot=refund_snapshot(body),
    )


def listed_dispute(body: object) -> ListedDispute | None:
    """None for one that can't be about a payment of ours: see `listed_refund`.

    Raises AnswerUnreadable.
    """
    about = read_as(body, _OfPayment)
    if about.payment_intent is None or not is_sold_in(about.currency):
        return None
    return ListedDispute(
        payment_reference=about.payment_intent,
        created_at=_created_at(body),
        snapshot=dispute_snapshot(body),
    )


def _created_at(body: object) -> datetime:
    return datetime.fromtimestamp(read_as(body, _Made).created, UTC)


def label(body: object, name: str) -> str | None:
    """What we wrote on the object when it was made. Raises AnswerUnreadable."""
    return (read_as(body, _Labelled).metadata or {}).get(name)


def read_as(body: object, kind: type[S]) -> S:
    """Raises AnswerUnreadable."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError:
        raise AnswerUnreadable from None


def _decline(intent: _Intent) -> Decline | None:
    error = intent.last_payment_error
    if error is None or intent.state is not PaymentState.AWAITING_METHOD:
        return None
    code = error.decline_code or error.code or "unknown"
    return Decline(reason=decline_reason(code), code=code)


def _method(intent: _Intent) -> PaymentMethod | None:
    """An id alone tells of a method only where no other is offered."""
    used, types = intent.payment_method, intent.payment_method_types
    if isinstance(used, _Method):
        return payment_method(used.type)
    return payment_method(types[0]) if used is not None and len(types) == 1 else None


def _next_action(intent: _Intent) -> NextAction | None:
    if intent.state is PaymentState.PROCESSING:
        return NextAction(kind=NextActionKind.WAIT)
    if intent.state not in _SHOPPERS_TURN:
        return None
    redirect = intent.next_action.redirect_to_url if intent.next_action else None
    if redirect is not None and redirect.url:
        return NextAction(kind=NextActionKind.REDIRECT, url=redirect.url)
    return NextAction(kind=NextActionKind.IN_PAGE, provider="stripe", payload=intent.client_secret)
