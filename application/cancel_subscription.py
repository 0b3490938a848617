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

    async def __call__(
        self, subscription_id: SubscriptionId, when: CancellationTime, version: int | None = None
    ) -> Subscription:
        """`version`: the one that the caller has read, if that matters to them.

        Raises UnknownSubscription, StaleVersion, and SubscriptionBusy while something else may be happening
        to it.
        """
        now = self._clock.now()

        def asked(known: Subscription) -> Subscription:
            known.require_version(version)
            return known.cancellation_asked(when, now)

        return await self._advance.record(subscription_id, asked)
