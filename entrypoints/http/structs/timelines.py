"""An order explained: what happened, what the money did, and what it waits for now."""

from datetime import datetime
from typing import Final

import msgspec

from application.explain_order import Explanation
from domain.case import Case
from domain.disputing import evidence_due_by
from domain.events import EventKind
from domain.order_facts import OrderFacts
from domain.resolving import possible_actions
from entrypoints.http.structs.cases import CaseShown, case_shown
from entrypoints.http.structs.standing import Status, status_of
from entrypoints.http.structs.values import MoneyStruct
from ports.api_keys import Role

_MERCHANTS: Final = (EventKind.PROVIDER_REFUSED,)


class EventShown(msgspec.Struct, frozen=True):
    """`subject_id` is what it is about, such as a payment or a hold; `detail` is a machine word.

    What a person did names them and their reason. Shoppers see neither that nor a vendor's own words.
    """

    at: datetime
    kind: str
    subject_id: str
    detail: str | None
    by: str | None
    why: str | None


class BalanceShown(msgspec.Struct, frozen=True):
    """An account of the order's journal: debits are positive, credits negative."""

    account: str
    balance: MoneyStruct


class WaitingShown(msgspec.Struct, frozen=True):
    """What it waits for, since when, and when it is looked at next. All null when nothing is left to do;
    `until` alone when it waits for a person's decision.
    """

    reason: str | None
    since: datetime | None
    until: datetime | None


class TimelineShown(msgspec.Struct, frozen=True):
    """`events` in the order in which they were written. `cases` are for the merchant."""

    order_id: str
    status: Status
    events: list[EventShown]
    balances: list[BalanceShown]
    waiting: WaitingShown
    cases: list[CaseShown]


def timeline_shown(explanation: Explanation, role: Role) -> TimelineShown:
    order, waiting = explanation.facts.order, explanation.waiting
    currency = order.total.currency.code
    sees_all = role is not Role.PUBLISHABLE
    events = [e for e in explanation.events if sees_all or not (e.by or e.kind in _MERCHANTS)]
    return TimelineShown(
        order.id,
        status_of(explanation.facts),
        [EventShown(e.at, e.kind.value, e.subject_id, e.detail, e.by, e.why) for e in events],
        [BalanceShown(b.account.value, MoneyStruct(b.minor, currency)) for b in explanation.balances],
        WaitingShown(waiting.reason, waiting.since, waiting.until),
        [_case_shown(explanation.facts, case) for case in explanation.facts.cases] if sees_all else [],
    )


def _case_shown(facts: OrderFacts, case: Case) -> CaseShown:
    return case_shown(case, facts.order.id, possible_actions(facts, case), evidence_due_by(facts, case))
