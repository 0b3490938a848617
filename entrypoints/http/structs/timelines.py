"""An order explained: what happened, what the money did, and what it waits for now."""

from datetime import datetime

import msgspec

from application.explain_order import Explanation
from entrypoints.http.structs.standing import Status, status_of
from entrypoints.http.structs.values import MoneyStruct


class EventShown(msgspec.Struct, frozen=True):
    """`subject_id` is what it is about, such as a payment or a hold; `detail` is a machine word."""

    at: datetime
    kind: str
    subject_id: str
    detail: str | None


class BalanceShown(msgspec.Struct, frozen=True):
    """An account of the order's journal: debits are positive, credits negative."""

    account: str
    balance: MoneyStruct


class WaitingShown(msgspec.Struct, frozen=True):
    """What it waits for, since when, and when it is looked at next; all null when nothing is left to do."""

    reason: str | None
    since: datetime | None
    until: datetime | None


class TimelineShown(msgspec.Struct, frozen=True):
    """`events` in the order in which they were written."""

    order_id: str
    status: Status
    events: list[EventShown]
    balances: list[BalanceShown]
    waiting: WaitingShown


def timeline_shown(explanation: Explanation) -> TimelineShown:
    order, waiting = explanation.facts.order, explanation.waiting
    currency = order.total.currency.code
    return TimelineShown(
        order.id,
        status_of(explanation.facts),
        [EventShown(e.at, e.kind.value, e.subject_id, e.detail) for e in explanation.events],
        [BalanceShown(b.account.value, MoneyStruct(b.minor, currency)) for b in explanation.balances],
        WaitingShown(waiting.reason, waiting.since, waiting.until),
    )
