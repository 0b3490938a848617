"""Invoices of a subscription, as the provider writes them: what was billed, tried and paid, and how it is
booked.
"""

from datetime import datetime
from enum import Enum
from typing import Final

from domain.identifiers import InvoiceId
from domain.journal import Account, JournalEntry, Movement, Posting
from domain.money import Money
from domain.values import replace, value


class InvoiceState(Enum):
    """OPEN: to be paid. UNCOLLECTIBLE: the provider has given up on it, though it may still be paid."""

    DRAFT = "draft"
    OPEN = "open"
    UNCOLLECTIBLE = "uncollectible"
    PAID = "paid"
    VOID = "void"


_PHASE: Final = {
    InvoiceState.DRAFT: 0,
    InvoiceState.OPEN: 1,
    InvoiceState.UNCOLLECTIBLE: 2,
    InvoiceState.PAID: 3,
    InvoiceState.VOID: 3,
}


@value
class InvoiceSnapshot:
    """What the provider says of an invoice at one moment.

    `total` holds `tax` and any proration, and is negative where the subscriber is owed. `paid` is what came
    through the provider; the rest of a paid one was credit of the subscriber's, or went another way.
    `failed_tries` counts the provider's vain tries to collect it.
    """

    reference: str
    state: InvoiceState
    total: Money
    tax: Money
    paid: Money
    failed_tries: int
    created_at: datetime
    bills_from: datetime | None = None
    bills_until: datetime | None = None
    next_try_at: datetime | None = None


@value
class Invoice:
    """An invoice and the furthest that the provider has told of it: paid stays paid, whatever comes late."""

    id: InvoiceId
    said: InvoiceSnapshot

    @property
    def is_paid(self) -> bool:
        return self.said.state is InvoiceState.PAID

    def observed(self, snapshot: InvoiceSnapshot) -> "Invoice":
        if _PHASE[snapshot.state] < _PHASE[self.said.state] or self.is_paid:
            return self
        tries = max(snapshot.failed_tries, self.said.failed_tries)
        return replace(self, said=replace(snapshot, failed_tries=tries))


def invoice_paid(invoice: Invoice, at: datetime) -> tuple[JournalEntry, ...]:
    """The provider holds what was paid; what the subscriber's credit covered is the subscriber's. Nothing
    where nothing was billed.
    """
    said = invoice.said
    amounts = (
        (Account.PROVIDER, said.paid),
        (Account.SHOPPER, said.total - said.paid),
        (Account.SUBSCRIPTIONS, said.tax - said.total),
        (Account.TAX, -said.tax),
    )
    postings = tuple(Posting(account=account, amount=amount) for account, amount in amounts if amount)
    if not postings:
        return ()
    entry = JournalEntry(movement=Movement.INVOICE_PAID, subject_id=invoice.id, at=at, postings=postings)
    return (entry,)
