"""An order as it is shown, in the words that a shopper is told."""

from datetime import datetime

import msgspec

from domain.order_facts import OrderFacts
from domain.readiness import Severity
from entrypoints.http.structs.money_back import (
    DisputeShown,
    RefundShown,
    ShortageShown,
    disputes_shown,
    refunded_shown,
    refunds_shown,
    shortages_shown,
)
from entrypoints.http.structs.payments import DECLINED, PaymentShown, decline_sentence, payment_shown
from entrypoints.http.structs.standing import Status, is_at_work, status_of
from entrypoints.http.structs.sums import (
    LineShown,
    MessageShown,
    OptionShown,
    TaxShown,
    TotalShown,
    line_shown,
    option_shown,
    taxes_shown,
    totals_shown,
)
from entrypoints.http.structs.values import AddressStruct, MoneyStruct, address_shown, money_shown
from ports.api_keys import Role
from ports.queries import OrderSummary


class OrderShown(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is one of
    - `awaiting_payment`: the shopper can pay until `pay_until`, also after a decline;
    - `action_required`: the shopper has to do what `payment.next_action` says, such as confirm at their bank;
    - `processing`: a payment is at work or authorized; nothing to do but wait;
    - `paid`: the money was collected and the goods are the shopper's;
    - `partially_refunded`, `refunded`: some or all of the money went back, or is on its way;
    - `canceled`: called off; whatever was collected goes back;
    - `expired`: not paid in time.

    `closing_reason` says why an order was canceled or expired. `total` is what was agreed; `shortages` were
    taken off it before it was paid. `disputes` are for the merchant.
    """

    id: str
    checkout_id: str
    status: Status
    total: MoneyStruct
    totals: list[TotalShown]
    taxes: list[TaxShown]
    lines: list[LineShown]
    delivery: OptionShown
    payment: PaymentShown | None
    refunded: MoneyStruct
    refunds: list[RefundShown]
    shortages: list[ShortageShown]
    disputes: list[DisputeShown]
    messages: list[MessageShown]
    email: str | None
    name: str | None
    shipping_address: AddressStruct
    billing_address: AddressStruct | None
    discount_code: str | None
    closing_reason: str | None
    placed_at: datetime
    pay_until: datetime
    return_url: str | None
    cancel_url: str | None
    customer_id: str | None


class BoughtShown(msgspec.Struct, frozen=True):
    """`client_token` opens the order to a browser; it comes this once.

    It is null when a repeat found the order that an interrupted first request had made.
    """

    order: OrderShown
    client_token: str | None


class RefundedShown(msgspec.Struct, frozen=True):
    """`refund` is null when the order was called off before any money was taken."""

    refund: RefundShown | None
    order: OrderShown


class SummaryShown(msgspec.Struct, frozen=True):
    """`state`: open, completed, cancelled or expired."""

    id: str
    state: str
    total: MoneyStruct
    placed_at: datetime


class OrdersPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `after` for the next page; null on the last."""

    items: list[SummaryShown]
    next: str | None


def order_shown(facts: OrderFacts, role: Role) -> OrderShown:
    order, totals = facts.order, facts.order.totals
    billing = address_shown(order.billing_address)
    shipping = order.shipping_address
    return OrderShown(
        id=order.id,
        checkout_id=order.checkout_id,
        status=status_of(facts),
        total=money_shown(totals.total),
        totals=totals_shown(totals),
        taxes=taxes_shown(totals),
        lines=[line_shown(line) for line in order.lines],
        delivery=option_shown(order.delivery),
        payment=payment_shown(facts, role),
        refunded=refunded_shown(facts),
        refunds=refunds_shown(facts, role),
        shortages=shortages_shown(facts),
        disputes=disputes_shown(facts, role),
        messages=_messages(facts),
        email=order.email,
        name=order.name,
        shipping_address=address_shown(shipping) or AddressStruct(shipping.country),
        billing_address=billing,
        discount_code=order.discount_code,
        closing_reason=order.closing_reason.value if order.closing_reason else None,
        placed_at=order.placed_at,
        pay_until=order.pay_until,
        return_url=order.origin.return_url,
        cancel_url=order.origin.cancel_url,
        customer_id=order.payer.customer_id if order.payer else None,
    )


def summary_shown(summary: OrderSummary) -> SummaryShown:
    total = MoneyStruct(summary.total_minor, summary.currency)
    return SummaryShown(summary.id, summary.state.value, total, summary.placed_at)


def _messages(facts: OrderFacts) -> list[MessageShown]:
    """What the shopper should be told on top of the status."""
    reason, live = facts.order.closing_reason, facts.live_payment
    if reason is not None:
        text = f"This order has ended: {reason.value.replace('_', ' ')}."
        return [MessageShown(reason.value, "/status", text, Severity.FINAL.value)]
    if live is not None and live.decline is not None and live.is_open and not is_at_work(facts):
        text = decline_sentence(live.decline.reason, live.method)
        return [MessageShown(DECLINED, "/payment/decline", text, Severity.NEEDS_INPUT.value)]
    return []
