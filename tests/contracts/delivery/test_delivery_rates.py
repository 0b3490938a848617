"""What everybody who offers delivery promises, on the built-in rates and on the fake."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.built_in.flat_delivery_rates import DEFAULT_RATES, FlatDeliveryRates
from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from domain.delivery import DeliveryQuestion
from domain.money import Money
from ports.delivery_rates import DeliveryRates
from tests.builders import an_address

# Of two, no and three decimals.
CURRENCIES = ("EUR", "USD", "JPY", "KWD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """`unserved` is a question that it has no offer for; `step_grams` is where its price goes up."""

    rates: DeliveryRates
    unserved: DeliveryQuestion
    step_grams: int


def question(currency: str = "EUR", weight_grams: int = 500, country: str = "DE") -> DeliveryQuestion:
    return DeliveryQuestion(
        destination=an_address(country=country),
        weight_grams=weight_grams,
        subtotal=Money.of(1200, currency),
    )


@pytest.fixture(scope="module", params=["flat", "fake"])
def carrier(request: pytest.FixtureRequest) -> Carrier:
    if request.param == "flat":
        return Carrier(rates=FlatDeliveryRates(), unserved=question("THB"), step_grams=30_001)
    return Carrier(rates=InMemoryDeliveryRates(), unserved=question(country="AQ"), step_grams=10_000)


@given(
    asked=st.builds(
        question,
        currency=st.sampled_from(CURRENCIES),
        weight_grams=st.integers(0, 1_000_000),
        country=st.sampled_from(["DE", "AU"]),
    )
)
async def test_offers_are_in_the_asked_currency_cheapest_first(
    carrier: Carrier, asked: DeliveryQuestion
) -> None:
    offers = await carrier.rates.options(asked)
    assert offers
    assert {offer.amount.currency for offer in offers} == {asked.subtotal.currency}
    order = [(offer.amount.minor, offer.max_days) for offer in offers]
    assert order == sorted(order)
    assert len({offer.id for offer in offers}) == len(offers)
    assert all(offer.amount.minor > 0 for offer in offers)
    assert all(0 < offer.min_days <= offer.max_days for offer in offers)


@pytest.mark.parametrize(
    ("currency", "least", "most"), [("EUR", 100, 10_000), ("JPY", 1, 10_000), ("KWD", 500, 50_000)]
)
async def test_a_parcel_costs_something_sensible_in_the_minor_units_of_each_currency(
    carrier: Carrier, currency: str, least: int, most: int
) -> None:
    """A price in cents that is taken for yen, or the other way round, is out of these bounds."""
    for offer in await carrier.rates.options(question(currency)):
        assert least <= offer.amount.minor <= most


@given(lighter=st.integers(0, 500_000), more=st.integers(0, 500_000))
async def test_heavier_goods_are_never_cheaper(carrier: Carrier, lighter: int, more: int) -> None:
    light = await carrier.rates.options(question(weight_grams=lighter))
    heavy = await carrier.rates.options(question(weight_grams=lighter + more))
    assert [offer.id for offer in light] == [offer.id for offer in heavy]
    assert all(a.amount <= b.amount for a, b in zip(light, heavy, strict=True))


async def test_the_price_goes_up_at_its_step_and_not_before(carrier: Carrier) -> None:
    least, below, at = [
        [offer.amount.minor for offer in await carrier.rates.options(question(weight_grams=grams))]
        for grams in (0, carrier.step_grams - 1, carrier.step_grams)
    ]
    assert least == below
    assert all(a < b for a, b in zip(below, at, strict=True))


async def test_the_same_question_has_the_same_offers(carrier: Carrier) -> None:
    assert await carrier.rates.options(question()) == await carrier.rates.options(question())


async def test_country_and_postcode_are_enough_to_be_offered_something(carrier: Carrier) -> None:
    somewhere = an_address(name=None, line1=None, city=None)
    asked = DeliveryQuestion(destination=somewhere, weight_grams=500, subtotal=Money.of(1200, "EUR"))
    assert await carrier.rates.options(asked) == await carrier.rates.options(question())


async def test_where_nobody_delivers_there_is_no_offer_and_no_error(carrier: Carrier) -> None:
    assert await carrier.rates.options(carrier.unserved) == ()


async def test_flat_rates_are_higher_for_places_that_are_far() -> None:
    near, far = [await FlatDeliveryRates().options(question(country=place)) for place in ("DE", "AU")]
    assert [offer.amount.minor for offer in near] == [500, 1200]
    assert [offer.amount.minor for offer in far] == [1500, 3900]
    assert all(a.max_days < b.max_days for a, b in zip(near, far, strict=True))


def test_every_currency_of_the_shipped_rates_has_the_same_offers() -> None:
    offered: dict[str, list[str]] = {}
    for rate in DEFAULT_RATES:
        offered.setdefault(rate.currency, []).append(rate.id)
    assert {tuple(ids) for ids in offered.values()} == {("standard", "express")}
    assert set(CURRENCIES) <= set(offered)
