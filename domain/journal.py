"""The journal: every movement of money as a double entry, append only. Balances are computed, never stored.

Debits are positive, credits negative. AUTHORIZED against AUTHORIZATIONS is a memorandum: money promised,
not moved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.errors import TotalsDoNotAddUp
from domain.money import Money, total_of
from domain.pricing import Totals


class Account(Enum):
    SHOPPER = "shopper"
    PROVIDER = "provider"
    AUTHORIZED = "authorized"
    AUTHORIZATIONS = "authorizations"
    SALES = "sales"
    DELIVERY = "delivery"
    TAX = "tax"
    REFUNDS = "refunds"


class Movement(Enum):
    AUTHORIZED = "authorized"
    AUTHORIZATION_ENDED = "authorization_ended"
    CAPTURED = "captured"
    SOLD = "sold"
    REFUNDED = "refunded"
    REFUND_RETURNED = "refund_returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    account: Account
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One movement; its postings, all in one currency, sum to zero.

    `subject_id` is the payment, refund or order that moved.
    """

    movement: Movement
    subject_id: str
    at: datetime
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        amounts = [posting.amount for posting in self.postings]
        if not amounts or total_of(amounts, amounts[0].currency):
            raise TotalsDoNotAddUp(what=f"journal entry {self.movement.value}")


def authorized(payment_id: str, amount: Money, at: datetime) -> JournalEntry:
    return _transfer(
        Movement.AUTHORIZED, payment_id, amount, at, debit=Account.AUTHORIZED, credit=Account.AUTHORIZATIONS
    )


def authorization_ended(payment_id: str, amount: Money, at: datetime) -> JournalEntry:
    """The promise was used by a capture, or given up by a void."""
    return _transfer(
        Movement.AUTHORIZATION_ENDED,
        payment_id,
        amount,
        at,
        debit=Account.AUTHORIZATIONS,
        credit=Account.AUTHORIZED,
    )


def captured(payment_id: str, amount: Money, at: datetime) -> JournalEntry:
    return _transfer(
        Movement.CAPTURED, payment_id, amount, at, debit=Account.PROVIDER, credit=Account.SHOPPER
    )


def refunded(refund_id: str, amount: Money, at: datetime) -> JournalEntry:
    return _transfer(Movement.REFUNDED, refund_id, amount, at, debit=Account.SHOPPER, credit=Account.PROVIDER)


def refund_returned(refund_id: str, amount: Money, at: datetime) -> JournalEntry:
    """A bank sent a refund back: the provider holds the money again."""
    return _transfer(
        Movement.REFUND_RETURNED, refund_id, amount, at, debit=Account.PROVIDER, credit=Account.SHOPPER
    )


def sold(order_id: str, totals: Totals, at: datetime) -> JournalEntry:
    """The shopper owes the total, and this is what it is made of."""
    credits_by_account = (
        (Account.SALES, totals.subtotal - totals.discount),
        (Account.DELIVERY, totals.delivery),
        (Account.TAX, totals.tax),
    )
    postings = [Posting(account=Account.SHOPPER, amount=totals.total)]
    postings += [Posting(account=account, amount=-amount) for account, amount in credits_by_account if amount]
    return JournalEntry(movement=Movement.SOLD, subject_id=order_id, at=at, postings=tuple(postings))


def balance(entries: Iterable[JournalEntry], account: Account) -> int:
    """The account's balance in minor units over these entries."""
    return sum(p.amount.minor for entry in entries for p in entry.postings if p.account is account)


def _transfer(
    movement: Movement, subject_id: str, amount: Money, at: datetime, *, debit: Account, credit: Account
) -> JournalEntry:
    postings = (Posting(account=debit, amount=amount), Posting(account=credit, amount=-amount))
    return JournalEntry(movement=movement, subject_id=subject_id, at=at, postings=postings)
