"""Records for tests that say only what matters to them; everything else is an ordinary German sale of 20.23
EUR.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from domain.address import Address
from domain.attempt import Attempt, AttemptState, Operation
from domain.case import Case, CaseAction, CaseReason, Resolution
from domain.catalog import Parcel, Product
from domain.checkout import Checkout, CheckoutState, Origin
from domain.delivery import DeliveryOption
from domain.dispute import Dispute, DisputeState
from domain.events import EventKind
from domain.identifiers import (
    AttemptId,
    CaseId,
    CheckoutId,
    DisputeId,
    LineId,
    OrderId,
    PaymentId,
    RefundId,
    ReservationId,
    ReturnId,
    ShortageId,
    Sku,
)
from domain.money import Currency, Money
from domain.order import Order, OrderState, SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import (
    Decline,
    DeclineReason,
    Instrument,
    NextAction,
    NextActionKind,
    Payment,
    PaymentSnapshot,
    PaymentState,
)
from domain.pricing import CartLine, PricedLine, Pricing, Totals
from domain.refund import Refund, RefundReason, RefundSnapshot, RefundState, Share
from domain.reservation import Reservation, ReservationState, ServiceHold
from domain.shop import CaptureMethod, StockKeeper
from domain.shortage import Shortage
from domain.tax import TaxPart

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EUR = Currency.of("EUR")
LATER = timedelta(minutes=30)
# Those that a hold on our own stock can be in; the others are for one at an inventory service.
OWN_STATES = (
    ReservationState.HELD,
    ReservationState.CONFIRMED,
    ReservationState.RELEASED,
    ReservationState.REFUSED,
)
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
        parcel=Parcel(weight_grams=350),
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
        weight_grams=line.parcel.weight_grams,
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


def a_decline(**changes: Any) -> Decline:
    return replace(Decline(reason=DeclineReason.INSUFFICIENT_FUNDS, code="insufficient_funds"), **changes)


def a_snapshot(amount: Money, **changes: Any) -> PaymentSnapshot:
    """What a provider says of a payment of this amount that waits for a card."""
    snapshot = PaymentSnapshot(
        reference="pi_1",
        state=PaymentState.AWAITING_METHOD,
        amount=amount,
        received=Money.zero(amount.currency),
    )
    return replace(snapshot, **changes)


def a_reservation(order: Order, **changes: Any) -> Reservation:
    reservation = Reservation(
        id=ReservationId(new_id("res")),
        order_id=order.id,
        state=ReservationState.HELD,
        expires_at=order.pay_until + timedelta(minutes=5),
    )
    return replace(reservation, **changes)


def a_service_hold(
    order: Order, *, asked_at: datetime = NOW - timedelta(hours=1), **changes: Any
) -> Reservation:
    """A hold that an inventory service was asked for; it has a reference once the service has answered."""
    hold = a_reservation(order, **changes)
    is_known = hold.state not in (ReservationState.REQUESTED, ReservationState.REFUSED)
    is_short = hold.was_refused
    at_service = ServiceHold(
        goods=order.goods(),
        asked_at=asked_at,
        reference=new_id("reservation") if is_known else None,
        short_of=tuple(good.sku for good in order.goods()) if is_short else (),
    )
    return replace(hold, service=at_service)


def an_attempt(subject: Payment | Reservation, **changes: Any) -> Attempt:
    attempt = Attempt(
        id=AttemptId(new_id("att")),
        operation=Operation.CREATE_PAYMENT,
        subject_id=subject.id,
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


def a_share(line_id: LineId | None, pieces: int = 1, net: int = 1200, tax: int = 228) -> Share:
    return Share(line_id=line_id, pieces=pieces, net=eur(net), tax=eur(tax))


def a_shortage(order: Order, **changes: Any) -> Shortage:
    """All of the first line."""
    line = order.lines[0]
    share = a_share(line.id, line.quantity, line.total.minor - line.tax.minor, line.tax.minor)
    shortage = Shortage(id=ShortageId(new_id("sho")), shares=(share,), written_off=False, reported_at=NOW)
    return replace(shortage, **changes)


def a_dispute(payment: Payment, **changes: Any) -> Dispute:
    dispute = Dispute(
        id=DisputeId(new_id("dsp")),
        payment_id=payment.id,
        reference=new_id("dp"),
        state=DisputeState.OPEN,
        amount=payment.amount,
        withdrawn=True,
        opened_at=NOW,
        seen_at=NOW,
        evidence_due_by=NOW + timedelta(days=7),
    )
    return replace(dispute, **changes)


def a_refund_snapshot(amount: Money, **changes: Any) -> RefundSnapshot:
    """What a provider says of a refund of this amount that is on its way."""
    return replace(RefundSnapshot(reference="re_1", state=RefundState.PENDING, amount=amount), **changes)


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


# What a shopper may type: anything but NUL, which PostgreSQL has no place for, and halves of characters.
typed = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
minors = st.integers(min_value=0, max_value=10**12)


def payments_of(order: Order) -> st.SearchStrategy[Payment]:
    """Payments of this order in any state."""
    decline = st.builds(Decline, reason=st.sampled_from(DeclineReason), code=typed)
    action = st.builds(
        NextAction,
        kind=st.sampled_from(NextActionKind),
        url=st.none() | typed,
        provider=st.none() | typed,
        payload=st.none() | typed,
    )
    return st.builds(
        lambda **fields: a_payment(
            order, **{**fields, "was_over": fields["was_over"] and fields["state"] is PaymentState.CAPTURED}
        ),
        state=st.sampled_from(PaymentState),
        captured=st.just(order.total) | minors.map(eur),
        created_at=moments,
        client_secret=st.none() | typed,
        next_action=st.none() | action,
        decline=st.none() | decline,
        offered=st.none() | st.builds(Instrument, token=typed),
        return_url=st.none() | typed,
        return_id=st.none() | typed.map(ReturnId),
        returned_at=st.none() | moments,
        seen_at=st.none() | moments,
        was_over=st.booleans(),
        failed=st.none() | st.integers(1, 10**12).map(eur),
        forgone=st.none() | st.integers(1, 10**12).map(eur),
        holds_stray=st.booleans(),
    )


def holds_of(order: Order) -> st.SearchStrategy[Reservation]:
    """Holds where the order's goods are kept, in any state."""
    if order.stock_keeper is StockKeeper.BUILT_IN:
        return st.builds(
            lambda **fields: a_reservation(order, **fields),
            state=st.sampled_from(OWN_STATES),
            expires_at=moments,
        )
    return st.builds(
        lambda **fields: a_service_hold(order, **fields),
        state=st.sampled_from(ReservationState),
        expires_at=moments,
        asked_at=moments,
    )


def attempts_at(payment: Payment) -> st.SearchStrategy[Attempt]:
    """Attempts that are not settled."""
    unsettled = (AttemptState.IN_FLIGHT, AttemptState.UNKNOWN, AttemptState.UNAVAILABLE, AttemptState.SPENT)
    return st.builds(
        lambda **fields: an_attempt(payment, **fields),
        operation=st.sampled_from(
            (Operation.CREATE_PAYMENT, Operation.CONFIRM_PAYMENT, Operation.CAPTURE, Operation.VOID)
        ),
        state=st.sampled_from(unsettled),
        tries=st.integers(1, 1000),
        until=moments,
        detail=st.none() | typed,
        tries_forgiven=st.integers(0, 1000),
    )


def cases_of(payment: Payment) -> st.SearchStrategy[Case]:
    """Cases about this payment, for any reason and in any state."""
    decided = st.builds(Resolution, at=moments, action=st.sampled_from(CaseAction), by=typed, why=typed)
    settled = st.builds(Resolution, at=moments)
    return st.builds(
        lambda **fields: a_case(payment.id, **fields),
        reason=st.sampled_from(CaseReason),
        opened_at=moments,
        detail=st.none() | typed,
        assigned_to=st.none() | typed,
        resolution=st.none() | settled | decided,
    )


@st.composite
def any_facts(draw: st.DrawFn) -> OrderFacts:
    """An order with everything that storage has to keep, in any combination."""
    lines = tuple(
        priced(a_cart_line(title=draw(typed), quantity=draw(st.integers(1, 9_999))), draw(minors))
        for _ in range(draw(st.integers(1, 4)))
    )
    order = an_order(
        lines=lines,
        state=draw(st.sampled_from(OrderState)),
        name=draw(st.none() | typed),
        billing_address=draw(st.none() | st.builds(an_address, line1=typed, region=st.none() | typed)),
        discount_code=draw(st.none() | typed),
        origin=draw(st.builds(Origin, locale=st.none() | typed, return_url=st.none() | typed)),
        pay_until=draw(moments),
        stock_keeper=draw(st.sampled_from(StockKeeper)),
    )
    payments = tuple(draw(st.lists(payments_of(order), min_size=1, max_size=3)))
    held = draw(st.none() | holds_of(order))
    refunds = draw(
        st.lists(st.builds(lambda **f: a_refund(payments[0], **f), state=st.sampled_from(RefundState)))
    )
    return OrderFacts(
        order=order,
        reservation=held,
        payments=payments,
        attempts=tuple(draw(st.lists(attempts_at(payments[0]), max_size=3))),
        refunds=tuple(refunds),
        cases=tuple(draw(cases_of(payment)) for payment in payments),
    )
