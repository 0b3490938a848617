"""What two records of the same thing don't agree on: ours and the provider's, journal and order."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domain.decision import decide
from domain.dispute import Dispute, DisputeSnapshot
from domain.journal import Account
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentSnapshot, PaymentState
from domain.reconciliation import FindingKind
from domain.refund import Refund, RefundSnapshot, RefundState
from domain.steps import Settled, WaitUntil
from domain.values import value

# A step that waits so much longer than it should is waited for by nobody.
_OVERDUE: Final = timedelta(minutes=15)


@value
class OrderBooks:
    """An order with its journal's balances, in minor units, and when it is due: all as of one moment."""

    facts: OrderFacts
    balances: Mapping[Account, int]
    due_at: datetime | None

    def journal_gap(self) -> tuple[str, str] | None:
        """What the journal says and what the order says, where they differ.

        What the provider holds is what was captured, less what went back and what banks took; what is lost
        was given up by a person or won by a bank; and all accounts together are zero.
        """
        booked = (Account.PROVIDER, Account.AUTHORIZED, Account.WRITTEN_OFF)
        journal = self._told(*(self.balances.get(each, 0) for each in booked), sum(self.balances.values()))
        order = self._told(self._at_provider, self._authorized, self._lost, 0)
        return (journal, order) if journal != order else None

    def is_forgotten(self, now: datetime) -> bool:
        """There is something to do, and nobody will come and do it."""
        step = decide(self.facts, now)
        if self.due_at is None:
            return not isinstance(step, Settled)
        return not isinstance(step, Settled | WaitUntil) and self.due_at < now - _OVERDUE

    @property
    def _at_provider(self) -> int:
        """By the order's payments, refunds and disputes, over all providers."""
        captured = sum(payment.captured.minor for payment in self.facts.payments)
        back = sum(r.amount.minor for r in self.facts.refunds if r.state is RefundState.SUCCEEDED)
        taken = sum(dispute.amount.minor for dispute in self.facts.disputes if dispute.withdrawn)
        return captured - back - taken

    @property
    def _authorized(self) -> int:
        return sum(p.amount.minor for p in self.facts.payments if p.state is PaymentState.AUTHORIZED)

    @property
    def _lost(self) -> int:
        given_up = sum(payment.given_up.minor for payment in self.facts.payments)
        return given_up + sum(d.amount.minor for d in self.facts.disputes if d.is_written_off)

    def _told(self, *minors: int) -> str:
        currency = self.facts.order.total.currency
        names = ("at the provider", "authorized", "written off", "off balance")
        sums = zip(names, minors, strict=True)
        return ", ".join(f"{Money(minor=minor, currency=currency)} {name}" for name, minor in sums)


def payment_differs(ours: Payment, theirs: PaymentSnapshot) -> FindingKind | None:
    """None where they agree: also on a payment that is over for both, whoever ended it, or that both know to
    hold what nothing goes by; and on one that we took for captured until it failed, whatever the provider
    makes of it now.
    """
    if theirs.amount != ours.amount:
        return FindingKind.PAYMENT_AMOUNT
    over = ours.is_over and (theirs.state is PaymentState.VOIDED or (ours.holds_stray and theirs.holds_stray))
    same = over or ours.has_fallen_through or ours.state is theirs.state
    return None if same and ours.captured == theirs.received else FindingKind.PAYMENT_STATE


def refund_differs(ours: Refund, theirs: RefundSnapshot) -> FindingKind | None:
    if theirs.amount != ours.amount:
        return FindingKind.REFUND_AMOUNT
    return None if ours.state is theirs.state else FindingKind.REFUND_STATE


def dispute_differs(ours: Dispute | None, theirs: DisputeSnapshot) -> FindingKind | None:
    """One that we never heard of differs in its state."""
    if ours is None:
        return FindingKind.DISPUTE_STATE
    if theirs.amount != ours.amount:
        return FindingKind.DISPUTE_AMOUNT
    same = (ours.state, ours.withdrawn) == (theirs.state, theirs.withdrawn)
    return None if same else FindingKind.DISPUTE_STATE


def payment_told(state: PaymentState, amount: Money, captured: Money) -> str:
    """`captured 20.23 EUR`: what was taken, or else what it is about."""
    return f"{state.value} {captured or amount}"


def refund_told(refund: Refund | RefundSnapshot) -> str:
    return f"{refund.state.value} {refund.amount}"


def dispute_told(dispute: Dispute | DisputeSnapshot) -> str:
    """`open 20.23 EUR withdrawn`."""
    money = "withdrawn" if dispute.withdrawn else "not withdrawn"
    return f"{dispute.state.value} {dispute.amount} {money}"
