"""Calls about a subscription that leave the house, and what their answer, or their silence, means to it.

An answer comes back as a fact: a function that adds it to whatever is known by then.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from application.vendor_calls import CALL_DEADLINE_SECONDS
from domain.attempt import Attempt, Operation
from domain.invoice import InvoiceSnapshot
from domain.plan import PlanTerms
from domain.standing import CancellationTime, SubscriptionSnapshot, SubscriptionState
from domain.subscription import Subscription
from domain.values import value
from domain.wish import Wish
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.subscription_billing import SubscriptionBilling, SubscriptionRequest

SubscriptionFact = Callable[[Subscription], Subscription]
_WHEN: Final = {
    Operation.CANCEL_NOW: CancellationTime.NOW,
    Operation.CANCEL_AT_PERIOD_END: CancellationTime.PERIOD_END,
}


@value
class Reading:
    """What the provider says at one moment: of a subscription and all its invoices."""

    snapshot: SubscriptionSnapshot
    invoices: tuple[InvoiceSnapshot, ...]


class ReadingFailed(Exception):
    """A reading brought no answer; there is nothing to record, it is tried again later.

    `is_refused`: the provider says that there is no such thing, which waiting won't mend soon.
    """

    def __init__(self, *, is_refused: bool) -> None:
        super().__init__()
        self.is_refused = is_refused


class SubscriptionCalls:
    """Makes one call under a deadline, with no transaction open, and says what to record."""

    def __init__(self, billings: Mapping[str, SubscriptionBilling], clock: Clock) -> None:
        """`billings`: those of the providers that are set up, by their names."""
        self._billings = billings
        self._clock = clock

    async def read(self, subscription: Subscription) -> Reading:
        """Raises ReadingFailed."""
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                billing, reference = self._billing_of(subscription), _reference(subscription)
                snapshot = await billing.retrieve(reference)
                return Reading(snapshot=snapshot, invoices=tuple(await billing.invoices(reference)))
        except (Rejected, Unavailable, OutcomeUnknown, TimeoutError) as error:
            raise ReadingFailed(is_refused=isinstance(error, Rejected)) from error

    async def have_done(self, wish: Wish, attempt: Attempt, subscription: Subscription) -> SubscriptionFact:
        """Asks for it under the attempt's key. It always has an outcome, if only an unknown one."""
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                return _if_ours(attempt, await self._asked(wish, attempt, subscription))
        except Rejected as rejected:
            now, code = self._clock.now(), rejected.code
            return _if_ours(attempt, lambda known: known.wish_refused(attempt, code, now))
        except Unavailable as away:
            return self._ended(attempt, attempt.unavailable(away.reason, self._clock.now()))
        except OutcomeUnknown as unknown:
            return self._ended(attempt, attempt.in_doubt(unknown.reason, self._clock.now()))
        except TimeoutError:
            return self._ended(attempt, attempt.in_doubt("deadline", self._clock.now()))

    async def look_up(self, wish: Wish, attempt: Attempt, subscription: Subscription) -> SubscriptionFact:
        """What became of it. A look-up that reached nobody leaves the doubt as it was."""
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                not_done = attempt.not_done(self._clock.now())
                return _if_ours(attempt, await self._found(wish, attempt, subscription, not_done))
        except Rejected as rejected:
            return self._ended(attempt, attempt.in_doubt(rejected.code, self._clock.now()))
        except (Unavailable, OutcomeUnknown) as away:
            return self._ended(attempt, attempt.in_doubt(away.reason, self._clock.now()))
        except TimeoutError:
            return self._ended(attempt, attempt.in_doubt("deadline", self._clock.now()))

    async def _asked(self, wish: Wish, attempt: Attempt, subscription: Subscription) -> SubscriptionFact:
        """Where the provider itself reports a failure nothing is under way any more: what became of it is
        looked up at once, and if nothing did, another key is needed.
        """
        try:
            return await self._written(wish, attempt, subscription)
        except OutcomeUnknown as failed:
            if not failed.key_is_spent:
                raise
            spent = attempt.spent(failed.reason, self._clock.now())
        try:
            return await self._found(wish, attempt, subscription, spent)
        except (Rejected, Unavailable) as unseen:
            raise OutcomeUnknown(spent.detail or "failed") from unseen

    async def _written(self, wish: Wish, attempt: Attempt, subscription: Subscription) -> SubscriptionFact:
        billing = self._billing_of(subscription)
        match wish.operation:
            case Operation.SUBSCRIBE:
                reference = await billing.subscribe(_request(subscription), attempt.id)
                return self._begun(attempt, reference)
            case Operation.CHANGE_PLAN:
                await billing.change_plan(_reference(subscription), _terms(wish), attempt.id)
            case cancelling:
                await billing.cancel(_reference(subscription), _WHEN[cancelling], attempt.id)
        return self._done(attempt)

    async def _found(
        self, wish: Wish, attempt: Attempt, subscription: Subscription, otherwise: Attempt
    ) -> SubscriptionFact:
        """Found is adopted; otherwise it certainly did not happen."""
        billing, now = self._billing_of(subscription), self._clock.now()
        if wish.operation is Operation.SUBSCRIBE:
            found = await billing.find(subscription.id, subscription.customer_reference)
            has_happened = found is not None
            if found is not None:
                return self._begun(attempt, found)
        else:
            has_happened = _has_happened(wish, await billing.retrieve(_reference(subscription)))
        if has_happened:
            return self._done(attempt)
        return lambda known: known.attempt_ended(otherwise, now)

    def _begun(self, attempt: Attempt, reference: str) -> SubscriptionFact:
        now = self._clock.now()
        return lambda known: known.begun(reference, attempt, now)

    def _done(self, attempt: Attempt) -> SubscriptionFact:
        now = self._clock.now()
        return lambda known: known.wish_done(attempt, now)

    def _ended(self, called: Attempt, after: Attempt) -> SubscriptionFact:
        now = self._clock.now()
        return _if_ours(called, lambda known: known.attempt_ended(after, now))

    def _billing_of(self, subscription: Subscription) -> SubscriptionBilling:
        """Raises Unavailable for a provider that isn't set up (any more)."""
        if (billing := self._billings.get(subscription.provider)) is None:
            raise Unavailable("provider_not_set_up")
        return billing


def _if_ours(called: Attempt, fact: SubscriptionFact) -> SubscriptionFact:
    """Changes nothing once somebody has taken the attempt up since: then it is theirs to tell."""
    return lambda known: fact(known) if known.holds_lease(called.id, called.tries) else known


def _has_happened(wish: Wish, snapshot: SubscriptionSnapshot) -> bool:
    """Whether this shows that it took effect (or can't any more)."""
    if snapshot.state is SubscriptionState.ENDED:
        return True
    match wish.operation:
        case Operation.CHANGE_PLAN:
            return snapshot.price_reference == _terms(wish).price_reference
        case Operation.CANCEL_AT_PERIOD_END:
            return snapshot.ends_at_period_end
        case _:
            return False


def _request(subscription: Subscription) -> SubscriptionRequest:
    return SubscriptionRequest(
        subscription_id=subscription.id,
        customer_reference=subscription.customer_reference,
        terms=subscription.terms,
        instrument=subscription.instrument,
    )


def _reference(subscription: Subscription) -> str:
    assert subscription.reference is not None, "what was begun has its provider's reference"  # noqa: S101
    return subscription.reference


def _terms(wish: Wish) -> PlanTerms:
    assert wish.terms is not None, "a change of plan says to which"  # noqa: S101
    return wish.terms
