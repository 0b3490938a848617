"""Calls that leave the house: each step that needs a provider, and what its answer, or its silence, means
to the facts.

An answer comes back as a `Fact`: a function that adds it to whatever is known by then, because others may
have learned something while the call was under way.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.inventory_calls import WANTED, InventoryCalls
from application.payment_providers import PaymentProviders
from domain.attempt import Attempt, AttemptState, Operation, holds_lease
from domain.attempted import has_happened, payment_behind, step_of
from domain.holding import hold_observed
from domain.identifiers import OrderId, PaymentId, RefundId, ReservationId, ReturnId
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentSnapshot
from domain.period import Period
from domain.refund import Refund, RefundSnapshot
from domain.reservation import HoldSnapshot, ReservationState
from domain.steps import (
    Capture,
    ConfirmAtService,
    ConfirmPayment,
    CreatePayment,
    LookUp,
    RefreshPayment,
    RefreshRefund,
    ReleaseAtService,
    ReserveAtService,
    SubmitRefund,
    VendorStep,
    Void,
)
from domain.values import replace, value
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.inventory import InventoryService
from ports.payments import PaymentGateway, PaymentRequest

# A call is given up after this long; the lease outlasts it, and a dead runner's lease is over within 30 s.
CALL_DEADLINE_SECONDS: Final = 20
LEASE: Final = timedelta(seconds=25)
_LONGEST_CALL: Final = timedelta(seconds=CALL_DEADLINE_SECONDS)
# A provider that can't be asked keeps its answer to a key for longer; an older doubt is left to a person.
_KEYS_ARE_KEPT: Final = timedelta(days=6)
# A payment may have been created at the provider by a clock that differs from ours.
CLOCK_SKEW: Final = timedelta(minutes=5)
_NOT_TO_BE_HAD: Final = HoldSnapshot(state=ReservationState.REFUSED)

Fact = Callable[[OrderFacts], OrderFacts]
# Where a bank sends a shopper back to, so that we learn of it.
ReturnAddress = Callable[[OrderId, ReturnId], str]


@value
class Call:
    """One call to make: the step, the facts it was decided on, and the attempt that was persisted for it
    (reads have none).
    """

    step: VendorStep
    facts: OrderFacts
    attempt: Attempt | None


@dataclass(eq=False)
class CallFailed(Exception):
    """A read brought nothing to record; it is tried again later. `refused` is the vendor's word for a no."""

    refused: str | None = None
    retry_after_seconds: int | None = None


class VendorCalls:
    """Makes one call under a deadline, with no transaction open, and says what to record."""

    def __init__(
        self,
        payments: PaymentProviders,
        clock: Clock,
        return_address: ReturnAddress | None = None,
        *,
        inventory: InventoryService | None = None,
    ) -> None:
        """Without a `return_address` of our own, banks send shoppers straight back to the shop.

        `inventory` is for orders whose goods a service holds.
        """
        self._payments = payments
        self._inventory = InventoryCalls(inventory)
        self._clock = clock
        self._return_address = return_address

    async def __call__(self, call: Call) -> Fact:
        """Raises CallFailed for a read without an answer.

        A write always has an outcome, if only an unknown one.
        """
        if call.attempt is None:
            return await self._read(call)
        attempt = call.attempt
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                if isinstance(call.step, LookUp):
                    return await self._found_out(call.step.attempt, attempt, call.facts)
                return await self._written(attempt, call)
        except Rejected as rejected:
            return _if_ours(attempt, self._rejected(attempt, rejected.code))
        except Unavailable as unavailable:
            # A look-up that reached nobody leaves the doubt as it was.
            if isinstance(call.step, LookUp):
                return self._in_doubt(attempt, unavailable.reason)
            return self._ended(attempt, attempt.unavailable(unavailable.reason, self._clock.now()))
        except OutcomeUnknown as unknown:
            return self._in_doubt(attempt, unknown.reason)
        except TimeoutError:
            return self._in_doubt(attempt, "deadline")

    async def _written(self, attempt: Attempt, call: Call) -> Fact:
        """Where the vendor itself reports a failure nothing is under way any more: what became of it is
        looked up at once, and if nothing did, another key is needed.
        """
        try:
            return await self._write(attempt, call)
        except OutcomeUnknown as failed:
            if not failed.key_is_spent:
                raise
            spent = attempt.spent(failed.reason, self._clock.now())
        try:
            return await self._look_up(attempt, call.facts, spent)
        except (Rejected, Unavailable) as unseen:
            raise OutcomeUnknown(spent.detail or "failed") from unseen

    async def _found_out(self, doubtful: Attempt, attempt: Attempt, facts: OrderFacts) -> Fact:
        """What became of it. What was taken on and isn't under way any more has failed: that takes another
        key. A provider that can't be asked is told the same once more, which has no second effect.
        """
        now = self._clock.now()
        if doubtful.state is AttemptState.ACCEPTED:
            return await self._look_up(attempt, facts, attempt.spent("failed", now))
        if attempt.operation in WANTED or self._gateway(payment_behind(attempt, facts)).can_be_asked:
            return await self._look_up(attempt, facts, attempt.not_done(now))
        # It certainly didn't happen, and nobody wants it any more: to ask would do it.
        if doubtful.state is AttemptState.UNAVAILABLE:
            return self._ended(attempt, attempt.not_done(now))
        if now - attempt.started_at > _KEYS_ARE_KEPT:
            raise OutcomeUnknown("key_too_old")
        return await self._write(attempt, Call(step=step_of(attempt, facts), facts=facts, attempt=attempt))

    async def _write(self, attempt: Attempt, call: Call) -> Fact:
        match call.step:
            case CreatePayment(payment=payment):
                request = self._request(payment, call.facts)
                snapshot = await self._gateway(payment).create(request, attempt.id)
                return self._payment_seen(attempt, payment, snapshot)
            case ConfirmPayment(payment=Payment(offered=offered) as payment) if offered is not None:
                reference, url = _reference(payment), self._way_back(payment)
                snapshot = await self._gateway(payment).confirm(reference, offered, url, attempt.id)
                return self._payment_seen(attempt, payment, snapshot)
            case Capture(payment=payment):
                amount = call.facts.sale.to_capture(payment)
                snapshot = await self._gateway(payment).capture(_reference(payment), amount, attempt.id)
                return self._payment_seen(attempt, payment, snapshot)
            case Void(payment=payment):
                snapshot = await self._gateway(payment).void(_reference(payment), attempt.id)
                return self._payment_seen(attempt, payment, snapshot)
            case SubmitRefund(refund=refund):
                payment = call.facts.payment(refund.payment_id)
                reference = _reference(payment)
                snapshot_of_refund = await self._gateway(payment).refund(
                    reference, refund.id, refund.amount, attempt.id
                )
                return self._refund_seen(attempt, refund, snapshot_of_refund)
            case ReserveAtService() | ConfirmAtService() | ReleaseAtService():
                return self._hold_seen(attempt, await self._inventory.make(attempt, call.facts))
            case _:
                raise AssertionError(f"no call is made for {call.step}")

    async def _look_up(self, attempt: Attempt, facts: OrderFacts, not_done: Attempt) -> Fact:
        """What became of the attempt: found is adopted; otherwise it certainly did not happen, which
        `not_done` says.
        """
        if attempt.operation in WANTED:
            return self._hold_seen(attempt, await self._inventory.look_up(attempt, facts))
        if attempt.operation is Operation.REFUND:
            refund = facts.refund(attempt.subject_id)
            payment = facts.payment(refund.payment_id)
            found = await self._gateway(payment).find_refund(_reference(payment), refund.id)
            return self._refund_seen(attempt, refund, found) if found else self._ended(attempt, not_done)
        payment = facts.payment(attempt.subject_id)
        if payment.reference is None:
            created = await self._gateway(payment).find(payment.id, _created_within(attempt, payment))
            ended = self._ended(attempt, not_done)
            return self._payment_seen(attempt, payment, created) if created else ended
        snapshot = await self._gateway(payment).retrieve(payment.reference)
        if has_happened(attempt.operation, snapshot) or snapshot.is_changing:
            return self._payment_seen(attempt, payment, snapshot)
        observed = self._observed(payment, snapshot)
        ended = self._ended(attempt, not_done)
        return lambda facts: ended(observed(facts))

    async def _read(self, call: Call) -> Fact:
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                match call.step:
                    case RefreshPayment(payment=payment):
                        snapshot = await self._gateway(payment).retrieve(_reference(payment))
                        return self._observed(payment, snapshot)
                    case RefreshRefund(refund=refund):
                        payment = call.facts.payment(refund.payment_id)
                        found = await self._gateway(payment).find_refund(_reference(payment), refund.id)
                        if found is None:
                            # It was there once: asked again later, not at once.
                            raise CallFailed(refused="not_found")
                        now = self._clock.now()
                        return lambda facts: facts.refund_observed(refund.id, found, now)
                    case _:
                        raise AssertionError(f"{call.step} is no read")
        except Rejected as no:
            raise CallFailed(refused=no.code) from no
        except Unavailable as away:
            raise CallFailed(retry_after_seconds=away.retry_after_seconds) from away
        except (OutcomeUnknown, TimeoutError) as silence:
            raise CallFailed from silence

    def _gateway(self, payment: Payment) -> PaymentGateway:
        """The provider that the payment began with. Raises Unavailable if it isn't set up."""
        return self._payments.of(payment.provider)

    def _request(self, payment: Payment, facts: OrderFacts) -> PaymentRequest:
        return PaymentRequest(
            payment_id=payment.id,
            order_id=payment.order_id,
            amount=payment.amount,
            capture_method=facts.order.capture_method,
            instrument=payment.offered,
            return_url=self._way_back(payment),
            payer=facts.order.payer,
        )

    def _way_back(self, payment: Payment) -> str | None:
        """The address that a bank sends the shopper to; the same for every try under one key."""
        if self._return_address is None or payment.return_url is None or payment.return_id is None:
            return payment.return_url
        return self._return_address(payment.order_id, payment.return_id)

    def _payment_seen(self, attempt: Attempt, payment: Payment, snapshot: PaymentSnapshot) -> Fact:
        observed, after = self._observed(payment, snapshot), self._after(attempt, snapshot)
        ended = self._ended(attempt, after)
        if after.state is AttemptState.ACCEPTED:
            # What was told since it was looked at is no news to an attempt in flight: it is looked at again.
            again = self._ended(attempt, replace(after, until=self._clock.now()))
            as_known = payment.seen_at
            return lambda facts: (ended if facts.payment(payment.id).seen_at == as_known else again)(
                observed(facts)
            )
        if attempt.operation in (Operation.CREATE_PAYMENT, Operation.CONFIRM_PAYMENT):
            submitted = _if_ours(
                attempt, lambda facts: facts.instrument_submitted(payment.id, payment.offered)
            )
            return lambda facts: ended(submitted(observed(facts)))
        return lambda facts: ended(observed(facts))

    def _after(self, attempt: Attempt, snapshot: PaymentSnapshot) -> Attempt:
        """A payment that can't be captured or stopped just now is answered with as it is: asked again at once
        it would be no other, and under the same key it would not be later. One that is changing is waited
        for.
        """
        if attempt.operation in (Operation.CAPTURE, Operation.VOID) and snapshot.is_changing:
            return attempt.accepted(self._clock.now())
        if attempt.operation in (Operation.CAPTURE, Operation.VOID) and not has_happened(
            attempt.operation, snapshot
        ):
            return attempt.answered_as_it_is(snapshot.state.value, self._clock.now())
        return attempt.succeeded()

    def _observed(self, payment: Payment, snapshot: PaymentSnapshot) -> Fact:
        now = self._clock.now()
        return lambda facts: facts.payment_observed(payment.id, snapshot, now)

    def _refund_seen(self, attempt: Attempt, refund: Refund, snapshot: RefundSnapshot) -> Fact:
        now = self._clock.now()
        ended = self._ended(attempt, attempt.succeeded())
        return lambda facts: ended(facts.refund_observed(refund.id, snapshot, now))

    def _hold_seen(self, attempt: Attempt, snapshot: HoldSnapshot) -> Fact:
        """An answer that isn't what was asked for is a no, and says why."""
        now, reservation_id = self._clock.now(), ReservationId(attempt.subject_id)
        wanted = snapshot.state is WANTED[attempt.operation]
        ended = self._ended(
            attempt, attempt.succeeded() if wanted else attempt.rejected(snapshot.state.value)
        )
        return lambda facts: ended(hold_observed(facts, reservation_id, snapshot, now))

    def _rejected(self, attempt: Attempt, code: str) -> Fact:
        """A no is final for what was asked: to be recorded by whoever has the attempt in hand.

        A capture or void that is refused is looked up, and so is a hold that is confirmed or released:
        something is not as we thought.
        """
        now = self._clock.now()
        ended = self._ended(attempt, attempt.rejected(code))
        match attempt.operation:
            case Operation.CREATE_PAYMENT:
                return lambda facts: ended(facts.payment_refused(PaymentId(attempt.subject_id), now))
            case Operation.CONFIRM_PAYMENT:
                payment_id = PaymentId(attempt.subject_id)
                return lambda facts: ended(facts.instrument_refused(payment_id, code, now))
            case Operation.REFUND:
                return lambda facts: ended(facts.refund_failed(RefundId(attempt.subject_id), now))
            case Operation.RESERVE:
                hold_id = ReservationId(attempt.subject_id)
                return lambda facts: ended(hold_observed(facts, hold_id, _NOT_TO_BE_HAD, now))
            case _:
                return self._in_doubt(attempt, code)

    def _in_doubt(self, attempt: Attempt, detail: str) -> Fact:
        return self._ended(attempt, attempt.in_doubt(detail, self._clock.now()))

    def _ended(self, called: Attempt, after: Attempt) -> Fact:
        now = self._clock.now()
        return _if_ours(called, lambda facts: facts.attempt_ended(after, now))


def _if_ours(called: Attempt, fact: Fact) -> Fact:
    """Changes nothing once somebody has taken the attempt up since: then it is theirs to tell, and what goes
    under its key is to stay as it is.
    """
    return lambda facts: fact(facts) if holds_lease(facts.attempts, called.id, called.tries) else facts


def _created_within(attempt: Attempt, payment: Payment) -> Period:
    """When the provider can have made it: from the first attempt, which began with the payment, to the last
    try, by a clock that may differ from ours.
    """
    tried = Period(since=payment.created_at, until=attempt.last_tried_at + _LONGEST_CALL)
    return tried.widened(CLOCK_SKEW)


def _reference(payment: Payment) -> str:
    assert payment.reference is not None, "a payment that was created has its provider's reference"  # noqa: S101
    return payment.reference
