"""Invoices: issued for a subscription, collected by a payment, tried again on later days, and paid in the end
or not.
"""

from dataclasses import replace
from typing import Final

from entrypoints.sandbox.stripe.commands import Confirmation, NewPayment, PaymentDetails
from entrypoints.sandbox.stripe.currencies import minimum_charge
from entrypoints.sandbox.stripe.errors import StripeError
from entrypoints.sandbox.stripe.models import Event, IntentStatus, PaymentIntent
from entrypoints.sandbox.stripe.payments import Payments
from entrypoints.sandbox.stripe.records import Records, found
from entrypoints.sandbox.stripe.subscription_models import (
    BillingReason,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Subscription,
)

_DAY: Final = 24 * 3600
# After each failed try that it is for, so long until the next one; then Stripe tries no more.
RETRY_AFTER: Final = (3 * _DAY, 5 * _DAY, 7 * _DAY)


class Invoices:
    """Listens to the account's payments: one that belongs to an invoice pays it, or fails it."""

    def __init__(self, records: Records, payments: Payments) -> None:
        self._records = records
        self._payments = payments
        self._credits: dict[str, int] = {}
        records.listeners.append(self._on_event)

    def retrieve(self, identifier: str) -> Invoice:
        return found(self._records.invoices, identifier, "invoice")

    def of(self, subscription_id: str) -> list[Invoice]:
        """The newest first."""
        newest = reversed(self._records.invoices.values())
        return [invoice for invoice in newest if invoice.subscription == subscription_id]

    def issue(
        self, subscription: Subscription, lines: tuple[InvoiceLine, ...], reason: BillingReason
    ) -> Invoice:
        """Open, with a payment that waits for a method; paid at once if nothing is due."""
        total = sum(line.amount for line in lines)
        held = self._credits.get(subscription.customer, 0)
        credit = min(held, total) if total > 0 else 0
        self._credits[subscription.customer] = held - credit + max(0, -total)
        invoice = Invoice(
            id=self._records.clock.new_id("in"),
            created=self._records.now(),
            customer=subscription.customer,
            subscription=subscription.id,
            currency=subscription.price.currency,
            reason=reason,
            lines=lines,
            credit=credit,
        )
        self._save(invoice, "invoice.created", "invoice.finalized")
        if invoice.amount_due < minimum_charge(invoice.currency):
            return self._settled(invoice, charge=None)
        return self._save(replace(invoice, payment_intent=self._payment_for(invoice).id))

    def collect(self, invoice: Invoice, method: str | None, *, off_session: bool) -> Invoice:
        """One try of Stripe's own. What comes of it arrives as the payment's event."""
        if invoice.status is not InvoiceStatus.OPEN or invoice.payment_intent is None:
            return invoice
        invoice = self._save(replace(invoice, attempt_count=invoice.attempt_count + 1))
        if method is None:
            return self._failed(invoice)
        confirmation = Confirmation(payment_method=method, off_session=off_session)
        try:
            intent = self._payments.confirm(invoice.payment_intent or "", confirmation)
        except StripeError as declined:
            if declined.payment_intent is None:
                return self._failed(invoice)
            return self.retrieve(invoice.id)
        if intent.status is IntentStatus.REQUIRES_ACTION:
            self._records.announce("invoice.payment_action_required", invoice)
        return self.retrieve(invoice.id)

    def void(self, invoice: Invoice) -> Invoice:
        if invoice.status is not InvoiceStatus.OPEN:
            return invoice
        voided = replace(
            invoice,
            status=InvoiceStatus.VOID,
            voided_at=self._records.now(),
            next_payment_attempt=None,
        )
        return self._save(voided, "invoice.voided")

    def stop_trying(self, invoice: Invoice) -> None:
        self._save(replace(invoice, next_payment_attempt=None))

    def _payment_for(self, invoice: Invoice) -> PaymentIntent:
        return self._payments.create(
            NewPayment(
                amount=invoice.amount_due,
                currency=invoice.currency,
                payment_method_types=("card",),
                invoice=invoice.id,
                details=PaymentDetails(
                    customer=invoice.customer,
                    description="Subscription",
                    setup_future_usage="off_session",
                ),
            )
        )

    def _on_event(self, event: Event) -> None:
        if not isinstance(event.subject, PaymentIntent):
            return
        invoice = self._paid_by(event.subject)
        if invoice is None or invoice.status is not InvoiceStatus.OPEN:
            return
        if event.type == "payment_intent.succeeded":
            self._settled(invoice, charge=event.subject.latest_charge)
        elif event.type == "payment_intent.payment_failed":
            # Whatever the customer tries in the page counts as the first try, as Stripe counts.
            self._failed(replace(invoice, attempt_count=max(invoice.attempt_count, 1)))

    def _paid_by(self, intent: PaymentIntent) -> Invoice | None:
        newest = reversed(self._records.invoices.values())
        return next((invoice for invoice in newest if invoice.payment_intent == intent.id), None)

    def _settled(self, invoice: Invoice, *, charge: str | None) -> Invoice:
        paid = replace(
            invoice,
            status=InvoiceStatus.PAID,
            charge=charge,
            attempt_count=max(invoice.attempt_count, 1) if charge else invoice.attempt_count,
            paid_at=self._records.now(),
            next_payment_attempt=None,
        )
        return self._save(paid, "invoice.paid", "invoice.payment_succeeded")

    def _failed(self, invoice: Invoice) -> Invoice:
        tries, now = invoice.attempt_count, self._records.now()
        again = now + RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else None
        return self._save(replace(invoice, next_payment_attempt=again), "invoice.payment_failed")

    def _save(self, invoice: Invoice, *event_types: str) -> Invoice:
        self._records.invoices[invoice.id] = invoice
        for event_type in event_types:
            self._records.announce(event_type, invoice)
        return self._records.invoices[invoice.id]
