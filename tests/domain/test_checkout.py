"""A checkout: who may change it, what it still lacks, and how it becomes an order at the price that was
accepted.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.address import Address
from domain.checkout import Checkout, CheckoutState
from domain.errors import CheckoutClosed, CheckoutNotReady, QuoteChanged, StaleVersion, UnknownCheckout
from domain.identifiers import OrderId
from domain.order import OrderState, order_from
from domain.readiness import Severity, blocking
from domain.shop import ShopRules
from tests.builders import NOW, a_cart_line, a_checkout, an_address, new_id

RULES = ShopRules()
RELAXED = ShopRules(requires_email=False, requires_name=False)
NAMELESS = an_address(name=None)
COUNTRY_ONLY = Address(country="DE")


@pytest.mark.parametrize(
    ("changes", "rules", "expected"),
    [
        ({}, RULES, []),
        ({"email": None}, RULES, [("email_missing", "/email")]),
        ({"email": ""}, RULES, [("email_missing", "/email")]),
        ({"email": None}, RELAXED, []),
        # The buyer's name and the recipient's stand in for each other.
        ({"name": None}, RULES, []),
        ({"shipping_address": NAMELESS}, RULES, []),
        (
            {"name": None, "shipping_address": NAMELESS},
            RULES,
            [("name_missing", "/name"), ("address_incomplete", "/shipping_address/name")],
        ),
        (
            {"name": None, "shipping_address": NAMELESS},
            RELAXED,
            [("address_incomplete", "/shipping_address/name")],
        ),
        (
            {"shipping_address": None, "delivery": None},
            RULES,
            [("shipping_address_missing", "/shipping_address")],
        ),
        (
            {"shipping_address": None, "delivery": None, "name": None},
            RULES,
            [("name_missing", "/name"), ("shipping_address_missing", "/shipping_address")],
        ),
        (
            {"shipping_address": COUNTRY_ONLY},
            RULES,
            [("address_incomplete", f"/shipping_address/{name}") for name in ("line1", "city", "postcode")],
        ),
        ({"delivery": None}, RULES, [("delivery_not_chosen", "/delivery")]),
        ({"lines": (a_cart_line(quantity=7, free=7),)}, RULES, []),
        (
            {"lines": (a_cart_line(quantity=9, free=None),)},
            RULES,
            [("stock_unknown", "/lines/0/quantity")],
        ),
        ({"lines": (a_cart_line(quantity=8, free=7),)}, RULES, [("out_of_stock", "/lines/0/quantity")]),
        (
            {"lines": (a_cart_line(free=0), a_cart_line(), a_cart_line(quantity=3, free=2))},
            RULES,
            [("out_of_stock", "/lines/0/quantity"), ("out_of_stock", "/lines/2/quantity")],
        ),
    ],
)
def test_a_checkout_says_what_it_lacks_and_where(
    changes: dict[str, Any], rules: ShopRules, expected: list[tuple[str, str]]
) -> None:
    checkout = a_checkout(**changes)
    assert [(message.code, message.path) for message in checkout.messages(rules)] == expected


def an_empty_checkout(**changes: Any) -> Checkout:
    """As it is when a shopper has only just come in."""
    nothing = {"lines": (), "email": None, "name": None, "shipping_address": None, "delivery": None}
    return replace(a_checkout(), **{**nothing, **changes})


def test_an_empty_checkout_lacks_everything_in_the_order_of_a_form() -> None:
    codes = [message.code for message in an_empty_checkout().messages(RULES)]
    assert codes == ["cart_empty", "email_missing", "name_missing", "shipping_address_missing"]


def test_every_message_can_be_shown_and_says_that_the_shopper_can_mend_it() -> None:
    for checkout in (
        an_empty_checkout(),
        a_checkout(shipping_address=COUNTRY_ONLY, delivery=None, lines=(a_cart_line(free=0),)),
    ):
        for message in checkout.messages(RULES):
            assert message.severity is Severity.NEEDS_INPUT
            assert message.text.endswith(".")
            assert message.path.startswith("/")


@pytest.mark.parametrize(
    ("country", "missing"),
    [
        ("DE", ("name", "line1", "city", "postcode")),
        ("US", ("name", "line1", "city", "region", "postcode")),
        ("HK", ("name", "line1", "city")),
    ],
)
def test_each_country_needs_its_own_fields(country: str, missing: tuple[str, ...]) -> None:
    assert Address(country=country).missing_fields() == missing


def test_an_order_is_refused_with_every_message_until_the_checkout_is_ready() -> None:
    checkout = a_checkout(email=None, delivery=None)
    with pytest.raises(CheckoutNotReady) as refusal:
        order_from(checkout, OrderId(new_id("ord")), RULES, NOW)
    assert refusal.value.messages == checkout.messages(RULES)
    assert len(refusal.value.messages) == 2


def test_an_order_freezes_what_was_agreed() -> None:
    checkout = a_checkout(name=None)
    order = order_from(checkout, OrderId(new_id("ord")), RULES, NOW)
    assert (order.lines, order.totals) == (checkout.pricing.lines, checkout.pricing.totals)
    assert order.state is OrderState.OPEN
    assert order.name == "Erika Muster"
    assert order.pay_until == NOW + RULES.payment_window
    assert order.client_token_hash == checkout.client_token_hash


PLACED = a_checkout(state=CheckoutState.PLACED)
CANCELLED = a_checkout(state=CheckoutState.CANCELLED)
OPEN = a_checkout()
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("checkout", "at", "state"),
    [
        (OPEN, OPEN.expires_at, "expired"),
        (OPEN, OPEN.expires_at + SECOND, "expired"),
        (PLACED, NOW, "placed"),
        # What was placed or cancelled doesn't expire afterwards.
        (PLACED, PLACED.expires_at, "placed"),
        (CANCELLED, NOW, "cancelled"),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        lambda checkout, now: checkout.require_open(now),
        lambda checkout, now: checkout.cancelled(now),
        lambda checkout, now: order_from(checkout, OrderId("ord_1"), RULES, now),
    ],
    ids=["change", "cancel", "place"],
)
def test_a_checkout_that_is_over_can_be_neither_changed_nor_placed(
    checkout: Checkout, at: Any, state: str, use: Callable[[Checkout, Any], object]
) -> None:
    with pytest.raises(CheckoutClosed) as refusal:
        use(checkout, at)
    assert refusal.value.state == state


def test_a_checkout_can_be_used_until_the_moment_that_it_expires() -> None:
    last_moment = OPEN.expires_at - SECOND
    assert order_from(OPEN, OrderId("ord_1"), RULES, last_moment).placed_at == last_moment


@pytest.mark.parametrize("version", [None, 3])
def test_who_read_the_present_version_or_does_not_care_may_change_it(version: int | None) -> None:
    a_checkout(version=3).require_version(version)


@pytest.mark.parametrize("version", [0, 2, 4])
def test_who_read_another_version_is_told_the_present_one(version: int) -> None:
    with pytest.raises(StaleVersion) as refusal:
        a_checkout(version=3).require_version(version)
    assert (refusal.value.expected, refusal.value.current) == (version, 3)


def test_placing_and_cancelling_count_as_changes() -> None:
    checkout = a_checkout(version=3)
    placed = checkout.placed_as(OrderId("ord_1"))
    assert (placed.version, placed.state, placed.order_id) == (4, CheckoutState.PLACED, "ord_1")
    cancelled = checkout.cancelled(NOW)
    assert (cancelled.version, cancelled.state) == (4, CheckoutState.CANCELLED)


@pytest.mark.parametrize("off", [-1, 1, 100])
def test_nobody_pays_a_total_that_they_did_not_accept(off: int) -> None:
    checkout = a_checkout()
    total = checkout.pricing.totals.total.minor
    checkout.require_accepted(total)
    with pytest.raises(QuoteChanged) as refusal:
        checkout.require_accepted(total + off)
    assert (refusal.value.accepted_minor, refusal.value.total_minor) == (total + off, total)


def test_only_the_token_that_came_with_it_or_the_merchant_sees_a_checkout() -> None:
    checkout = a_checkout()
    checkout.require_token(checkout.client_token_hash)
    checkout.require_token(None)
    with pytest.raises(UnknownCheckout):
        checkout.require_token("f" * 64)
    with pytest.raises(UnknownCheckout):
        checkout.require_token("")


def test_all_lines_travel_together_and_an_empty_cart_travels_nowhere() -> None:
    checkout = a_checkout(lines=(a_cart_line(), a_cart_line()))
    (group,) = checkout.delivery_groups()
    assert group.line_ids == tuple(line.id for line in checkout.lines)
    assert group.destination == checkout.shipping_address
    assert an_empty_checkout().delivery_groups() == ()


def test_a_checkout_is_ready_though_nobody_could_say_what_can_be_had() -> None:
    checkout = a_checkout(lines=(a_cart_line(quantity=9, free=None),))
    checkout.require_ready(RULES)
    assert blocking(checkout.messages(RULES)) == ()
