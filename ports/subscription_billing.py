"""Having a provider bill a plan again and again, in neutral words: one verb set for every provider.

Every write takes the id of its persisted attempt as the idempotency key, as in `ports.payments`. No write
answers how the subscription stands: that is read, so that late and repeated answers can't mislead. All raise
Rejected, Unavailable or OutcomeUnknown, and nothing else. A first payment that is declined is no error: the
subscription is INCOMPLETE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import AttemptId, SubscriptionId
from domain.invoice import InvoiceSnapshot
from domain.payment import Instrument
from domain.plan import PlanTerms
from domain.standing import CancellationTime, SubscriptionSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequest:
    """`customer_reference` is the provider's id of the customer. With an `instrument` of theirs the first
    period is collected at once; without one the customer pays it by the snapshot's `next_action`.
    """

    subscription_id: SubscriptionId
    customer_reference: str
    terms: PlanTerms
    instrument: Instrument | None


class SubscriptionBilling(Protocol):
    @property
    def provider(self) -> str:
        """The provider's name as it stands in the records, such as `stripe`."""

    async def subscribe(self, request: SubscriptionRequest, key: AttemptId) -> str:
        """The provider's id of the new subscription. Raises Rejected for an unknown customer, price or
        instrument.
        """

    async def change_plan(self, reference: str, terms: PlanTerms, key: AttemptId) -> None:
        """From now on it is billed by these terms; what was paid ahead is prorated by the provider.

        Raises Rejected for an unknown price, another currency, and one that has ended.
        """

    async def cancel(self, reference: str, when: CancellationTime, key: AttemptId) -> None:
        """No period is billed any more after this one, or as of now. One that has ended already stays so."""

    async def retrieve(self, reference: str) -> SubscriptionSnapshot:
        """How it stands. Raises Rejected when there is no such subscription."""

    async def find(self, subscription_id: SubscriptionId, customer_reference: str) -> str | None:
        """The provider's id of the customer's subscription that carries our id, ended ones among them; None
        when there is none: for one whose answer was lost.
        """

    async def invoices(self, reference: str) -> Sequence[InvoiceSnapshot]:
        """All of the subscription's invoices, the oldest first; none where there is no such subscription."""
