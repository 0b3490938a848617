"""Between Stripe's subscriptions and invoices and ours: its statuses in neutral words, sums in our money."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from adapters.stripe.wire import AnswerUnreadable, from_stripe, label, payment_snapshot, read_as
from domain.identifiers import SubscriptionId
from domain.invoice import InvoiceSnapshot, InvoiceState
from domain.money import Money
from domain.payment import NextAction
from domain.period import Period
from domain.standing import SubscriptionSnapshot, SubscriptionState
from ports.subscription_billing import SubscriptionRequest

SUBSCRIPTION_ID: Final = "subscription_id"
# A status that is not known changes nothing.
STATES: Final = {
    "incomplete": SubscriptionState.INCOMPLETE,
    "trialing": SubscriptionState.ACTIVE,
    "active": SubscriptionState.ACTIVE,
    "past_due": SubscriptionState.PAST_DUE,
    "unpaid": SubscriptionState.UNPAID,
    "paused": SubscriptionState.PAUSED,
    "incomplete_expired": SubscriptionState.ENDED,
    "canceled": SubscriptionState.ENDED,
}
# A status that is not known is a draft: nothing is owed or paid yet.
INVOICE_STATES: Final = {
    "draft": InvoiceState.DRAFT,
    "open": InvoiceState.OPEN,
    "uncollectible": InvoiceState.UNCOLLECTIBLE,
    "paid": InvoiceState.PAID,
    "void": InvoiceState.VOID,
}


class _Price(msgspec.Struct):
    """`unit_amount` is null where it takes more than one number to say what it costs."""

    id: str
    currency: str
    unit_amount: int | None = None

    @property
    def amount(self) -> Money | None:
        return from_stripe(self.unit_amount, self.currency) if self.unit_amount is not None else None


class _Item(msgspec.Struct):
    id: str
    price: _Price


class _Items(msgspec.Struct):
    data: list[_Item]


class _LatestInvoice(msgspec.Struct):
    """Expanded, with the payment that it waits for as a whole; an id otherwise."""

    payment_intent: dict[str, Any] | str | None = None


class _Subscription(msgspec.Struct):
    id: str
    status: str
    items: _Items
    current_period_start: int
    current_period_end: int
    cancel_at_period_end: bool
    cancel_at: int | None = None
    ended_at: int | None = None
    latest_invoice: _LatestInvoice | str | None = None

    @property
    def payment(self) -> dict[str, Any] | None:
        invoice = self.latest_invoice
        intent = invoice.payment_intent if isinstance(invoice, _LatestInvoice) else None
        return intent if isinstance(intent, dict) else None

    @property
    def period(self) -> Period | None:
        since, until = _at(self.current_period_start), _at(self.current_period_end)
        return Period(since=since, until=until) if since < until else None


class _Span(msgspec.Struct):
    start: int
    end: int


class _Line(msgspec.Struct):
    period: _Span
    type: str
    proration: bool = False


class _Lines(msgspec.Struct):
    data: list[_Line]


class _Invoice(msgspec.Struct):
    """`period_start` and `period_end` say when things were bought, not what for: its lines do."""

    id: str
    currency: str
    total: int
    amount_paid: int
    attempt_count: int
    created: int
    lines: _Lines
    status: str | None = None
    tax: int | None = None
    paid_out_of_band: bool = False
    charge: str | None = None
    next_payment_attempt: int | None = None

    @property
    def state(self) -> InvoiceState:
        return INVOICE_STATES.get(self.status or "", InvoiceState.DRAFT)

    @property
    def failed_tries(self) -> int:
        """Stripe counts all its tries: of a paid invoice the last one was not in vain."""
        came_by_a_try = self.state is InvoiceState.PAID and self.charge is not None
        return max(self.attempt_count - came_by_a_try, 0)

    @property
    def spans(self) -> list[_Span]:
        renewals = [line.period for line in self.lines.data if line.type == "subscription"]
        return renewals or [line.period for line in self.lines.data]

    def money(self, amount: int) -> Money:
        return from_stripe(amount, self.currency)


def subscription_form(request: SubscriptionRequest) -> dict[str, Any]:
    """Without an instrument the customer pays in the page, and what they pay with is kept for the next
    time.
    """
    form: dict[str, Any] = {
        "customer": request.customer_reference,
        "items": [{"price": request.terms.price_reference}],
        "metadata": {SUBSCRIPTION_ID: request.subscription_id},
    }
    if request.instrument is not None:
        return form | {
            "payment_behavior": "allow_incomplete",
            "default_payment_method": request.instrument.token,
        }
    return form | {
        "payment_behavior": "default_incomplete",
        "payment_settings": {"save_default_payment_method": "on_subscription"},
    }


def reference_of(body: object) -> str:
    """Raises AnswerUnreadable."""
    return read_as(body, _Subscription).id


def item_of(body: object) -> str:
    """The id of the one thing that a subscription of ours is for. Raises AnswerUnreadable."""
    return _only_item(read_as(body, _Subscription)).id


def subscription_snapshot(body: object) -> SubscriptionSnapshot:
    """A subscription with the payment that it waits for expanded. Raises AnswerUnreadable."""
    subscription, our_id = read_as(body, _Subscription), label(body, SUBSCRIPTION_ID)
    price = _only_item(subscription).price
    return SubscriptionSnapshot(
        reference=subscription.id,
        subscription_id=SubscriptionId(our_id) if our_id is not None else None,
        state=STATES.get(subscription.status),
        price_reference=price.id,
        period=subscription.period,
        ends_at_period_end=subscription.cancel_at_period_end,
        ended_at=_at(subscription.ended_at) if subscription.ended_at else None,
        next_action=_next_action(subscription),
        price=price.amount,
    )


def invoice_snapshot(body: object) -> InvoiceSnapshot:
    """What was paid without Stripe is no money that Stripe holds. Raises AnswerUnreadable."""
    invoice = read_as(body, _Invoice)
    spans = invoice.spans
    next_try = invoice.next_payment_attempt
    return InvoiceSnapshot(
        reference=invoice.id,
        state=invoice.state,
        total=invoice.money(invoice.total),
        tax=invoice.money(invoice.tax or 0),
        paid=invoice.money(0 if invoice.paid_out_of_band else invoice.amount_paid),
        failed_tries=invoice.failed_tries,
        created_at=_at(invoice.created),
        bills_from=_at(min(span.start for span in spans)) if spans else None,
        bills_until=_at(max(span.end for span in spans)) if spans else None,
        next_try_at=_at(next_try) if next_try else None,
    )


def _only_item(subscription: _Subscription) -> _Item:
    """We subscribe to one price; who adds others at Stripe's desk has the first one looked after."""
    if not subscription.items.data:
        raise AnswerUnreadable
    return subscription.items.data[0]


def _next_action(subscription: _Subscription) -> NextAction | None:
    waits = subscription.status in ("incomplete", "past_due")
    return payment_snapshot(subscription.payment).next_action if waits and subscription.payment else None


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
