"""Plans and subscriptions as our storage keeps them, and as they are listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.events import Event
from domain.identifiers import CustomerId, InvoiceId, PlanId, SubscriptionId
from domain.invoice import Invoice
from domain.plan import Plan
from domain.standing import Entitlement, SubscriptionState
from domain.subscription import Subscription
from ports.queries import AccountBalance


class Plans(Protocol):
    async def get(self, plan_id: PlanId) -> Plan | None: ...

    async def put(self, plans: Sequence[Plan]) -> None:
        """Adds or replaces them, by id."""

    async def page(self, after: PlanId | None, limit: int) -> Sequence[Plan]:
        """By id, those behind `after`; inactive ones too."""


class Subscriptions(Protocol):
    async def get(self, subscription_id: SubscriptionId) -> Subscription | None:
        """As of one moment, with all its invoices and empty `news`."""

    async def id_of_reference(self, provider: str, reference: str) -> SubscriptionId | None: ...

    async def of_customer(self, customer_id: CustomerId) -> Sequence[SubscriptionId]:
        """All of them, the oldest first."""

    async def claim_plan(
        self, customer_id: CustomerId, plan_id: PlanId, *, but_for: SubscriptionId | None = None
    ) -> bool:
        """Whether the customer has, and wishes for, no other open subscription to this plan. Nobody else can
        claim for this customer until the unit of work ends.
        """

    async def add(self, subscription: Subscription, due_at: datetime | None) -> None:
        """A new one with its news. Raises, at the latest with the commit, ConcurrentChange if there is one
        with this id.
        """

    async def save(self, before: Subscription, after: Subscription, due_at: datetime | None) -> None:
        """Writes what differs, the news, and when to look at it next.

        Raises, at the latest with the commit, ConcurrentChange if `before` is outdated.
        """

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[SubscriptionId]:
        """Those to be looked at by now, earliest first, set aside until the lease ends."""

    async def put_off(
        self, subscription_id: SubscriptionId, until: datetime | None, version: int | None = None
    ) -> None:
        """Not looked at before then, or not by itself at all, whatever was planned; without reading it.

        With a `version` only if it still is that one: who has changed it since knows better when it is due.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChoice:
    """Which subscriptions; what is None doesn't matter."""

    customer_id: CustomerId | None = None
    plan_id: PlanId | None = None
    state: SubscriptionState | None = None
    entitlement: Entitlement | None = None


class SubscriptionLists(Protocol):
    """The read side: lists that no rule depends on."""

    async def subscriptions(
        self, after: SubscriptionId | None, limit: int, choice: SubscriptionChoice
    ) -> Sequence[Subscription]:
        """Newest first, those begun before `after`; without their invoices."""

    async def invoices(
        self, subscription_id: SubscriptionId, after: InvoiceId | None, limit: int
    ) -> Sequence[Invoice]:
        """The newest first, those behind `after`."""

    async def timeline(self, subscription_id: SubscriptionId) -> Sequence[Event]:
        """In the order in which it was written."""

    async def balances(self, subscription_id: SubscriptionId) -> Sequence[AccountBalance]:
        """Each account that the subscription's journal moves, in minor units of its currency."""
