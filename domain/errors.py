"""Refusals of the domain, each named after its fact.

They carry facts only; each face words its own sentences.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.readiness import Message


class DomainRefusal(Exception):
    """A rule of the domain said no. Nothing was changed."""

    @property
    def code(self) -> str:
        """The stable name of the fact, in snake case: `OutOfStock` is `out_of_stock`."""
        name = type(self).__name__
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@dataclass(kw_only=True, eq=False)
class UnknownCheckout(DomainRefusal):
    """There is none with this id, or none that the caller may see."""

    checkout_id: str


@dataclass(kw_only=True, eq=False)
class UnknownOrder(DomainRefusal):
    """There is none with this id, or none that the caller may see."""

    order_id: str


@dataclass(kw_only=True, eq=False)
class UnknownCustomer(DomainRefusal):
    """There is none with this id."""

    customer_id: str


@dataclass(kw_only=True, eq=False)
class EmailAlreadyRegistered(DomainRefusal):
    """There is a customer with this e-mail address: this one."""

    customer_id: str


@dataclass(kw_only=True, eq=False)
class CustomerStillNeeded(DomainRefusal):
    """They can't leave while these orders and subscriptions (the first few of them) are under way."""

    customer_id: str
    waits_for: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class NotACustomer(DomainRefusal):
    """Nobody has this id, or they are leaving or have left: nothing can be bought in their name."""

    path: str


@dataclass(kw_only=True, eq=False)
class CustomerNotAllowed(DomainRefusal):
    """A customer was named by a caller that may not say who is buying (a browser)."""

    path: str


class UnknownReturn(DomainRefusal):
    """No bank was ever told to send a shopper back here."""


@dataclass(kw_only=True, eq=False)
class UnknownCurrency(DomainRefusal):
    currency: str


@dataclass(kw_only=True, eq=False)
class CurrencyMismatch(DomainRefusal):
    expected: str
    found: str
    path: str | None = None


@dataclass(kw_only=True, eq=False)
class FieldRefused(DomainRefusal):
    """A value that breaks a rule: `path` is where (JSON pointer of the input), `rule` what would be
    accepted.
    """

    path: str
    rule: str


@dataclass(kw_only=True, eq=False)
class PriceNotAllowed(DomainRefusal):
    """A price came with a line from a caller that may not set prices (a browser)."""

    path: str


@dataclass(kw_only=True, eq=False)
class TaxExemptionNotAllowed(DomainRefusal):
    """A tax exemption came from a caller that may not grant one (a browser)."""

    path: str


@dataclass(kw_only=True, eq=False)
class UnknownSku(DomainRefusal):
    path: str
    sku: str


@dataclass(kw_only=True, eq=False)
class NoPriceInCurrency(DomainRefusal):
    path: str
    sku: str
    currency: str


@dataclass(kw_only=True, eq=False)
class UnknownDiscountCode(DomainRefusal):
    path: str


@dataclass(kw_only=True, eq=False)
class UnknownDeliveryOption(DomainRefusal):
    option_id: str
    offered: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class DestinationNotTaxable(DomainRefusal):
    """No tax is known for the place; nobody is charged one that was guessed, or none at all."""

    path: str


@dataclass(kw_only=True, eq=False)
class CheckoutNotReady(DomainRefusal):
    """The checkout can't be placed yet; `messages` say what is missing."""

    messages: tuple["Message", ...]


@dataclass(kw_only=True, eq=False)
class CheckoutClosed(DomainRefusal):
    """The checkout was placed, cancelled or has expired; it can't be changed any more."""

    state: str


@dataclass(kw_only=True, eq=False)
class StaleVersion(DomainRefusal):
    """Somebody changed it since the caller read it."""

    expected: int
    current: int


@dataclass(kw_only=True, eq=False)
class QuoteChanged(DomainRefusal):
    """The total is not the one that the shopper accepted; the new one has to be shown and accepted."""

    accepted_minor: int
    total_minor: int


@dataclass(kw_only=True, eq=False)
class OutOfStock(DomainRefusal):
    """There is less to be had than was asked for: the SKUs concerned, with what is free of each where
    known.
    """

    skus: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class OrderAlreadyPaid(DomainRefusal):
    """The money was collected; a cancellation would have to be a refund."""

    order_id: str


@dataclass(kw_only=True, eq=False)
class OrderNotPayable(DomainRefusal):
    """The order is cancelled, expired, paid, or its payment is at work: no card can be tried now."""

    order_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class TransitionRefused(DomainRefusal):
    """A fact that can't follow the present state, such as capturing a voided payment."""

    subject: str
    state: str
    fact: str


@dataclass(kw_only=True, eq=False)
class RefundExceedsBalance(DomainRefusal):
    """More than is left to give back, or nothing at all."""

    asked_minor: int
    refundable_minor: int


@dataclass(kw_only=True, eq=False)
class PaymentNotCaptured(DomainRefusal):
    """No money was taken for the order (yet), so no part of it can go back; all of it would be a void."""

    order_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class PaymentDisputed(DomainRefusal):
    """The shopper's bank has taken the money back, or is about to decide: a refund would pay it twice."""

    order_id: str


@dataclass(kw_only=True, eq=False)
class UnknownLine(DomainRefusal):
    """The order has no such line."""

    path: str
    line_id: str


@dataclass(kw_only=True, eq=False)
class TooManyPieces(DomainRefusal):
    """More pieces of a line than are left: sold, less those that were given back before."""

    path: str
    line_id: str
    left: int


@dataclass(kw_only=True, eq=False)
class ShortageTooLate(DomainRefusal):
    """The money was taken, or is being taken, or the order is over: only a refund can change it now."""

    order_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class NothingLeftToShip(DomainRefusal):
    """A shortage of every piece: the order would have to be cancelled."""

    order_id: str


@dataclass(kw_only=True, eq=False)
class UnknownCase(DomainRefusal):
    """There is none with this id."""

    case_id: str


@dataclass(kw_only=True, eq=False)
class CaseAlreadyResolved(DomainRefusal):
    """Somebody has decided otherwise, or it has settled itself."""

    case_id: str


@dataclass(kw_only=True, eq=False)
class ActionNotPossible(DomainRefusal):
    """A case of this kind has no use for it, or there is nothing (left) to do; `possible` is what is."""

    action: str
    possible: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class UnknownParkedWork(DomainRefusal):
    """Nothing with this id is parked (any more)."""

    work_id: str


@dataclass(kw_only=True, eq=False)
class UnknownPlan(DomainRefusal):
    """There is none with this id, or it is not on sale any more."""

    plan_id: str
    path: str | None = None


@dataclass(kw_only=True, eq=False)
class PlanNotSoldIn(DomainRefusal):
    """The plan has no price in this currency."""

    plan_id: str
    currency: str
    path: str | None = None


@dataclass(kw_only=True, eq=False)
class UnknownSubscription(DomainRefusal):
    """There is none with this id."""

    subscription_id: str


@dataclass(kw_only=True, eq=False)
class AlreadySubscribed(DomainRefusal):
    """The customer has this plan already: a second subscription would be paid for twice."""

    customer_id: str
    plan_id: str


@dataclass(kw_only=True, eq=False)
class SubscriptionOver(DomainRefusal):
    """It has ended, or was never begun: nothing about it can be changed."""

    subscription_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class SubscriptionBusy(DomainRefusal):
    """What was asked for before is still on its way to the provider; one thing is changed at a time."""

    subscription_id: str


@dataclass(kw_only=True, eq=False)
class TotalsDoNotAddUp(DomainRefusal):
    """An aggregate's own sums don't agree: a defect, never the caller's fault."""

    what: str
