"""What everybody who offers delivery promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from domain.delivery import DeliveryQuestion
from domain.money import Money
from ports.delivery_rates import DeliveryRates
from tests.builders import an_address

CURRENCIES = ("EUR", "USD", "JPY", "KWD")


@pytest.fixture(scope="module", params=["flat"])
def rates() -> DeliveryRates:
    return FlatDeliveryRates()


def question(currency: str = "EUR", weight_grams: int = 500, country: str = "DE") -> DeliveryQuestion:
    return DeliveryQuestion(
        destination=an_address(country=country),
        weight_grams=weight_grams,
        subtotal=Money.of(1200, currency),
    )


@given(
    currency=st.sampled_from(CURRENCIES),
    weight_grams=st.integers(0, 1_000_000),
    country=st.sampled_from(["DE", "AU"]),
)
async def test_offers_are_in_the_asked_currency_cheapest_first(
    rates: DeliveryRates, currency: str, weight_grams: int, country: str
) -> None:
    offers = await rates.options(question(currency, weight_grams, country))
    assert offers
    assert {offer.amount.currency.code for offer in offers} == {currency}
    assert [offer.amount.minor for offer in offers] == sorted(offer.amount.minor for offer in offers)
    assert len({offer.id for offer in offers}) == len(offers)
    assert all(offer.amount.minor > 0 for offer in offers)
    assert all(0 < offer.min_days <= offer.max_days for offer in offers)


@given(lighter=st.integers(0, 500_000), more=st.integers(0, 500_000))
async def test_heavier_goods_are_never_cheaper(rates: DeliveryRates, lighter: int, more: int) -> None:
    light = await rates.options(question(weight_grams=lighter))
    heavy = await rates.options(question(weight_grams=lighter + more))
    assert [a.amount.minor <= b.amount.minor for a, b in zip(light, heavy, strict=True)] == [True] * len(
        light
    )


async def test_the_same_question_has_the_same_offers(rates: DeliveryRates) -> None:
    assert await rates.options(question()) == await rates.options(question())


async def test_nobody_delivers_for_a_currency_without_a_rate(rates: DeliveryRates) -> None:
    assert await rates.options(question("THB")) == ()
