"""The read side, over what is committed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from adapters.in_memory.payment_reports import payments_of, statistics_of
from adapters.in_memory.storage import OrderRecord, Storage, WorkRecord
from domain.catalog import Product
from domain.disputing import evidence_due_by
from domain.events import Event, OutgoingMessage
from domain.identifiers import CaseId, OrderId
from domain.journal import Account
from domain.order import Order, OrderState
from domain.period import Period
from ports.queries import (
    AccountBalance,
    Box,
    CaseChoice,
    ListedCase,
    OrderSummary,
    ParkedWork,
    PaymentChoice,
    PaymentPlace,
    PaymentSummary,
    ProviderStatistics,
)
from ports.stock import StockLevel

T = TypeVar("T")


class InMemoryQueries:
    """Implements `ports.queries.Queries`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def orders(
        self, after: OrderId | None, limit: int, state: OrderState | None
    ) -> Sequence[OrderSummary]:
        ids = sorted((i for i in self._storage.orders if after is None or i < after), reverse=True)
        found = (self._storage.orders[order_id].facts.order for order_id in ids)
        wanted = [order for order in found if state is None or order.state is state]
        return [_summary(order) for order in wanted[:limit]]

    async def timeline(self, order_id: OrderId) -> Sequence[Event]:
        record = self._storage.orders.get(order_id)
        return record.events if record else ()

    async def balances(self, order_id: OrderId) -> Sequence[AccountBalance]:
        record = self._storage.orders.get(order_id)
        sums = balances_of(record) if record else {}
        accounts = sorted(sums, key=lambda account: account.value)
        return [AccountBalance(account=account, minor=sums[account]) for account in accounts]

    async def next_look(self, order_id: OrderId) -> datetime | None:
        record = self._storage.orders.get(order_id)
        return record.due_at if record else None

    async def cases(self, after: CaseId | None, limit: int, choice: CaseChoice) -> Sequence[ListedCase]:
        wanted = [
            listed
            for listed in self._cases()
            if (after is None or listed.case.id > after)
            and listed.case.state in choice.states
            and choice.reason in (None, listed.case.reason)
            and choice.order_id in (None, listed.order_id)
        ]
        return sorted(wanted, key=lambda listed: listed.case.id)[:limit]

    async def case(self, case_id: CaseId) -> ListedCase | None:
        return next((listed for listed in self._cases() if listed.case.id == case_id), None)

    async def payments(
        self, after: PaymentPlace | None, limit: int, choice: PaymentChoice
    ) -> Sequence[PaymentSummary]:
        return payments_of(self._storage.orders, after, limit, choice)

    async def payment_statistics(self, period: Period) -> Sequence[ProviderStatistics]:
        return statistics_of(self._storage.orders, period)

    async def parked(self, after: str | None, limit: int) -> Sequence[ParkedWork]:
        behind = [work for work in self._parked() if after is None or work.id > after]
        return sorted(behind, key=lambda work: work.id)[:limit]

    async def parked_work(self, work_id: str) -> ParkedWork | None:
        return next((work for work in self._parked() if work.id == work_id), None)

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        skus = sorted(sku for sku in self._storage.products if after is None or sku > after)
        return [self._storage.products[sku] for sku in skus[:limit]]

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]:
        skus = sorted(sku for sku in self._storage.stock if after is None or sku > after)
        return [self._storage.stock[sku] for sku in skus[:limit]]

    def _cases(self) -> Iterator[ListedCase]:
        for order_id, record in self._storage.orders.items():
            for case in record.facts.cases:
                due_by = evidence_due_by(record.facts, case)
                yield ListedCase(case=case, order_id=order_id, evidence_due_by=due_by)

    def _parked(self) -> Iterator[ParkedWork]:
        for message_id, message in self._storage.outbox.items():
            content = message.content
            order_id = OrderId(content.order_id) if isinstance(content, OutgoingMessage) else None
            yield from _if_parked(message_id, message, Box.OUTBOX, content.kind.value, order_id)
        for webhook_id, webhook in self._storage.inbox.items():
            notice = webhook.content
            owner = self._storage.order_of_payment.get((notice.provider, notice.payment_reference or ""))
            yield from _if_parked(webhook_id, webhook, Box.INBOX, notice.event_type, owner)


def _if_parked(
    work_id: str, record: WorkRecord[T], box: Box, kind: str, order_id: OrderId | None
) -> Iterator[ParkedWork]:
    if record.parked_at is not None and record.parked_because is not None:
        yield ParkedWork(
            id=work_id,
            box=box,
            kind=kind,
            order_id=order_id,
            parked_at=record.parked_at,
            because=record.parked_because,
            tries=record.tries,
            replays=record.replays,
        )


def balances_of(record: OrderRecord) -> Mapping[Account, int]:
    sums: Counter[Account] = Counter()
    for entry in record.entries:
        for posting in entry.postings:
            sums[posting.account] += posting.amount.minor
    return sums


def _summary(order: Order) -> OrderSummary:
    return OrderSummary(
        id=order.id,
        state=order.state,
        total_minor=order.total.minor,
        currency=order.total.currency.code,
        placed_at=order.placed_at,
    )
