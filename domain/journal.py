"""The journal: every movement of money as a double entry, append only. Balances are computed, never stored.

Debits are positive, credits negative. AUTHORIZED against AUTHORIZATIONS is a memorandum: money promised,
not moved.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum

from domain.dispute import Dispute
from domain.errors import TotalsDoNotAddUp
from domain.money import Money, total_of
from domain.payment import Payment, PaymentState
from domain.pricing import Totals
from domain.refund import Refund, RefundState, Share
from domain.shortage import Shortage
from domain.values import replace, value


class Account(Enum):
    SHOPPER = "shopper"
    PROVIDER = "provider"
    AUTHORIZED = "authorized"
    AUTHORIZATIONS = "authorizations"
    SALES = "sales"
    SUBSCRIPTIONS = "subscriptions"
    DELIVERY = "delivery"
    TAX = "tax"
    REFUNDS = "refunds"
    DISPUTED = "disputed"
    WRITTEN_OFF = "written_off"


class Movement(Enum):
    AUTHORIZED = "authorized"
    AUTHORIZATION_ENDED = "authorization_ended"
    CAPTURED = "captured"
    CAPTURE_FAILED = "capture_failed"
    SOLD = "sold"
    SHORTENED = "shortened"
    INVOICE_PAID = "invoice_paid"
    REFUNDED = "refunded"
    REFUND_RETURNED = "refund_returned"
    DISPUTED = "disputed"
    DISPUTE_RETURNED = "dispute_returned"
    WRITTEN_OFF = "written_off"
    RECOVERED = "recovered"


@value
class Posting:
    account: Account
    amount: Money


@value
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


def capture_failed(payment_id: str, amount: Money, at: datetime) -> JournalEntry:
    """The provider turns out not to have the money: the shopper owes it once more."""
    accounts = {"debit": Account.SHOPPER, "credit": Account.PROVIDER}
    return _transfer(Movement.CAPTURE_FAILED, payment_id, amount, at, **accounts)


def payment_entries(before: Payment, after: Payment, at: datetime) -> tuple[JournalEntry, ...]:
    """What moved with a payment: a promise made or ended, money captured, failed after that, or given up."""
    entries = []
    if after.state is PaymentState.AUTHORIZED is not before.state:
        entries.append(authorized(after.id, after.amount, at))
    if before.state is PaymentState.AUTHORIZED is not after.state:
        entries.append(authorization_ended(before.id, before.amount, at))
    if after.captured != before.captured or after.failed != before.failed:
        newly_captured = after.ever_captured - before.ever_captured
        if newly_captured:
            entries.append(captured(after.id, newly_captured, at))
        newly_failed = newly_captured - (after.captured - before.captured)
        if newly_failed:
            entries.append(capture_failed(after.id, newly_failed, at))
    return (*entries, *_loss_entries(before, after, at))


def _loss_entries(before: Payment, after: Payment, at: datetime) -> tuple[JournalEntry, ...]:
    """What the shopper owed and a person does without, or what of that is no loss any more."""
    if after.forgone == before.forgone:
        return ()
    accounts = {"debit": Account.WRITTEN_OFF, "credit": Account.SHOPPER}
    if after.given_up > before.given_up:
        lost = after.given_up - before.given_up
        return (_transfer(Movement.WRITTEN_OFF, after.id, lost, at, **accounts),)
    accounts = {"debit": Account.SHOPPER, "credit": Account.WRITTEN_OFF}
    made_up = before.given_up - after.given_up
    return (_transfer(Movement.RECOVERED, after.id, made_up, at, **accounts),)


def refunded(refund: Refund, at: datetime, *, sold: bool) -> JournalEntry:
    """The provider paid out, and this is what for. What was never part of a sale is the shopper's own."""
    shares = refund.shares if sold else ()
    rest = refund.amount - total_of((share.amount for share in shares), refund.amount.currency)
    parts = (*_parts_of(shares, Account.REFUNDS), (Account.SHOPPER, rest))
    return _entry(Movement.REFUNDED, refund.id, at, (Account.PROVIDER, -refund.amount), parts)


def refund_returned(refund: Refund, at: datetime, *, sold: bool) -> JournalEntry:
    """A bank sent a refund back: the provider holds the money again."""
    paid_out = refunded(refund, at, sold=sold)
    postings = tuple(Posting(account=p.account, amount=-p.amount) for p in paid_out.postings)
    return replace(paid_out, movement=Movement.REFUND_RETURNED, postings=postings)


def shortened(shortage: Shortage, at: datetime) -> JournalEntry:
    """Less was sold than agreed, and the shopper owes so much less."""
    parts = _parts_of(shortage.shares, Account.SALES)
    return _entry(Movement.SHORTENED, shortage.id, at, (Account.SHOPPER, -shortage.amount), parts)


def off_the_sale(
    shortages: Iterable[Shortage], refunds: Iterable[Refund], at: datetime
) -> tuple[JournalEntry, ...]:
    """What a sale is booked without: pieces that can't be shipped, and parts that were paid back before."""
    paid_back = (refund for refund in refunds if refund.state is RefundState.SUCCEEDED and refund.shares)
    return (*(shortened(each, at) for each in shortages), *(_given_up(each, at) for each in paid_back))


def dispute_entries(before: Dispute | None, after: Dispute, at: datetime) -> tuple[JournalEntry, ...]:
    """What moved with a dispute: the provider takes the money, gives it back, or it is lost."""
    had = before is not None and before.withdrawn
    was_lost = before is not None and before.is_written_off
    entries = []
    if after.withdrawn and not had:
        entries.append(_dispute_transfer(Movement.DISPUTED, after, at, Account.DISPUTED, Account.PROVIDER))
    if had and not after.withdrawn:
        move = Movement.DISPUTE_RETURNED
        entries.append(_dispute_transfer(move, after, at, Account.PROVIDER, Account.DISPUTED))
    if after.is_written_off and not was_lost:
        move = Movement.WRITTEN_OFF
        entries.append(_dispute_transfer(move, after, at, Account.WRITTEN_OFF, Account.DISPUTED))
    return tuple(entries)


def sold(order_id: str, totals: Totals, at: datetime) -> JournalEntry:
    """The shopper owes the total, and this is what it is made of."""
    parts = (
        (Account.SALES, totals.discount - totals.subtotal),
        (Account.DELIVERY, -totals.delivery),
        (Account.TAX, -totals.tax),
    )
    return _entry(Movement.SOLD, order_id, at, (Account.SHOPPER, totals.total), parts)


def balance(entries: Iterable[JournalEntry], account: Account) -> int:
    """The account's balance in minor units over these entries."""
    return sum(p.amount.minor for entry in entries for p in entry.postings if p.account is account)


_Amount = tuple[Account, Money]


def _given_up(refund: Refund, at: datetime) -> JournalEntry:
    """The shopper's own money turns out to have been for these parts of the sale."""
    back = total_of((share.amount for share in refund.shares), refund.amount.currency)
    parts = _parts_of(refund.shares, Account.REFUNDS)
    return _entry(Movement.REFUNDED, refund.id, at, (Account.SHOPPER, -back), parts)


def _parts_of(shares: Sequence[Share], goods: Account) -> tuple[_Amount, ...]:
    """What shares of a sale are made of: net price of goods, of delivery, and tax."""
    if not shares:
        return ()
    currency = shares[0].net.currency
    return (
        (goods, total_of((share.net for share in shares if share.line_id is not None), currency)),
        (Account.DELIVERY, total_of((share.net for share in shares if share.line_id is None), currency)),
        (Account.TAX, total_of((share.tax for share in shares), currency)),
    )


def _dispute_transfer(
    movement: Movement, dispute: Dispute, at: datetime, debit: Account, credit: Account
) -> JournalEntry:
    return _transfer(movement, dispute.id, dispute.amount, at, debit=debit, credit=credit)


def _transfer(
    movement: Movement, subject_id: str, amount: Money, at: datetime, *, debit: Account, credit: Account
) -> JournalEntry:
    postings = (Posting(account=debit, amount=amount), Posting(account=credit, amount=-amount))
    return JournalEntry(movement=movement, subject_id=subject_id, at=at, postings=postings)


def _entry(
    movement: Movement, subject_id: str, at: datetime, whole: _Amount, parts: Sequence[_Amount]
) -> JournalEntry:
    """The whole, and of its parts those that are not zero."""
    amounts = (whole, *(part for part in parts if part[1]))
    postings = tuple(Posting(account=account, amount=amount) for account, amount in amounts)
    return JournalEntry(movement=movement, subject_id=subject_id, at=at, postings=postings)
