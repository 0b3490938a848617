"""Subscriptions: begun with a first payment, billed period by period, changed with proration, ended."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from domain.plan import BillingInterval
from entrypoints.sandbox.stripe.currencies import currency_of
from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter, no_such
from entrypoints.sandbox.stripe.invoices import Invoices
from entrypoints.sandbox.stripe.models import Event, PaymentMethod
from entrypoints.sandbox.stripe.records import Records, found, merged
from entrypoints.sandbox.stripe.subscription_models import (
    BillingReason,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    PaymentBehavior,
    Price,
    Span,
    Subscription,
    SubscriptionStatus,
)

# So long does the first payment have.
_FIRST_PAYMENT_SECONDS: Final = 23 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    customer: str
    price: str
    behavior: PaymentBehavior = PaymentBehavior.ALLOW_INCOMPLETE
    default_payment_method: str | None = None
    saves_method: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionChange:
    """None keeps what is there."""

    item_id: str | None = None
    price: str | None = None
    cancel_at_period_end: bool | None = None
    default_payment_method: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class Subscriptions:
    """Listens to the account's invoices: how a subscription stands follows from its latest one."""

    def __init__(self, records: Records, invoices: Invoices) -> None:
        self._records = records
        self._invoices = invoices
        records.listeners.append(self._on_event)

    def create_price(
        self, amount: int, currency: str, product: str, interval: BillingInterval, count: int
    ) -> Price:
        price = Price(
            id=self._records.clock.new_id("price"),
            created=self._records.now(),
            currency=currency_of(currency),
            unit_amount=amount,
            product=product,
            interval=interval,
            interval_count=count,
        )
        self._records.prices[price.id] = price
        return price

    def create(self, wanted: NewSubscription) -> Subscription:
        if wanted.customer not in self._records.customers:
            raise no_such("customer", wanted.customer, "customer")
        price = found(self._records.prices, wanted.price, "price", "items[0][price]")
        method = self._method_of(wanted.customer, wanted.default_payment_method)
        if method is None and wanted.behavior is not PaymentBehavior.DEFAULT_INCOMPLETE:
            message = (
                "This customer has no attached payment source or default payment method. Please consider"
                " adding a default payment method."
            )
            raise StripeError.refused(message, "resource_missing")
        subscription = Subscription(
            id=self._records.clock.new_id("sub"),
            created=self._records.now(),
            customer=wanted.customer,
            item_id=self._records.clock.new_id("si"),
            price=price,
            span=_span(self._records.now(), price),
            metadata=merged({}, wanted.metadata),
            default_payment_method=method.id if method else None,
            saves_method=wanted.saves_method,
        )
        self._save(subscription, "customer.subscription.created")
        lines = (self._line(subscription, price.unit_amount, subscription.span),)
        invoice = self._issue(subscription, lines, BillingReason.SUBSCRIPTION_CREATE)
        if method is not None and wanted.behavior is not PaymentBehavior.DEFAULT_INCOMPLETE:
            self._invoices.collect(invoice, method.id, off_session=False)
        return self.retrieve(subscription.id)

    def retrieve(self, identifier: str) -> Subscription:
        return found(self._records.subscriptions, identifier, "subscription")

    def update(self, identifier: str, change: SubscriptionChange) -> Subscription:
        subscription = self._live(identifier)
        method = self._method_of(subscription.customer, change.default_payment_method)
        if change.item_id is not None and change.item_id != subscription.item_id:
            raise no_such("subscription_item", change.item_id, "items[0][id]")
        ends = change.cancel_at_period_end
        changed = replace(
            subscription,
            cancel_at_period_end=subscription.cancel_at_period_end if ends is None else ends,
            canceled_at=self._records.now() if ends else subscription.canceled_at,
            default_payment_method=method.id if method else subscription.default_payment_method,
            metadata=merged(subscription.metadata, change.metadata),
        )
        if change.price is None:
            return self._save(changed, "customer.subscription.updated")
        price = found(self._records.prices, change.price, "price", "items[0][price]")
        if price.currency != subscription.price.currency:
            message = (
                f"The price specified only supports `{price.currency}`. This doesn't match the expected"
                f" currency: `{subscription.price.currency}`."
            )
            raise invalid_parameter("items[0][price]", message)
        return self._with_price(changed, price)

    def cancel(self, identifier: str) -> Subscription:
        """At once; what was not paid stays open, and is tried no more."""
        return self._end(self._live(identifier), SubscriptionStatus.CANCELED)

    def bill(self, identifier: str) -> Subscription:
        """The period ends: the next one is billed and collected, or the subscription is over."""
        subscription = self._live(identifier)
        if subscription.cancel_at_period_end:
            return self._end(subscription, SubscriptionStatus.CANCELED)
        span = _span(subscription.span.end, subscription.price)
        renewed = replace(subscription, span=span, pending=())
        self._save(renewed, "customer.subscription.updated")
        lines = (*subscription.pending, self._line(renewed, renewed.price.unit_amount, span))
        invoice = self._issue(renewed, lines, BillingReason.SUBSCRIPTION_CYCLE)
        self._invoices.collect(invoice, renewed.default_payment_method, off_session=True)
        return self.retrieve(identifier)

    def retry(self, identifier: str) -> Subscription:
        """Stripe tries what is open once more; after the last try in vain it ends the subscription."""
        subscription = self._live(identifier)
        for invoice in self._invoices.of(identifier):
            after = self._invoices.collect(invoice, subscription.default_payment_method, off_session=True)
            gave_up = after.status is InvoiceStatus.OPEN and after.next_payment_attempt is None
            if gave_up and not self.retrieve(identifier).is_over:
                self._end(self.retrieve(identifier), SubscriptionStatus.CANCELED)
        return self.retrieve(identifier)

    def pass_time(self) -> None:
        """Does what has come due by now: first payments that never came, retries, renewals."""
        now = self._records.now()
        for identifier in tuple(self._records.subscriptions):
            waits_until = self.retrieve(identifier).created + _FIRST_PAYMENT_SECONDS
            if self.retrieve(identifier).status is SubscriptionStatus.INCOMPLETE and now >= waits_until:
                self._end(self.retrieve(identifier), SubscriptionStatus.INCOMPLETE_EXPIRED)
            while not (present := self.retrieve(identifier)).is_over:
                due = [each.next_payment_attempt or now + 1 for each in self._invoices.of(identifier)]
                if any(moment <= now for moment in due):
                    self.retry(identifier)
                elif present.span.end <= now and present.status is not SubscriptionStatus.INCOMPLETE:
                    self.bill(identifier)
                else:
                    break

    def _with_price(self, subscription: Subscription, price: Price) -> Subscription:
        """In the same rhythm the difference waits for the next invoice; in another one a new period begins
        and is billed at once.
        """
        now, old = self._records.now(), subscription.price
        whole, left = subscription.span.end - subscription.span.start, subscription.span.end - now
        rest = Span(start=now, end=subscription.span.end)
        unused = self._line(subscription, -(old.unit_amount * left // whole), rest, proration=True)
        if price.rhythm == old.rhythm:
            changed = replace(subscription, price=price)
            wanted = self._line(changed, price.unit_amount * left // whole, rest, proration=True)
            changed = replace(changed, pending=(*subscription.pending, unused, wanted))
            return self._save(changed, "customer.subscription.updated")
        changed = replace(subscription, price=price, span=_span(now, price), pending=())
        self._save(changed, "customer.subscription.updated")
        line = self._line(changed, price.unit_amount, changed.span)
        lines = (*subscription.pending, unused, line)
        invoice = self._issue(changed, lines, BillingReason.SUBSCRIPTION_UPDATE)
        self._invoices.collect(invoice, changed.default_payment_method, off_session=True)
        return self.retrieve(subscription.id)

    def _issue(
        self, subscription: Subscription, lines: tuple[InvoiceLine, ...], reason: BillingReason
    ) -> Invoice:
        invoice = self._invoices.issue(subscription, lines, reason)
        latest = replace(self.retrieve(subscription.id), latest_invoice=invoice.id)
        self._save(latest)
        if invoice.status is InvoiceStatus.PAID:
            self._stand(latest, SubscriptionStatus.ACTIVE)
        return invoice

    def _on_event(self, event: Event) -> None:
        if not isinstance(event.subject, Invoice):
            return
        subscription = self._records.subscriptions.get(event.subject.subscription)
        if subscription is None or subscription.latest_invoice != event.subject.id:
            return
        if event.type == "invoice.paid":
            self._stand(self._with_method(subscription, event.subject), SubscriptionStatus.ACTIVE)
        elif event.type == "invoice.payment_failed":
            began = subscription.status is not SubscriptionStatus.INCOMPLETE
            self._stand(subscription, SubscriptionStatus.PAST_DUE if began else SubscriptionStatus.INCOMPLETE)

    def _with_method(self, subscription: Subscription, invoice: Invoice) -> Subscription:
        """What paid in the page pays from now on, where that was asked for."""
        charge = self._records.charges.get(invoice.charge or "")
        if charge is None or not (subscription.saves_method or subscription.default_payment_method is None):
            return subscription
        return replace(subscription, default_payment_method=charge.payment_method.id)

    def _stand(self, subscription: Subscription, status: SubscriptionStatus) -> None:
        if not subscription.is_over and status is not subscription.status:
            self._save(replace(subscription, status=status), "customer.subscription.updated")
        elif not subscription.is_over:
            self._save(subscription)

    def _end(self, subscription: Subscription, status: SubscriptionStatus) -> Subscription:
        now = self._records.now()
        over = replace(
            subscription, status=status, ended_at=now, canceled_at=subscription.canceled_at or now, pending=()
        )
        expired = status is SubscriptionStatus.INCOMPLETE_EXPIRED
        self._save(over, "customer.subscription.updated" if expired else "customer.subscription.deleted")
        for invoice in self._invoices.of(over.id):
            if expired:
                self._invoices.void(invoice)
            else:
                self._invoices.stop_trying(invoice)
        return over

    def _live(self, identifier: str) -> Subscription:
        """One that is over can't be changed any more: Stripe says that there is none."""
        subscription = self.retrieve(identifier)
        if subscription.is_over:
            raise no_such("subscription", identifier)
        return subscription

    def _method_of(self, customer: str, identifier: str | None) -> PaymentMethod | None:
        if identifier is None:
            return None
        method = self._records.methods.get(identifier)
        if method is None or method.customer != customer:
            message = (
                f"The customer does not have a payment method with the ID {identifier}. The payment method"
                " must be attached to the customer."
            )
            raise StripeError.refused(message, "resource_missing", "default_payment_method")
        return method

    def _line(
        self, subscription: Subscription, amount: int, span: Span, *, proration: bool = False
    ) -> InvoiceLine:
        return InvoiceLine(
            id=self._records.clock.new_id("il"),
            amount=amount,
            span=span,
            price=subscription.price,
            proration=proration,
        )

    def _save(self, subscription: Subscription, event_type: str | None = None) -> Subscription:
        self._records.subscriptions[subscription.id] = subscription
        if event_type:
            self._records.announce(event_type, subscription)
        return subscription


def _span(start: int, price: Price) -> Span:
    end = price.interval.after(datetime.fromtimestamp(start, UTC), price.interval_count)
    return Span(start=start, end=int(end.timestamp()))
