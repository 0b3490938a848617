"""Records for tests that say only what matters to them; everything else is an ordinary German sale of 20.23
EUR.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.address import Address
from domain.attempt import Attempt, AttemptState, Operation
from domain.case import Case, CaseReason
from domain.catalog import Parcel, Product
from domain.checkout import Checkout, CheckoutState, Origin
from domain.delivery import DeliveryOption
from domain.events import EventKind
from domain.identifiers import (
    AttemptId,
    CaseId,
    CheckoutId,
    LineId,
    OrderId,
    PaymentId,
    RefundId,
    ReservationId,
    Sku,
)
from domain.money import Currency, Money
from domain.order import Order, OrderState, SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.pricing import CartLine, PricedLine, Pricing, Totals
from domain.refund import Refund, RefundReason, RefundState
from domain.reservation import Reservation, ReservationState
from domain.shop import CaptureMethod
from domain.tax import TaxPart

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EUR = Currency.of("EUR")
LATER = timedelta(minutes=30)
_numbers = count(1)


def eur(minor: int) -> Money:
    return Money(minor=minor, currency=EUR)


def new_id(prefix: str) -> str:
    """Unlike any other of this run, and sorted by when it was made."""
    return f"{prefix}_{next(_numbers):026d}"


def a_sku(sku: str = "MUG") -> Sku:
    return Sku(sku)


def pieces(**quantities: int) -> list[SkuQuantity]:
    """`pieces(MUG=2)`: goods, sorted by SKU."""
    return [SkuQuantity(sku=Sku(sku), quantity=quantities[sku]) for sku in sorted(quantities)]


def an_address(**changes: Any) -> Address:
    address = Address(
        country="DE", name="Erika Muster", line1="Unter den Linden 1", city="Berlin", postcode="10117"
    )
    return replace(address, **changes)


def a_delivery(**changes: Any) -> DeliveryOption:
    option = DeliveryOption(id="standard", title="Standard", amount=eur(500), min_days=2, max_days=4)
    return replace(option, **changes)


def a_cart_line(**changes: Any) -> CartLine:
    line = CartLine(
        id=LineId(new_id("line")),
        sku=a_sku(),
        title="Mug",
        quantity=1,
        unit_price=eur(1200),
        tax_code="general",
        weight_grams=350,
        free=7,
    )
    return replace(line, **changes)


def priced(line: CartLine, tax: int = 228) -> PricedLine:
    """The line at its price, with this tax and no discount."""
    subtotal = line.unit_price * line.quantity
    return PricedLine(
        id=line.id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        subtotal=subtotal,
        discount=Money.zero(subtotal.currency),
        tax=Money(minor=tax, currency=subtotal.currency),
        total=subtotal + Money(minor=tax, currency=subtotal.currency),
        tax_code=line.tax_code,
        weight_grams=line.weight_grams,
    )


def totals_of(lines: tuple[PricedLine, ...]) -> Totals:
    """With delivery at 5.00 and its tax."""
    subtotal = sum(line.subtotal.minor for line in lines)
    tax = sum(line.tax.minor for line in lines) + 95
    return Totals(
        subtotal=eur(subtotal),
        discount=eur(0),
        delivery=eur(500),
        tax=eur(tax),
        delivery_tax=eur(95),
        total=eur(subtotal + 500 + tax),
        taxes=(TaxPart(name="VAT", rate_ppm=190_000, amount=eur(tax)),),
        delivery_label="Standard",
    )


def a_checkout(**changes: Any) -> Checkout:
    lines: tuple[CartLine, ...] = changes.pop("lines", None) or (a_cart_line(),)
    priced_lines = tuple(priced(line) for line in lines)
    checkout = Checkout(
        id=CheckoutId(new_id("chk")),
        version=1,
        state=CheckoutState.OPEN,
        currency=EUR,
        created_at=NOW,
        expires_at=NOW + timedelta(hours=6),
        client_token_hash="0123456789abcdef" * 4,
        lines=lines,
        pricing=Pricing(lines=priced_lines, totals=totals_of(priced_lines)),
        email="erika@example.com",
        name="Erika Muster",
        shipping_address=an_address(),
        delivery=a_delivery(),
    )
    return replace(checkout, **changes)


def an_order(**changes: Any) -> Order:
    lines: tuple[PricedLine, ...] = changes.pop("lines", None) or (priced(a_cart_line()),)
    order = Order(
        id=OrderId(new_id("ord")),
        checkout_id=CheckoutId(new_id("chk")),
        state=OrderState.OPEN,
        lines=lines,
        totals=totals_of(lines),
        email="erika@example.com",
        name="Erika Muster",
        shipping_address=an_address(),
        billing_address=None,
        delivery=a_delivery(),
        discount_code=None,
        origin=Origin(locale="de-DE"),
        capture_method=CaptureMethod.MANUAL,
        placed_at=NOW,
        pay_until=NOW + LATER,
        client_token_hash="0123456789abcdef" * 4,
    )
    return replace(order, **changes)


def a_payment(order: Order, **changes: Any) -> Payment:
    payment = Payment(
        id=PaymentId(new_id("pay")),
        order_id=order.id,
        provider="stripe",
        state=PaymentState.NEW,
        amount=order.total,
        captured=Money.zero(order.total.currency),
        created_at=NOW,
    )
    return replace(payment, **changes)


def a_reservation(order: Order, **changes: Any) -> Reservation:
    reservation = Reservation(
        id=ReservationId(new_id("res")),
        order_id=order.id,
        state=ReservationState.HELD,
        expires_at=order.pay_until + timedelta(minutes=5),
    )
    return replace(reservation, **changes)


def an_attempt(payment: Payment, **changes: Any) -> Attempt:
    attempt = Attempt(
        id=AttemptId(new_id("att")),
        operation=Operation.CREATE_PAYMENT,
        subject_id=payment.id,
        state=AttemptState.IN_FLIGHT,
        tries=1,
        started_at=NOW,
        until=NOW + timedelta(seconds=25),
    )
    return replace(attempt, **changes)


def a_refund(payment: Payment, **changes: Any) -> Refund:
    refund = Refund(
        id=RefundId(new_id("ref")),
        payment_id=payment.id,
        amount=payment.amount,
        state=RefundState.REQUESTED,
        reason=RefundReason.REQUESTED,
        created_at=NOW,
    )
    return replace(refund, **changes)


def a_case(subject_id: str, **changes: Any) -> Case:
    case = Case(
        id=CaseId(new_id("case")), reason=CaseReason.REFUND_FAILED, subject_id=subject_id, opened_at=NOW
    )
    return replace(case, **changes)


def placed_facts(**changes: Any) -> OrderFacts:
    """An order as it is first stored: goods held, the payment about to be created, and its news."""
    order = an_order(**changes)
    payment = a_payment(order)
    facts = OrderFacts(order=order, payments=(payment,)).told(EventKind.ORDER_PLACED, NOW, order.id)
    facts = facts.stock_held(a_reservation(order), NOW)
    return facts.attempt_started(an_attempt(payment), NOW)


def a_product(sku: str = "MUG", **changes: Any) -> Product:
    product = Product(
        sku=Sku(sku),
        title=f"A {sku.lower()}",
        prices=(eur(1200), Money.of(1300, "USD")),
        parcel=Parcel(weight_grams=350),
    )
    return replace(product, **changes)
