"""What the provider in memory holds of each payment, and its lists of them."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final, Protocol, TypeVar

from adapters.in_memory.cards import UNSTOPPABLE
from domain.customer import Payer
from domain.dispute import DisputeSnapshot
from domain.identifiers import OrderId, PaymentId, RefundId
from domain.payment import Instrument, NextAction, NextActionKind, PaymentSnapshot, PaymentState
from domain.payment_method import CaptureTiming
from domain.period import Period
from domain.refund import RefundSnapshot, RefundState
from domain.values import replace, value
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund, ListPage

_PAGE: Final = 100
_PAYABLE: Final = frozenset(
    {PaymentState.AWAITING_METHOD, PaymentState.AWAITING_CONFIRMATION, PaymentState.AWAITING_ACTION}
)
T = TypeVar("T", ListedPayment, ListedRefund, ListedDispute)


@value
class HeldRefund:
    """Without our id somebody made it at the provider's own desk."""

    refund_id: RefundId | None
    created_at: datetime
    snapshot: RefundSnapshot

    def in_state(self, state: RefundState) -> "HeldRefund":
        return replace(self, snapshot=replace(self.snapshot, state=state))


@value
class HeldPayment:
    """What the provider holds of one payment; without our ids it is somebody else's. `tried` is what it was
    last tried with, `failed_at` when money that had been captured was told to have failed.
    """

    snapshot: PaymentSnapshot
    created_at: datetime
    captures_by_itself: bool
    payment_id: PaymentId | None = None
    order_id: OrderId | None = None
    refunds: tuple[HeldRefund, ...] = ()
    dispute: DisputeSnapshot | None = None
    disputed_at: datetime | None = None
    refunds_stay_pending: bool = False
    payer: Payer | None = None
    tried: Instrument | None = None
    failed_at: datetime | None = None

    def at_the_bank(self, return_url: str | None, provider: str) -> NextAction:
        """Where the shopper confirms: at the bank's own page, or in the provider's element."""
        if return_url is not None:
            return NextAction(kind=NextActionKind.REDIRECT, url=return_url)
        return NextAction(kind=NextActionKind.IN_PAGE, provider=provider, payload=self.snapshot.client_secret)

    @property
    def is_payable(self) -> bool:
        return self.snapshot.state in _PAYABLE

    @property
    def is_promised(self) -> bool:
        """The shopper has a voucher, and has not paid it yet."""
        method = self.snapshot.method
        asked = self.snapshot.state is PaymentState.AWAITING_ACTION
        return asked and method is not None and method.paid_elsewhere

    @property
    def takes_money_at_once(self) -> bool:
        """By what was asked for, or because what the shopper pays with knows nothing else."""
        method = self.snapshot.method
        return self.captures_by_itself or (method is not None and method.capture is CaptureTiming.AT_ONCE)

    @property
    def can_be_voided(self) -> bool:
        if self.snapshot.state is PaymentState.PROCESSING:
            method = self.snapshot.method
            return method is None or method.name not in UNSTOPPABLE
        return self.is_payable or self.snapshot.state is PaymentState.AUTHORIZED

    @property
    def own_refunds(self) -> dict[RefundId, RefundSnapshot]:
        return {r.refund_id: r.snapshot for r in self.refunds if r.refund_id is not None}

    @property
    def refunded_minor(self) -> int:
        snapshots = (refund.snapshot for refund in self.refunds)
        return sum(s.amount.minor for s in snapshots if s.state is not RefundState.FAILED)

    @property
    def disputed_minor(self) -> int:
        return self.dispute.amount.minor if self.dispute is not None and self.dispute.withdrawn else 0


def payment_pages(payments: Collection[HeldPayment], period: Period) -> Iterator[ListPage[ListedPayment]]:
    """Somebody else's are counted. One whose capture has failed is listed once more."""
    within = (h for h in payments if any(at and period.covers(at) for at in (h.created_at, h.failed_at)))
    listed = sorted(within, key=lambda held: held.created_at)[::-1]
    return _pages_of(_listed(held) for held in listed)


def refund_pages(payments: Collection[HeldPayment], period: Period) -> Iterator[ListPage[ListedRefund]]:
    made = [refund for held in payments for refund in _refunds_of(held)]
    return _pages_of(_newest_first(made, period))


def dispute_pages(payments: Collection[HeldPayment], period: Period) -> Iterator[ListPage[ListedDispute]]:
    raised = [
        ListedDispute(
            payment_reference=held.snapshot.reference, created_at=held.disputed_at, snapshot=held.dispute
        )
        for held in payments
        if held.dispute is not None and held.disputed_at is not None
    ]
    return _pages_of(_newest_first(raised, period))


class _Made(Protocol):
    @property
    def created_at(self) -> datetime: ...


M = TypeVar("M", bound=_Made)


def _newest_first(made: Collection[M], period: Period) -> list[M]:
    within = sorted((m for m in made if period.covers(m.created_at)), key=lambda record: record.created_at)
    return within[::-1]


def _listed(held: HeldPayment) -> ListedPayment | None:
    """None for somebody else's."""
    if held.payment_id is None or held.order_id is None:
        return None
    return ListedPayment(
        payment_id=held.payment_id,
        order_id=held.order_id,
        created_at=held.created_at,
        snapshot=held.snapshot,
    )


def _refunds_of(held: HeldPayment) -> Iterator[ListedRefund]:
    for refund in held.refunds:
        yield ListedRefund(
            refund_id=refund.refund_id,
            payment_reference=held.snapshot.reference,
            created_at=refund.created_at,
            snapshot=refund.snapshot,
        )


def _pages_of(records: Iterable[T | None]) -> Iterator[ListPage[T]]:
    """Cut as a provider's list is, somebody else's records counted."""
    remaining = iter(records)
    while page := list(islice(remaining, _PAGE)):
        listed = [record for record in page if record is not None]
        yield ListPage(listed=listed, others=len(page) - len(listed))
