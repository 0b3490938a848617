"""Story: a shopper comes back from the bank, and goes on to the shop."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from application.advance_order import AdvanceOrder
from application.payment_providers import PaymentProviders
from domain.errors import UnknownReturn
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentSnapshot
from domain.returning import bank_answered, payment_returning, way_on
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.unit_of_work import UnitOfWorkFactory

# The shopper waits; what the provider doesn't say by then comes with its webhook.
_PATIENCE_SECONDS: Final = 5
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class ReturnFromBank:
    """The first time reads the payment, and the order goes on. Any further time only shows the same way."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        payments: PaymentProviders,
        advance: AdvanceOrder,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._payments = payments
        self._advance = advance
        self._clock = clock

    async def __call__(self, order_id: OrderId, return_id: str, query: Mapping[str, str] = _NOTHING) -> str:
        """The URL to go on to; `query` is what the bank added to ours. Raises UnknownReturn."""
        async with self._unit_of_work() as uow:
            facts = await uow.orders.get(order_id)
        if facts is None:
            raise UnknownReturn
        payment = payment_returning(facts, return_id)
        if payment.returned_at is None:
            facts = await self._recorded(order_id, payment, query)
        return way_on(facts, facts.payment(payment.id))

    async def _recorded(self, order_id: OrderId, payment: Payment, query: Mapping[str, str]) -> OrderFacts:
        now = self._clock.now()
        said = self._said(payment, query)
        snapshot = await self._seen(payment) if said is None else None

        def came_back(facts: OrderFacts) -> OrderFacts:
            if said is not None:
                facts = bank_answered(facts, payment.id, said, now)
            facts = facts.shopper_returned(payment.id, now)
            return facts if snapshot is None else facts.payment_observed(payment.id, snapshot, now)

        return await self._advance.record(order_id, came_back)

    def _said(self, payment: Payment, query: Mapping[str, str]) -> Instrument | None:
        """What the provider has to be told of the bank's answer."""
        try:
            return self._payments.of(payment.provider).bank_said(query)
        except Unavailable:
            return None

    async def _seen(self, payment: Payment) -> PaymentSnapshot | None:
        """What the provider says now; None if it doesn't: the shopper is not kept for that."""
        if payment.reference is None:
            return None
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._payments.of(payment.provider).retrieve(payment.reference)
        except (Rejected, Unavailable, OutcomeUnknown, TimeoutError):
            return None
