"""A subscription's rows, and the domain's words for them: what lists choose by is a column, the rest one
document.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from adapters.postgres.statement import Row
from domain.identifiers import CustomerId, InvoiceId, SubscriptionId
from domain.invoice import Invoice, InvoiceSnapshot, InvoiceState
from domain.money import Currency, Money
from domain.payment import Instrument, NextAction
from domain.period import Period
from domain.plan import PlanTerms
from domain.standing import Entitlement, SubscriptionState
from domain.subscription import Subscription
from domain.wish import Wish


class _Document(msgspec.Struct, frozen=True, omit_defaults=True):
    customer_reference: str
    terms: PlanTerms
    instrument: Instrument | None = None
    wish: Wish | None = None
    period: Period | None = None
    billed_price: str | None = None
    ends_at_period_end: bool = False
    grace_until: datetime | None = None
    seen_at: datetime | None = None
    stale: bool = False
    next_action: NextAction | None = None
    refusal: str | None = None


class _InvoiceRow(msgspec.Struct, frozen=True):
    """Amounts in minor units of the currency."""

    id: str
    reference: str
    state: InvoiceState
    currency: str
    total_minor: int
    tax_minor: int
    paid_minor: int
    failed_tries: int
    created_at: datetime
    bills_from: datetime | None
    bills_until: datetime | None
    next_try_at: datetime | None

    def invoice(self) -> Invoice:
        currency = Currency.of(self.currency)
        snapshot = InvoiceSnapshot(
            reference=self.reference,
            state=self.state,
            total=Money(minor=self.total_minor, currency=currency),
            tax=Money(minor=self.tax_minor, currency=currency),
            paid=Money(minor=self.paid_minor, currency=currency),
            failed_tries=self.failed_tries,
            created_at=self.created_at,
            bills_from=self.bills_from,
            bills_until=self.bills_until,
            next_try_at=self.next_try_at,
        )
        return Invoice(id=InvoiceId(self.id), said=snapshot)


_encode: Final = msgspec.json.Encoder().encode
_document: Final = msgspec.json.Decoder(_Document).decode
_invoices: Final = msgspec.json.Decoder(list[_InvoiceRow]).decode


def subscription_columns(subscription: Subscription, due_at: datetime | None) -> dict[str, Any]:
    document = _Document(
        customer_reference=subscription.customer_reference,
        terms=subscription.terms,
        instrument=subscription.instrument,
        wish=subscription.wish,
        period=subscription.period,
        billed_price=subscription.billed_price,
        ends_at_period_end=subscription.ends_at_period_end,
        grace_until=subscription.grace_until,
        seen_at=subscription.seen_at,
        stale=subscription.stale,
        next_action=subscription.next_action,
        refusal=subscription.refusal,
    )
    return {
        "id": subscription.id,
        "created_at": subscription.created_at,
        "due_at": due_at,
        "ended_at": subscription.ended_at,
        "customer_id": subscription.customer_id,
        "provider": subscription.provider,
        "reference": subscription.reference,
        "plan_id": subscription.terms.plan_id,
        "wanted_plan_id": subscription.wanted_plan,
        "state": subscription.state.value,
        "entitlement": subscription.entitlement.value,
        "content": _encode(document).decode(),
    }


def invoice_rows(invoices: tuple[Invoice, ...]) -> str:
    return _encode([_invoice_row(invoice) for invoice in invoices]).decode()


def subscription_from(row: Row, invoices: str | None = None) -> Subscription:
    """`invoices`: the rows as a JSON array."""
    document = _document(row["content"])
    found = [each.invoice() for each in _invoices(invoices)] if invoices else []
    return Subscription(
        id=SubscriptionId(row["id"]),
        customer_id=CustomerId(row["customer_id"]),
        provider=row["provider"],
        customer_reference=document.customer_reference,
        terms=document.terms,
        created_at=row["created_at"],
        instrument=document.instrument,
        state=SubscriptionState(row["state"]),
        entitlement=Entitlement(row["entitlement"]),
        wish=document.wish,
        reference=row["reference"],
        period=document.period,
        billed_price=document.billed_price,
        ends_at_period_end=document.ends_at_period_end,
        grace_until=document.grace_until,
        ended_at=row["ended_at"],
        seen_at=document.seen_at,
        stale=document.stale,
        next_action=document.next_action,
        refusal=document.refusal,
        invoices=tuple(found),
        version=row["version"],
    )


def invoice_from(row: Row) -> Invoice:
    wanted = {field.name: row[field.name] for field in msgspec.structs.fields(_InvoiceRow)}
    return _InvoiceRow(**wanted | {"state": InvoiceState(row["state"])}).invoice()


def _invoice_row(invoice: Invoice) -> _InvoiceRow:
    said = invoice.said
    return _InvoiceRow(
        id=invoice.id,
        reference=said.reference,
        state=said.state,
        currency=said.total.currency.code,
        total_minor=said.total.minor,
        tax_minor=said.tax.minor,
        paid_minor=said.paid.minor,
        failed_tries=said.failed_tries,
        created_at=said.created_at,
        bills_from=said.bills_from,
        bills_until=said.bills_until,
        next_try_at=said.next_try_at,
    )
