"""Offers of delivery: what a price may be, whose is taken, and what stays promised when carriers speak
again.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Parcel
from domain.delivery import (
    DeliveryOffers,
    DeliveryOption,
    DeliveryQuestion,
    HeldQuotes,
    by_price,
    rate,
)
from domain.money import Currency, Money
from domain.packing import Pieces
from domain.values import replace
from tests.builders import NOW, a_delivery, an_address, eur

HOLD = timedelta(minutes=30)
LATER = NOW + HOLD


def held(option_id: str, minor: int, until: timedelta = HOLD) -> DeliveryOption:
    return a_delivery(id=option_id, amount=eur(minor), quoted_until=NOW + until)


def quotes(*options: DeliveryOption, silent: tuple[str, ...] = ()) -> HeldQuotes:
    return HeldQuotes(shipment="a", offers=DeliveryOffers(options=options, silent=silent))


@pytest.mark.parametrize(
    ("told", "currency", "minor"),
    [
        ("38.54", "USD", 3854),
        ("38.545", "USD", 3855),
        ("1234.0", "JPY", 1234),
        ("1.5", "KWD", 1500),
        ("0.01", "EUR", 1),
        ("9999999.99", "EUR", 999_999_999),
    ],
)
def test_a_price_is_in_minor_units_of_its_currency(told: str, currency: str, minor: int) -> None:
    assert rate(Decimal(told), Currency.of(currency)) == Money.of(minor, currency)


@pytest.mark.parametrize(
    "told", ["0", "0.004", "-1", "NaN", "Infinity", "-Infinity", "1e300", "1e9", "-1e-9"]
)
def test_what_cannot_be_a_price_is_none(told: str) -> None:
    assert rate(Decimal(told), Currency.of("EUR")) is None


@given(told=st.decimals(), currency=st.sampled_from(["JPY", "EUR", "KWD"]))
def test_any_number_is_a_sensible_price_or_none(told: Decimal, currency: str) -> None:
    price = rate(told, Currency.of(currency))
    assert price is None or 0 < price.minor <= 10**9


def test_one_offer_a_service_the_cheaper_of_two_sorted_by_price_then_days() -> None:
    slow = a_delivery(id="slow", amount=eur(500), max_days=9)
    fast = a_delivery(id="fast", amount=eur(500), max_days=2)
    dear, cheap = a_delivery(id="x", amount=eur(900)), a_delivery(id="x", amount=eur(400))
    assert by_price([dear, slow, fast, cheap]) == (cheap, fast, slow)


def test_a_price_that_rose_stays_as_promised_and_one_that_fell_is_the_new_one() -> None:
    before = quotes(held("up", 500), held("down", 500))
    after = before.renewed(
        DeliveryOffers(options=(held("up", 700, 2 * HOLD), held("down", 300, 2 * HOLD))), NOW
    )
    assert [(o.id, o.amount.minor) for o in after.offers.options] == [("down", 300), ("up", 500)]
    assert after.option("up", NOW) == held("up", 500)


def test_a_promise_that_ran_out_is_none() -> None:
    before = quotes(held("up", 500))
    assert before.option("up", LATER - timedelta(microseconds=1)) == held("up", 500)
    assert before.option("up", LATER) is None
    (now,) = before.renewed(DeliveryOffers(options=(held("up", 700, 2 * HOLD),)), LATER).offers.options
    assert now.amount == eur(700)


def test_what_a_carrier_no_longer_offers_is_not_shown_but_kept() -> None:
    gone = quotes(held("gone", 500)).renewed(DeliveryOffers(options=(held("new", 600),)), NOW)
    assert [option.id for option in gone.offers.options] == ["new"]
    assert gone.option("gone", NOW) == held("gone", 500)
    twice = gone.renewed(DeliveryOffers(options=(held("new", 600),)), NOW)
    assert twice.option("gone", NOW) == held("gone", 500)
    assert twice.renewed(DeliveryOffers(), LATER).earlier == ()


def test_quotes_are_complete_while_everybody_answered_and_all_of_them_hold() -> None:
    assert quotes(held("a", 1)).is_complete_at(NOW)
    assert not quotes(held("a", 1), silent=("UPS",)).is_complete_at(NOW)
    assert not quotes(held("a", 1), held("b", 1, timedelta(0))).is_complete_at(NOW)
    assert not quotes().is_complete_at(NOW)


def question(**changes: object) -> DeliveryQuestion:
    goods = (Pieces(piece=Parcel(weight_grams=350), quantity=2),)
    asked = DeliveryQuestion(destination=an_address(), goods=goods, subtotal=eur(2400))
    return replace(asked, **changes)  # type: ignore[arg-type]  # mypy looks for the names of the fields


def test_a_shipment_is_the_same_whoever_it_is_for_and_whatever_it_is_worth() -> None:
    ours = question().shipment()
    assert question(destination=an_address(name="Somebody Else", phone="1", line1="2")).shipment() == ours
    assert question(subtotal=eur(1)).shipment() == ours


def test_a_shipment_is_another_with_other_goods_another_place_or_currency() -> None:
    one, other = (Pieces(piece=Parcel(weight_grams=350), quantity=n) for n in (1, 2))
    large = Pieces(piece=Parcel(weight_grams=350, length_mm=900), quantity=2)
    different = [
        question(),
        question(goods=(one,)),
        question(goods=(other, one)),
        question(goods=(large,)),
        question(destination=an_address(postcode="10115")),
        question(destination=an_address(country="AT")),
        question(subtotal=Money.of(2400, "USD")),
    ]
    assert len({each.shipment() for each in different}) == len(different)
    assert question(goods=(one, other)).shipment() == question(goods=(other, one)).shipment()


def test_what_is_missing_from_the_offers_is_told() -> None:
    estimated = a_delivery(estimated=True)
    offers = DeliveryOffers(options=(estimated,), silent=("FedEx", "UPS"))
    assert [message.code for message in offers.messages()] == [
        "carrier_silent",
        "carrier_silent",
        "flat_rates_used",
    ]
    assert "FedEx" in offers.messages()[0].text
    assert DeliveryOffers(options=(a_delivery(),)).messages() == ()
