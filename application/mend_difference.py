"""Stories of a reconciliation: a difference is looked at once more, at the provider as it is now, and mended
as far as a fact of the provider explains it; for the rest a case is opened. Doing it again does nothing more.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

from application.advance_order import AdvanceOrder
from application.correction import Correction, case_for
from application.payment_providers import PaymentProviders
from application.reconciliation_run import ReconciliationRun
from application.vendor_calls import CALL_DEADLINE_SECONDS
from domain.case import CaseReason
from domain.comparison import (
    dispute_differs,
    dispute_told,
    payment_differs,
    payment_told,
    refund_differs,
    refund_told,
)
from domain.dispute import Dispute, DisputeSnapshot
from domain.disputing import dispute_observed
from domain.identifiers import DisputeId, OrderId
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentSnapshot
from domain.reconciliation import Done, Finding, FindingKind
from domain.refund import Refund, RefundSnapshot
from domain.values import replace
from ports.clock import Clock
from ports.errors import Rejected, Unavailable

T = TypeVar("T")


class MendDifference:
    """Raises what the ports raise; what was recorded until then stands."""

    def __init__(self, payments: PaymentProviders, advance: AdvanceOrder, clock: Clock) -> None:
        self._payments = payments
        self._advance = advance
        self._clock = clock

    async def payment(self, run: ReconciliationRun, ours: Payment, reference: str) -> None:
        """`reference` is the provider's, which the order may not have learned yet."""
        await run.still_at_work()
        asked_at = self._clock.now()
        theirs = await _unless_refused(self._payments.of(ours.provider).retrieve(reference))
        kind = payment_differs(ours, theirs) if theirs else FindingKind.PAYMENT_UNKNOWN_TO_PROVIDER
        if kind is None:
            return
        finding = Finding(
            kind=kind,
            subject_id=ours.id,
            order_id=ours.order_id,
            ours=payment_told(ours.state, ours.amount, ours.captured),
            theirs=payment_told(theirs.state, theirs.amount, theirs.received) if theirs else None,
            done=Done.LEFT,
        )
        if theirs is None:
            await self.open_case(run, finding, CaseReason.UNKNOWN_TO_PROVIDER)
        elif theirs.amount.currency != ours.amount.currency:
            # Nothing in another currency can be booked on this order.
            await self.open_case(run, finding, CaseReason.PROVIDER_DIFFERS)
        else:
            await self._correct(run, finding, self._payment_seen(ours, theirs, asked_at))

    async def refund(
        self, run: ReconciliationRun, payment: Payment, ours: Refund, payment_reference: str
    ) -> None:
        await run.still_at_work()
        order_id, asked_at = payment.order_id, self._clock.now()
        gateway = self._payments.of(payment.provider)
        theirs = await _unless_refused(gateway.find_refund(payment_reference, ours.id))
        kind = refund_differs(ours, theirs) if theirs else FindingKind.REFUND_UNKNOWN_TO_PROVIDER
        if kind is None:
            return
        finding = Finding(
            kind=kind,
            subject_id=ours.id,
            order_id=order_id,
            ours=refund_told(ours),
            theirs=refund_told(theirs) if theirs else None,
            done=Done.LEFT,
        )
        if theirs is None:
            await self.open_case(run, finding, CaseReason.UNKNOWN_TO_PROVIDER)
        else:
            await self._correct(run, finding, self._refund_seen(ours, theirs, asked_at))

    async def dispute(
        self, run: ReconciliationRun, facts: OrderFacts, payment_reference: str, reference: str
    ) -> None:
        """`reference` is the provider's own of the dispute."""
        await run.still_at_work()
        asked_at = self._clock.now()
        payment = next(p for p in facts.payments if p.reference == payment_reference)
        gateway = self._payments.of(payment.provider)
        raised = await _unless_refused(gateway.disputes(payment_reference)) or ()
        ours = _dispute_in(facts, reference)
        theirs = next((dispute for dispute in raised if dispute.reference == reference), None)
        kind = dispute_differs(ours, theirs) if theirs else FindingKind.DISPUTE_UNKNOWN_TO_PROVIDER
        if kind is None:
            return
        finding = Finding(
            kind=kind,
            subject_id=ours.id if ours else reference,
            order_id=facts.order.id,
            ours=dispute_told(ours) if ours else None,
            theirs=dispute_told(theirs) if theirs else None,
            done=Done.LEFT,
        )
        if theirs is None:
            await self.open_case(run, finding, CaseReason.UNKNOWN_TO_PROVIDER)
        else:
            correction = self._dispute_seen(payment, finding.subject_id, theirs, asked_at)
            await self._correct(run, finding, correction)

    async def open_case(self, run: ReconciliationRun, finding: Finding, reason: CaseReason) -> None:
        """For what nothing explains. NOTED where the case was opened before, whatever became of it."""
        await self._correct(run, finding, case_for(self._clock, reason, finding.subject_id))

    async def take_up(self, run: ReconciliationRun, finding: Finding, order_id: OrderId) -> None:
        """The order goes on as far as it can."""
        if not run.may_act:
            run.found(finding)
            return
        await self._advance(order_id)
        run.found(replace(finding, done=Done.REPAIRED))

    async def _correct(self, run: ReconciliationRun, finding: Finding, correction: Correction) -> None:
        if finding.order_id is None or not run.may_act:
            run.found(finding)
            return
        facts = await self._advance.record(finding.order_id, correction)
        if (done := correction.done(facts)) is not None:
            run.found(replace(finding, done=done))

    def _payment_seen(self, ours: Payment, theirs: PaymentSnapshot, asked_at: datetime) -> Correction:
        def is_outdated(facts: OrderFacts) -> bool:
            known = facts.payment(ours.id)
            is_another = known.reference not in (None, theirs.reference)
            return is_another or (known.seen_at is not None and known.seen_at > asked_at)

        return Correction(
            self._clock,
            CaseReason.PROVIDER_DIFFERS,
            ours.id,
            differs=lambda facts: payment_differs(facts.payment(ours.id), theirs) is not None,
            observe=lambda facts: facts.payment_observed(ours.id, theirs, self._clock.now()),
            is_outdated=is_outdated,
        )

    def _refund_seen(self, ours: Refund, theirs: RefundSnapshot, asked_at: datetime) -> Correction:
        def is_outdated(facts: OrderFacts) -> bool:
            seen_at = facts.refund(ours.id).seen_at
            return seen_at is not None and seen_at > asked_at

        return Correction(
            self._clock,
            CaseReason.PROVIDER_DIFFERS,
            ours.id,
            differs=lambda facts: refund_differs(facts.refund(ours.id), theirs) is not None,
            observe=lambda facts: facts.refund_observed(ours.id, theirs, self._clock.now()),
            is_outdated=is_outdated,
        )

    def _dispute_seen(
        self, payment: Payment, subject_id: str, theirs: DisputeSnapshot, asked_at: datetime
    ) -> Correction:
        new_id = DisputeId(self._clock.new_id("dsp"))

        def is_outdated(facts: OrderFacts) -> bool:
            known = _dispute_in(facts, theirs.reference)
            return known is not None and known.seen_at > asked_at

        return Correction(
            self._clock,
            CaseReason.PROVIDER_DIFFERS,
            subject_id,
            differs=lambda facts: dispute_differs(_dispute_in(facts, theirs.reference), theirs) is not None,
            observe=lambda facts: dispute_observed(facts, payment.id, theirs, new_id, self._clock.now()),
            is_outdated=is_outdated,
        )


def _dispute_in(facts: OrderFacts, reference: str) -> Dispute | None:
    return next((dispute for dispute in facts.disputes if dispute.reference == reference), None)


async def _unless_refused(call: Awaitable[T]) -> T | None:
    """What the provider says, under a deadline; None where it knows nothing of the payment."""
    try:
        async with asyncio.timeout(CALL_DEADLINE_SECONDS):
            return await call
    except Rejected:
        return None
    except TimeoutError:
        raise Unavailable("deadline") from None
