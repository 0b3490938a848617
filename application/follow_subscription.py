"""Story: a provider's webhook tells of a subscription or an invoice, and the provider is asked how it stands.

What the event itself says is not believed: it may be old, or come twice, or before the one that it follows.
"""

from collections.abc import Mapping

from application.advance_subscription import AdvanceSubscription
from domain.identifiers import SubscriptionId
from ports.clock import Clock
from ports.errors import Rejected
from ports.payments import WebhookNotice
from ports.subscription_billing import SubscriptionBilling
from ports.unit_of_work import UnitOfWorkFactory


class FollowSubscription:
    """Safe to repeat, in any order."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        billings: Mapping[str, SubscriptionBilling],
        advance: AdvanceSubscription,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._billings = billings
        self._advance = advance
        self._clock = clock

    async def __call__(self, notice: WebhookNotice, reference: str) -> bool:
        """Whether it is finished with; False for a subscription of ours that isn't found yet.

        Raises Unavailable and OutcomeUnknown while the provider can't be asked.
        """
        subscription_id = await self._known(notice.provider, reference)
        if subscription_id is None:
            label = await self._label(notice.provider, reference)
            if label is None:
                return True
            if not await self._exists(label):
                return False
            subscription_id = label
        now = self._clock.now()
        await self._advance.record(subscription_id, lambda known: known.heard_of(notice.event_type, now))
        return True

    async def _known(self, provider: str, reference: str) -> SubscriptionId | None:
        async with self._unit_of_work() as uow:
            return await uow.subscriptions.id_of_reference(provider, reference)

    async def _label(self, provider: str, reference: str) -> SubscriptionId | None:
        """Our id on a subscription that the answer to its creation hasn't told us of yet; None for one that
        somebody made without FastCart.
        """
        if (billing := self._billings.get(provider)) is None:
            return None
        try:
            label = (await billing.retrieve(reference)).subscription_id
        except Rejected:
            return None
        return SubscriptionId(label) if label is not None else None

    async def _exists(self, subscription_id: SubscriptionId) -> bool:
        async with self._unit_of_work() as uow:
            return await uow.subscriptions.get(subscription_id) is not None
