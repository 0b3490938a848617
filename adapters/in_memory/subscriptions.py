"""Plans by id, and subscriptions with everything in them, written over the version that was read."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from adapters.in_memory.storage import Storage, SubscriptionRecord, WorkRecord
from adapters.in_memory.transaction import Transaction
from domain.events import Event
from domain.identifiers import CustomerId, InvoiceId, PlanId, SubscriptionId
from domain.invoice import Invoice
from domain.journal import Account
from domain.plan import Plan
from domain.subscription import Subscription
from domain.values import replace
from ports.errors import ConcurrentChange
from ports.queries import AccountBalance
from ports.subscriptions import SubscriptionChoice


class InMemoryPlans:
    """Implements `ports.subscriptions.Plans`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, plan_id: PlanId) -> Plan | None:
        return self._transaction.plans.get(plan_id)

    async def put(self, plans: Sequence[Plan]) -> None:
        await self._transaction.turn_to_write()
        for plan in plans:
            self._transaction.plans.put(plan.id, plan)

    async def page(self, after: PlanId | None, limit: int) -> Sequence[Plan]:
        by_id = sorted(self._transaction.plans.items())
        return [plan for plan_id, plan in by_id if after is None or plan_id > after][:limit]


class InMemorySubscriptions:
    """Implements `ports.subscriptions.Subscriptions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._records = transaction.subscriptions

    async def get(self, subscription_id: SubscriptionId) -> Subscription | None:
        record = self._records.get(subscription_id)
        return record.subscription if record is not None else None

    async def id_of_reference(self, provider: str, reference: str) -> SubscriptionId | None:
        for subscription_id, record in self._records.items():
            if (record.subscription.provider, record.subscription.reference) == (provider, reference):
                return subscription_id
        return None

    async def of_customer(self, customer_id: CustomerId) -> Sequence[SubscriptionId]:
        held = (record.subscription for _, record in self._records.items())
        theirs = [each for each in held if each.customer_id == customer_id]
        return [each.id for each in sorted(theirs, key=lambda each: (each.created_at, each.id))]

    async def claim_plan(
        self, customer_id: CustomerId, plan_id: PlanId, *, but_for: SubscriptionId | None = None
    ) -> bool:
        await self._transaction.turn_to_write()
        return not any(
            subscription_id != but_for
            and record.subscription.customer_id == customer_id
            and not record.subscription.is_over
            and plan_id in (record.subscription.terms.plan_id, record.subscription.wanted_plan)
            for subscription_id, record in self._records.items()
        )

    async def add(self, subscription: Subscription, due_at: datetime | None) -> None:
        await self._transaction.turn_to_write()
        if self._records.get(subscription.id) is not None or self._is_taken(subscription):
            self._transaction.refuse(ConcurrentChange())
            return
        self._put(SubscriptionRecord(subscription=subscription, due_at=due_at), subscription, 1, due_at)

    async def save(self, before: Subscription, after: Subscription, due_at: datetime | None) -> None:
        await self._transaction.turn_to_write()
        record = self._records.get(after.id)
        if record is None or record.subscription.version != before.version or self._is_taken(after):
            self._transaction.refuse(ConcurrentChange())
            return
        self._put(record, after, before.version + 1, due_at)

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[SubscriptionId]:
        await self._transaction.turn_to_write()
        waiting = [
            (record.due_at, subscription_id, record)
            for subscription_id, record in self._records.items()
            if record.due_at is not None and record.due_at <= now
        ]
        taken = sorted(waiting, key=lambda each: each[:2])[:limit]
        for _, subscription_id, record in taken:
            self._records.put(subscription_id, replace(record, due_at=lease_until))
        return [subscription_id for _, subscription_id, _ in taken]

    async def put_off(
        self, subscription_id: SubscriptionId, until: datetime | None, version: int | None = None
    ) -> None:
        await self._transaction.turn_to_write()
        record = self._records.get(subscription_id)
        if record is not None and version in (None, record.subscription.version):
            self._records.put(subscription_id, replace(record, due_at=until))

    def _is_taken(self, subscription: Subscription) -> bool:
        """A provider's reference belongs to one subscription."""
        mine = (subscription.provider, subscription.reference)
        others = (record.subscription for key, record in self._records.items() if key != subscription.id)
        return mine[1] is not None and any((each.provider, each.reference) == mine for each in others)

    def _put(
        self, record: SubscriptionRecord, after: Subscription, version: int, due_at: datetime | None
    ) -> None:
        news = after.news
        stored = replace(
            record,
            subscription=after.as_stored(version),
            due_at=due_at,
            events=(*record.events, *news.events),
            entries=(*record.entries, *news.entries),
        )
        self._records.put(after.id, stored)
        for letter in news.letters:
            self._transaction.outbox.put(letter.id, WorkRecord(content=letter, due_at=news.events[-1].at))


class InMemorySubscriptionLists:
    """Implements `ports.subscriptions.SubscriptionLists`, over what is committed."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def subscriptions(
        self, after: SubscriptionId | None, limit: int, choice: SubscriptionChoice
    ) -> Sequence[Subscription]:
        found = [record.subscription for record in self._storage.subscriptions.values()]
        newest_first = sorted(found, key=_place, reverse=True)
        if after is not None:
            if (behind := self._storage.subscriptions.get(after)) is None:
                return []
            place = _place(behind.subscription)
            newest_first = [each for each in newest_first if _place(each) < place]
        wanted = [each for each in newest_first if _is_chosen(each, choice)]
        return [replace(each, invoices=()) for each in wanted[:limit]]

    async def invoices(
        self, subscription_id: SubscriptionId, after: InvoiceId | None, limit: int
    ) -> Sequence[Invoice]:
        record = self._storage.subscriptions.get(subscription_id)
        invoices = sorted(record.subscription.invoices if record else (), key=_issued, reverse=True)
        if after is not None:
            behind = [_issued(each) for each in invoices if each.id == after]
            invoices = [each for each in invoices if behind and _issued(each) < behind[0]]
        return invoices[:limit]

    async def timeline(self, subscription_id: SubscriptionId) -> Sequence[Event]:
        record = self._storage.subscriptions.get(subscription_id)
        return record.events if record else ()

    async def balances(self, subscription_id: SubscriptionId) -> Sequence[AccountBalance]:
        record = self._storage.subscriptions.get(subscription_id)
        sums: Counter[Account] = Counter()
        for entry in record.entries if record else ():
            for posting in entry.postings:
                sums[posting.account] += posting.amount.minor
        accounts = sorted(sums, key=lambda account: account.value)
        return [AccountBalance(account=account, minor=sums[account]) for account in accounts]


def _is_chosen(subscription: Subscription, choice: SubscriptionChoice) -> bool:
    return (
        choice.customer_id in (None, subscription.customer_id)
        and choice.plan_id in (None, subscription.terms.plan_id)
        and choice.state in (None, subscription.state)
        and choice.entitlement in (None, subscription.entitlement)
    )


def _place(subscription: Subscription) -> tuple[datetime, SubscriptionId]:
    return subscription.created_at, subscription.id


def _issued(invoice: Invoice) -> tuple[datetime, InvoiceId]:
    return invoice.said.created_at, invoice.id
