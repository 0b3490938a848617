"""Subscriptions and their invoices as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from domain.attempt import Operation
from domain.events import Event
from domain.invoice import Invoice
from domain.payment import NextActionKind
from domain.plan import PlanTerms
from domain.subscription import Subscription
from domain.wish import Wish
from entrypoints.http.structs.payments import NextActionShown
from entrypoints.http.structs.placing import InstrumentStruct
from entrypoints.http.structs.timelines import BalanceShown, EventShown
from entrypoints.http.structs.values import CurrencyCode, MoneyStruct, Name, money_shown
from ports.api_keys import Role
from ports.queries import AccountBalance


class SubscriptionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`instrument` is one that the customer saved: it pays the first period at once, and the next ones.

    Without it the answer's `next_action` says how the customer pays in the page.
    """

    customer_id: Name
    plan_id: Name
    currency: CurrencyCode
    instrument: InstrumentStruct | None = None


class PlanChangeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan to go over to, in the subscription's currency."""

    plan_id: Name


class SubscriptionCancelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`period_end` leaves the customer what is paid for; `now` doesn't, and gives nothing back."""

    when: Literal["now", "period_end"]


class TermsShown(msgspec.Struct, frozen=True, kw_only=True):
    """What the subscriber agreed to, and pays every `interval_count` intervals."""

    plan_id: str
    title: str
    price: MoneyStruct
    interval: str
    interval_count: int


class PendingShown(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of the provider and has not happened yet: `subscribe`, `change_plan`, `cancel_now` or
    `cancel_at_period_end`. `stuck`: it was tried often, and is tried rarely now; look after it.
    """

    kind: str
    plan_id: str | None
    asked_at: datetime
    tries: int
    stuck: bool


class PeriodShown(msgspec.Struct, frozen=True):
    """What is paid for, or to be paid: from `since` up to `until`."""

    since: datetime
    until: datetime


class SubscriptionShown(msgspec.Struct, frozen=True, kw_only=True):
    """`entitlement` is what to grant: `full`, `grace` (everything, until `grace_until`) or `none`.

    `state` is one of
    - `new`: the provider has not answered yet, see `pending`;
    - `refused`: it won't have it, `refusal` is its word;
    - `incomplete`: the first payment is to be made, see `next_action`;
    - `active`;
    - `past_due`: a payment failed and is tried again;
    - `unpaid`: it is tried no more;
    - `paused`;
    - `ended`.

    `refusal` is also the provider's word for a change that it refused. Operators see no payload of a next
    action. `version` counts changes, as the ETag does.
    """

    id: str
    customer_id: str
    provider: str
    reference: str | None
    state: str
    entitlement: str
    terms: TermsShown
    pending: PendingShown | None
    current_period: PeriodShown | None
    ends_at_period_end: bool
    grace_until: datetime | None
    ended_at: datetime | None
    next_action: NextActionShown | None
    refusal: str | None
    created_at: datetime
    version: int


class SubscriptionsPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `after` for the next page; null on the last."""

    items: list[SubscriptionShown]
    next: str | None


class InvoiceShown(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider billed. `state` is `draft`, `open`, `uncollectible`, `paid` or `void`. `total` holds
    `tax` and any proration, and is negative where the customer is owed; `paid` came through the provider.
    """

    id: str
    reference: str
    state: str
    total: MoneyStruct
    tax: MoneyStruct
    paid: MoneyStruct
    failed_tries: int
    created_at: datetime
    bills_from: datetime | None
    bills_until: datetime | None
    next_try_at: datetime | None


class InvoicesPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `after` for the next page; null on the last."""

    items: list[InvoiceShown]
    next: str | None


class SubscriptionTimelineShown(msgspec.Struct, frozen=True):
    """`events` in the order in which they were written; `balances` of the subscription's journal."""

    subscription_id: str
    events: list[EventShown]
    balances: list[BalanceShown]


def subscription_shown(subscription: Subscription, role: Role) -> SubscriptionShown:
    period = subscription.period
    return SubscriptionShown(
        id=subscription.id,
        customer_id=subscription.customer_id,
        provider=subscription.provider,
        reference=subscription.reference,
        state=subscription.state.value,
        entitlement=subscription.entitlement.value,
        terms=_terms_shown(subscription.terms),
        pending=_pending_shown(subscription.wish) if subscription.wish else None,
        current_period=PeriodShown(period.since, period.until) if period else None,
        ends_at_period_end=subscription.ends_at_period_end,
        grace_until=subscription.grace_until,
        ended_at=subscription.ended_at,
        next_action=_next_action_shown(subscription, role),
        refusal=subscription.refusal,
        created_at=subscription.created_at,
        version=subscription.version,
    )


def invoice_shown(invoice: Invoice) -> InvoiceShown:
    said = invoice.said
    return InvoiceShown(
        id=invoice.id,
        reference=said.reference,
        state=said.state.value,
        total=money_shown(said.total),
        tax=money_shown(said.tax),
        paid=money_shown(said.paid),
        failed_tries=said.failed_tries,
        created_at=said.created_at,
        bills_from=said.bills_from,
        bills_until=said.bills_until,
        next_try_at=said.next_try_at,
    )


def subscription_timeline_shown(
    subscription: Subscription, events: Sequence[Event], balances: Sequence[AccountBalance]
) -> SubscriptionTimelineShown:
    currency = subscription.terms.price.currency.code
    return SubscriptionTimelineShown(
        subscription.id,
        [EventShown(e.at, e.kind.value, e.subject_id, e.detail, e.by, e.why) for e in events],
        [BalanceShown(b.account.value, MoneyStruct(b.minor, currency)) for b in balances],
    )


def _terms_shown(terms: PlanTerms) -> TermsShown:
    return TermsShown(
        plan_id=terms.plan_id,
        title=terms.title,
        price=money_shown(terms.price),
        interval=terms.interval.value,
        interval_count=terms.interval_count,
    )


def _pending_shown(wish: Wish) -> PendingShown:
    attempt = wish.attempt
    changes = wish.terms is not None and wish.operation is Operation.CHANGE_PLAN
    return PendingShown(
        kind=wish.operation.value,
        plan_id=wish.terms.plan_id if wish.terms is not None and changes else None,
        asked_at=wish.asked_at,
        tries=attempt.tries if attempt else 0,
        stuck=attempt is not None and attempt.is_stuck,
    )


def _next_action_shown(subscription: Subscription, role: Role) -> NextActionShown | None:
    action = subscription.next_action
    if action is None:
        return None
    hidden = role is Role.OPERATOR and action.kind is NextActionKind.IN_PAGE
    return NextActionShown(
        kind=action.kind.value,
        url=action.url,
        provider=action.provider,
        payload=None if hidden else action.payload,
    )
