"""Rates that a tax service has told: what both storages promise."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from adapters.in_memory.tax_rates import InMemoryKnownTaxRates
from adapters.postgres.pool import open_pool
from adapters.postgres.tax_rates import PostgresKnownTaxRates
from domain.tax import TaxPlace, TaxRate
from ports.tax_rates import DELIVERY, KnownTaxRates
from tests.builders import NOW, typed

QUEENS = TaxPlace(country="US", region="NY", postcode="11430")
VAT = (TaxRate(name="VAT", rate_ppm=190_000),)
FOOD = (TaxRate(name="VAT", rate_ppm=70_000),)
EVER = NOW - timedelta(days=10_000)


@pytest.fixture(params=["memory", "postgres"])
async def known(request: pytest.FixtureRequest) -> AsyncIterator[KnownTaxRates]:
    if request.param == "memory":
        yield InMemoryKnownTaxRates()
        return
    async with open_pool(request.getfixturevalue("new_database_url")(), 4) as pool:
        yield PostgresKnownTaxRates(pool)


async def test_what_was_told_is_known(known: KnownTaxRates) -> None:
    rates = {"general": VAT, "food": FOOD, "untaxed": (), DELIVERY: VAT}
    await known.remember("taxjar", QUEENS, rates, NOW)
    assert await known.recall("taxjar", QUEENS, [*rates, "unheard of"], NOW) == rates
    assert await known.recall("taxjar", QUEENS, ["food"], NOW) == {"food": FOOD}
    assert await known.recall("taxjar", QUEENS, [], NOW) == {}


@pytest.mark.parametrize(
    ("service", "place"),
    [
        ("another", QUEENS),
        ("taxjar", TaxPlace(country="CA", region="NY", postcode="11430")),
        ("taxjar", TaxPlace(country="US", region="", postcode="11430")),
        ("taxjar", TaxPlace(country="US", region="NY", postcode="")),
    ],
)
async def test_it_is_known_of_that_place_and_service_only(
    known: KnownTaxRates, service: str, place: TaxPlace
) -> None:
    await known.remember("taxjar", QUEENS, {"general": VAT}, NOW)
    assert await known.recall(service, place, ["general"], EVER) == {}


async def test_the_newest_holds_whatever_comes_last(known: KnownTaxRates) -> None:
    await known.remember("taxjar", QUEENS, {"general": VAT}, NOW)
    later = NOW + timedelta(minutes=1)
    await known.remember("taxjar", QUEENS, {"general": FOOD}, later)
    await known.remember("taxjar", QUEENS, {"general": VAT}, NOW)
    assert await known.recall("taxjar", QUEENS, ["general"], later) == {"general": FOOD}


async def test_what_was_told_too_long_ago_is_not_known(known: KnownTaxRates) -> None:
    await known.remember("taxjar", QUEENS, {"general": VAT}, NOW)
    since = NOW + timedelta(days=1)
    assert await known.recall("taxjar", QUEENS, ["general"], since) == {}
    await known.remember("taxjar", QUEENS, {"general": VAT}, since)
    assert await known.recall("taxjar", QUEENS, ["general"], since) == {"general": VAT}


@examples(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    rates=st.dictionaries(
        typed, st.lists(st.builds(TaxRate, name=typed, rate_ppm=st.integers(0, 10**6)), max_size=3).map(tuple)
    ),
    place=st.builds(TaxPlace, country=typed, region=typed, postcode=typed),
)
async def test_any_words_are_kept(
    known: KnownTaxRates, rates: dict[str, tuple[TaxRate, ...]], place: TaxPlace
) -> None:
    later = NOW + timedelta(days=1)
    await known.remember("any", place, rates, later)
    assert await known.recall("any", place, list(rates), later) == rates
