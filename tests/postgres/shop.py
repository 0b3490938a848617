"""The whole application on a PostgreSQL, with a provider that takes its time: for races."""

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any

from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.postgres.connections import Connections
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.identifiers import AttemptId, OrderId, RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot
from domain.refund import RefundSnapshot
from ports.payments import PaymentRequest, WebhookNotice
from ports.stock import StockLevel
from ports.unit_of_work import UnitOfWork
from tests.application.shop import TEA, Shop


class UnhurriedGateway(InMemoryPaymentGateway):
    """Others get their turn before and after each effect, as with a provider across a network."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.effects: Counter[str] = Counter()
        self._random = Random(11)

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        await self._a_moment()
        snapshot = await super().create(request, key)
        await self._a_moment("create")
        return snapshot

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        await self._a_moment()
        snapshot = await super().confirm(reference, instrument, return_url, key)
        await self._a_moment("confirm")
        return snapshot

    async def capture(self, reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        await self._a_moment()
        snapshot = await super().capture(reference, amount, key)
        await self._a_moment("capture")
        return snapshot

    async def void(self, reference: str, key: AttemptId) -> PaymentSnapshot:
        await self._a_moment()
        snapshot = await super().void(reference, key)
        await self._a_moment("void")
        return snapshot

    async def refund(
        self, reference: str, refund_id: RefundId, amount: Money, key: AttemptId
    ) -> RefundSnapshot:
        await self._a_moment()
        snapshot = await super().refund(reference, refund_id, amount, key)
        await self._a_moment("refund")
        return snapshot

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        await self._a_moment()
        snapshot = await super().retrieve(reference)
        await self._a_moment()
        return snapshot

    async def _a_moment(self, done: str | None = None) -> None:
        if done is not None:
            self.effects[done] += 1
        await asyncio.sleep(self._random.uniform(0, 0.01))


class PostgresShop(Shop):
    gateway = UnhurriedGateway

    def __init__(self, pool: Connections, pieces: int = 10) -> None:
        self._pool = pool
        super().__init__(pieces)
        self.books = PostgresQueries(pool)

    def unit_of_work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return PostgresUnitOfWork(self._pool)

    @property
    def effects(self) -> Counter[str]:
        """How often the provider was asked to do what."""
        assert isinstance(self.provider, UnhurriedGateway)
        return self.provider.effects

    async def level(self) -> StockLevel:
        async with self.unit_of_work() as uow:
            level = await uow.stock.level(TEA)
        assert level is not None
        return level

    async def collected_by_the_books(self, order_id: OrderId) -> int:
        balances = {row.account.value: row.minor for row in await self.books.balances(order_id)}
        return balances.get("provider", 0)

    async def receives_webhook(self, reference: str) -> str:
        """Stores one more event about the payment."""
        webhook_id, event_id = self.clock.new_id("whk"), self.clock.new_id("evt")
        notice = WebhookNotice(
            provider=self.provider.provider,
            event_id=event_id,
            event_type="payment_intent.succeeded",
            payment_reference=reference,
        )
        async with self.unit_of_work() as uow:
            await uow.inbox.add(webhook_id, notice, b"{}", self.clock.now())
            await uow.commit()
        return webhook_id

    async def rows(self, question: str, *given: object) -> list[Any]:
        async with self._pool.lent() as connection:
            return list(await connection.fetch(question, *given))
