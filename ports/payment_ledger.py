"""The provider's own record of payments, refunds and disputes: read for a comparison with ours, changed by
nobody.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from domain.dispute import DisputeSnapshot
from domain.identifiers import OrderId, PaymentId, RefundId
from domain.payment import PaymentSnapshot
from domain.period import Period
from domain.refund import RefundSnapshot
from ports.payments import PaymentGateway

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPayment:
    """A payment that carries our ids; `created_at` is by the provider's clock."""

    payment_id: PaymentId
    order_id: OrderId
    created_at: datetime
    snapshot: PaymentSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRefund:
    """A refund of any payment on the account. Without our id somebody else made it, such as a person at the
    provider's own desk.
    """

    refund_id: RefundId | None
    payment_reference: str
    created_at: datetime
    snapshot: RefundSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDispute:
    """What a bank has raised about any payment on the account; `created_at` is when."""

    payment_reference: str
    created_at: datetime
    snapshot: DisputeSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[T]):
    """One page of a list. `others`: how many records on it can't be ours."""

    listed: Sequence[T]
    others: int


class PaymentLedger(Protocol):
    """The lists are complete for the period, newest first, read page by page; what is made meanwhile may be
    missing, and older records may be on them that the provider has said something of since. Reading a page
    raises Unavailable, Rejected or OutcomeUnknown, and then the list is over.
    """

    @property
    def provider(self) -> str:
        """The provider's name as it stands in the records."""

    def payments_created(self, period: Period) -> AsyncIterator[ListPage[ListedPayment]]: ...

    def refunds_created(self, period: Period) -> AsyncIterator[ListPage[ListedRefund]]: ...

    def disputes_created(self, period: Period) -> AsyncIterator[ListPage[ListedDispute]]: ...


class PaymentProvider(PaymentGateway, PaymentLedger, Protocol):
    """What an adapter of a provider has to be: what it does for us, and its own record of it."""
