"""Story: a subscription is cancelled, now or at the end of what is paid for."""

from application.advance_subscription import AdvanceSubscription
from domain.identifiers import SubscriptionId
from domain.standing import CancellationTime
from domain.subscription import Subscription
from ports.clock import Clock


class CancelSubscription:
    """Cancelling again changes nothing. Nothing is given back: that is for a person to decide."""

    def __init__(self, advance: AdvanceSubscription, clock: Clock) -> None:
        self._advance = advance
        self._clock = clock

    async def __call__(self, subscription_id: SubscriptionId, when: CancellationTime) -> Subscription:
        """Raises UnknownSubscription, and SubscriptionBusy while something else may be happening to it."""
        now = self._clock.now()
        return await self._advance.record(subscription_id, lambda known: known.cancellation_asked(when, now))
