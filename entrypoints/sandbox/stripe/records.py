"""Everything the account holds, by id, and the one place where an event comes into being."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from entrypoints.sandbox.stripe.errors import StripeError, no_such
from entrypoints.sandbox.stripe.models import (
    Charge,
    Customer,
    Dispute,
    Event,
    EventSubject,
    PaymentIntent,
    PaymentMethod,
    Refund,
    RequestOrigin,
    WebhookEndpoint,
)
from entrypoints.sandbox.stripe.subscription_models import Invoice, Price, Subscription
from entrypoints.sandbox.stripe.test_methods import TestMethod, card_with_number, published_method
from ports.clock import Clock

EventListener = Callable[[Event], None]
_Record = TypeVar("_Record")


@dataclass(slots=True)
class Records:
    clock: Clock
    intents: dict[str, PaymentIntent] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    methods: dict[str, PaymentMethod] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    prices: dict[str, Price] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    endpoints: dict[str, WebhookEndpoint] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    listeners: list[EventListener] = field(default_factory=list)
    origin: RequestOrigin = field(default_factory=RequestOrigin)

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def intent(self, identifier: str, param: str = "intent") -> PaymentIntent:
        return found(self.intents, identifier, "payment_intent", param)

    def charge(self, identifier: str, param: str = "charge") -> Charge:
        return found(self.charges, identifier, "charge", param)

    def charge_of(self, intent: PaymentIntent) -> Charge:
        """The latest charge of a payment that has one."""
        return self.charges[intent.latest_charge or ""]

    def save_intent(self, intent: PaymentIntent, event_type: str | None = None) -> PaymentIntent:
        self.intents[intent.id] = intent
        if event_type:
            self.announce(event_type, intent)
        return intent

    def save_charge(self, charge: Charge, event_type: str | None = None) -> Charge:
        self.charges[charge.id] = charge
        if event_type:
            self.announce(event_type, charge)
        return charge

    def announce(self, event_type: str, subject: EventSubject) -> None:
        event = Event(
            id=self.clock.new_id("evt"),
            created=self.now(),
            type=event_type,
            subject=subject,
            origin=self.origin,
        )
        self.events[event.id] = event
        for listener in self.listeners:
            listener(event)

    def method(self, identifier: str) -> PaymentMethod:
        """A method used before, or a fresh copy of a published test method."""
        if known := self.methods.get(identifier):
            return known
        test = published_method(identifier)
        if test is None:
            raise StripeError.refused(
                f"No such PaymentMethod: '{identifier}'", "resource_missing", "payment_method"
            )
        return self._copy(test)

    def method_from_number(self, number: str) -> PaymentMethod:
        test = card_with_number(number)
        if test is None:
            message = (
                "Your card number is incorrect. (The sandbox takes Stripe's published test numbers only.)"
            )
            raise StripeError.refused(message, "incorrect_number", "payment_method_data[card][number]")
        return self._copy(test)

    def attach(self, method: PaymentMethod, customer: str) -> PaymentMethod:
        """Raises Stripe's refusal for one that was detached."""
        require_usable(method)
        saved = replace(method, customer=customer)
        self.methods[method.id] = saved
        return saved

    def _copy(self, test: TestMethod) -> PaymentMethod:
        method = PaymentMethod(id=self.clock.new_id("pm"), created=self.now(), test_id=test.id)
        self.methods[method.id] = method
        return method


def require_usable(method: PaymentMethod) -> None:
    if method.detached:
        message = "The provided PaymentMethod was detached from a Customer. It may not be used again."
        raise StripeError.refused(message, param="payment_method")


def found(records: Mapping[str, _Record], identifier: str, resource: str, param: str = "id") -> _Record:
    """The record with this id, or Stripe's 404."""
    record = records.get(identifier)
    if record is None:
        raise no_such(resource, identifier, param)
    return record


def merged(present: Mapping[str, str], changes: Mapping[str, str]) -> Mapping[str, str]:
    """Metadata after a change: an empty value removes its key."""
    return {key: value for key, value in {**present, **changes}.items() if value}
