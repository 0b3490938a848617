"""What an event is about, read at the provider as it is now: what the event says may be old by the time it
comes.
"""

import asyncio

from application.vendor_calls import CALL_DEADLINE_SECONDS, Fact
from domain.disputing import dispute_observed
from domain.identifiers import DisputeId, PaymentId
from domain.order_facts import OrderFacts
from ports.clock import Clock
from ports.payments import PaymentGateway, Subject


class LookAfresh:
    """Reads only; what it found is recorded by whoever asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, payments: PaymentGateway, reference: str, about: Subject) -> Fact:
        """What to record of the payment with this reference, and of its refunds or disputes.

        Raises Rejected, Unavailable, OutcomeUnknown, and TimeoutError after 20 s.
        """
        async with asyncio.timeout(CALL_DEADLINE_SECONDS):
            snapshot = await payments.retrieve(reference)
            match about:
                case Subject.REFUND:
                    more = await self._refunds(payments, reference)
                case Subject.DISPUTE:
                    more = await self._disputes(payments, reference)
                case Subject.PAYMENT:
                    more = _as_it_is
        now = self._clock.now()

        def seen(facts: OrderFacts) -> OrderFacts:
            return more(facts.payment_observed(_payment_of(facts, reference), snapshot, now))

        return seen

    async def _refunds(self, payments: PaymentGateway, reference: str) -> Fact:
        """Those that may still change: one that succeeded can be sent back by a bank."""
        found = await payments.refunds(reference)
        now = self._clock.now()

        def seen(facts: OrderFacts) -> OrderFacts:
            for refund in facts.refunds:
                if refund.takes_balance and (snapshot := found.get(refund.id)) is not None:
                    facts = facts.refund_observed(refund.id, snapshot, now)
            return facts

        return seen

    async def _disputes(self, payments: PaymentGateway, reference: str) -> Fact:
        snapshots = await payments.disputes(reference)
        now = self._clock.now()
        told = [(snapshot, DisputeId(self._clock.new_id("dsp"))) for snapshot in snapshots]

        def seen(facts: OrderFacts) -> OrderFacts:
            for snapshot, new_id in told:
                facts = dispute_observed(facts, _payment_of(facts, reference), snapshot, new_id, now)
            return facts

        return seen


def _payment_of(facts: OrderFacts, reference: str) -> PaymentId:
    return next(payment.id for payment in facts.payments if payment.reference == reference)


def _as_it_is(facts: OrderFacts) -> OrderFacts:
    return facts
