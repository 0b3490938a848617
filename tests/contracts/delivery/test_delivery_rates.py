"""What everybody who offers delivery promises: the built-in rates, the fake, each carrier's adapter on the
sandbox, and all carriers together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.built_in.flat_delivery_rates import DEFAULT_RATES, FlatDeliveryRates
from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from domain.address import Address
from domain.delivery import DeliveryQuestion
from domain.money import Money
from ports.delivery_rates import DeliveryRates
from tests.application.carriers import asking
from tests.builders import an_address
from tests.contracts.delivery.carriers import ABROAD, FLAGS, HOME, pieces, sandbox

# Of two, no and three decimals.
CURRENCIES = ("EUR", "USD", "JPY", "KWD")
NEAR, FAR = an_address(country="DE"), an_address(country="AU", region="NSW", postcode="2000")
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """`unserved` is a question that it has no offer for; `step_grams` is where its price goes up."""

    rates: DeliveryRates
    unserved: DeliveryQuestion
    step_grams: int
    currencies: tuple[str, ...] = CURRENCIES
    places: tuple[Address, ...] = (NEAR, FAR)

    def asked(
        self, weight_grams: int = 500, currency: str = "", place: Address | None = None
    ) -> DeliveryQuestion:
        return question(currency or self.currencies[0], weight_grams, place or self.places[0])


def question(currency: str = "EUR", weight_grams: int = 500, place: Address = NEAR) -> DeliveryQuestion:
    return DeliveryQuestion(
        destination=place, goods=(pieces(weight_grams),), subtotal=Money.of(1200, currency)
    )


@pytest.fixture(scope="module", params=["flat", "fake", "fedex", "ups", "usps", "all carriers"])
def carrier(request: pytest.FixtureRequest) -> Iterator[Carrier]:
    flat = FlatDeliveryRates()
    match request.param:
        case "flat":
            yield Carrier(rates=flat, unserved=question("THB"), step_grams=30_001)
        case "fake":
            nowhere = question(place=an_address(country="AQ"))
            yield Carrier(rates=InMemoryDeliveryRates(), unserved=nowhere, step_grams=10_000)
        case "fedex":
            # A shop whose account is in dollars is quoted in other currencies by FedEx itself.
            yield Carrier(
                rates=sandbox().adapters["fedex"],
                unserved=question("THB", place=HOME),
                step_grams=1_001,
                currencies=("USD", "EUR", "JPY", "KWD"),
                places=(HOME, ABROAD),
            )
        case "ups":
            yield Carrier(
                rates=sandbox().adapters["ups"],
                unserved=question("EUR", place=HOME),
                step_grams=454,
                currencies=("USD",),
                places=(HOME, ABROAD),
            )
        case "usps":
            carriers = sandbox()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("entrypoints.sandbox.usps._QUOTA", 100_000)
                yield Carrier(
                    rates=carriers.adapters["usps"],
                    unserved=question("USD", place=ABROAD),
                    step_grams=114,
                    currencies=("USD",),
                    places=(HOME, replace(HOME, postcode="99501-1234", region="AK")),
                )
        case _:
            together = asking({flag: InMemoryDeliveryRates(carrier=flag.key) for flag in FLAGS})
            nowhere = question("THB", place=an_address(country="AQ"))
            yield Carrier(rates=together, unserved=nowhere, step_grams=10_000)


@FEW
@given(data=st.data(), weight_grams=st.integers(0, 1_000_000))
async def test_offers_are_in_the_asked_currency_cheapest_first(
    carrier: Carrier, data: st.DataObject, weight_grams: int
) -> None:
    currency = data.draw(st.sampled_from(carrier.currencies))
    asked = carrier.asked(weight_grams, currency, data.draw(st.sampled_from(carrier.places)))
    offers = (await carrier.rates.offers(asked)).options
    assert offers
    assert {offer.amount.currency for offer in offers} == {asked.subtotal.currency}
    order = [(offer.amount.minor, offer.max_days) for offer in offers]
    assert order == sorted(order)
    assert len({offer.id for offer in offers}) == len(offers)
    assert all(offer.amount.minor > 0 for offer in offers)
    assert all(0 < offer.min_days <= offer.max_days for offer in offers)
    assert all(offer.title and offer.title.isprintable() for offer in offers)


@pytest.mark.parametrize(
    ("currency", "least", "most"),
    [("EUR", 100, 20_000), ("USD", 100, 20_000), ("JPY", 1, 20_000), ("KWD", 500, 50_000)],
)
async def test_a_parcel_costs_something_sensible_in_the_minor_units_of_each_currency(
    carrier: Carrier, currency: str, least: int, most: int
) -> None:
    """A price in cents that is taken for yen, or the other way round, is out of these bounds."""
    # A carrier that has no prices in a currency has none that could be mistaken for another.
    if currency not in carrier.currencies:
        pytest.skip(f"quotes in {carrier.currencies} only")
    for offer in (await carrier.rates.offers(carrier.asked(currency=currency))).options:
        assert least <= offer.amount.minor <= most


@FEW
@given(lighter=st.integers(0, 500_000), more=st.integers(0, 500_000))
async def test_heavier_goods_are_never_cheaper(carrier: Carrier, lighter: int, more: int) -> None:
    light, heavy = [
        {offer.id: offer.amount for offer in (await carrier.rates.offers(carrier.asked(grams))).options}
        for grams in (lighter, lighter + more)
    ]
    assert light.keys() == heavy.keys()
    assert all(light[service] <= heavy[service] for service in light)


async def test_the_price_goes_up_at_its_step_and_not_before(carrier: Carrier) -> None:
    least, below, at = [
        [offer.amount.minor for offer in (await carrier.rates.offers(carrier.asked(grams))).options]
        for grams in (0, carrier.step_grams - 1, carrier.step_grams)
    ]
    assert least == below
    assert all(a < b for a, b in zip(below, at, strict=True))


async def test_the_same_question_has_the_same_offers(carrier: Carrier) -> None:
    assert await carrier.rates.offers(carrier.asked()) == await carrier.rates.offers(carrier.asked())


async def test_country_and_postcode_are_enough_to_be_offered_something(carrier: Carrier) -> None:
    somewhere = carrier.places[0]
    barely = Address(country=somewhere.country, postcode=somewhere.postcode)
    offers = await carrier.rates.offers(carrier.asked(place=barely))
    assert offers.options
    assert offers == await carrier.rates.offers(carrier.asked(place=somewhere))


async def test_where_nobody_delivers_there_is_no_offer_and_no_error(carrier: Carrier) -> None:
    assert (await carrier.rates.offers(carrier.unserved)).options == ()


async def test_flat_rates_are_higher_for_places_that_are_far() -> None:
    near, far = [(await FlatDeliveryRates().offers(question(place=place))).options for place in (NEAR, FAR)]
    assert [offer.amount.minor for offer in near] == [500, 1200]
    assert [offer.amount.minor for offer in far] == [1500, 3900]
    assert all(a.max_days < b.max_days for a, b in zip(near, far, strict=True))


def test_every_currency_of_the_shipped_rates_has_the_same_offers() -> None:
    offered: dict[str, list[str]] = {}
    for rate in DEFAULT_RATES:
        offered.setdefault(rate.currency, []).append(rate.id)
    assert {tuple(ids) for ids in offered.values()} == {("standard", "express")}
    assert set(CURRENCIES) <= set(offered)
