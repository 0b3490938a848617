"""A Stripe test account without HTTP: the server wraps it, a benchmark or simulation calls it directly."""

from entrypoints.sandbox.stripe.bank import Bank
from entrypoints.sandbox.stripe.customers import Customers
from entrypoints.sandbox.stripe.disputes import Disputes
from entrypoints.sandbox.stripe.invoices import Invoices
from entrypoints.sandbox.stripe.models import Dispute, Event, PaymentIntent, PaymentMethod, WebhookEndpoint
from entrypoints.sandbox.stripe.payments import Payments
from entrypoints.sandbox.stripe.records import EventListener, Records, found
from entrypoints.sandbox.stripe.refunds import Refunds
from entrypoints.sandbox.stripe.subscriptions import Subscriptions
from ports.clock import Clock


class StripeAccount:
    """`payments`, `refunds`, `customers`, `subscriptions` and `invoices` are the merchant's API; `bank` and
    `disputes` play the outside world.

    Not thread-safe: every call runs to its end before the next, as in one event loop.
    """

    def __init__(self, clock: Clock, hosted_url: str = "https://sandbox.invalid/stripe") -> None:
        self.records = Records(clock)
        self.disputes = Disputes(self.records)
        self.bank = Bank(self.records, self.disputes, hosted_url)
        self.payments = Payments(self.records, self.bank, self.disputes)
        self.refunds = Refunds(self.records, self.disputes)
        self.customers = Customers(self.records)
        self.invoices = Invoices(self.records, self.payments)
        self.subscriptions = Subscriptions(self.records, self.invoices)

    def listen(self, listener: EventListener) -> None:
        """Calls `listener` with every event at the moment it happens."""
        self.records.listeners.append(listener)

    def event(self, identifier: str) -> Event:
        return found(self.records.events, identifier, "event")

    def payment_method(self, identifier: str) -> PaymentMethod:
        return self.records.method(identifier)

    def awaiting_authentication(self, authentication_id: str) -> PaymentIntent | None:
        """The payment whose 3-D Secure page has this id, as long as the page is still to be answered."""
        for intent in reversed(self.records.intents.values()):
            if intent.authentication is not None and intent.authentication.id == authentication_id:
                return intent
        return None

    def refunded(self, intent: PaymentIntent) -> int:
        """What went back or is on its way back, failed refunds not counted."""
        charge = self.records.charges.get(intent.latest_charge or "")
        return charge.amount_refunded if charge and charge.captured else 0

    def dispute(self, intent_id: str, *, inquiry: bool) -> Dispute:
        """The shopper takes a payment up with their bank."""
        charge = self.records.charge_of(self.records.intent(intent_id))
        return self.disputes.open(charge, "fraudulent", inquiry=inquiry)

    def register_endpoint(
        self,
        url: str,
        secret: str | None = None,
        enabled_events: tuple[str, ...] = ("*",),
        description: str | None = None,
    ) -> WebhookEndpoint:
        endpoint = WebhookEndpoint(
            id=self.records.clock.new_id("we"),
            created=self.records.now(),
            url=url,
            secret=secret or f"whsec_{self.records.clock.new_secret()}",
            enabled_events=enabled_events,
            description=description,
        )
        self.records.endpoints[endpoint.id] = endpoint
        return endpoint
