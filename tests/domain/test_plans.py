"""Plans: what can be sold as one, and what its subscriber agrees to."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import FieldRefused, PlanNotSoldIn
from domain.money import Money
from domain.plan import BillingInterval, ProviderPrice
from tests.subscribers import a_plan

EUR, USD = Money.of(1900, "EUR"), Money.of(2100, "USD")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"prices": ()}, "/prices"),
        ({"prices": (EUR, EUR)}, "/prices"),
        ({"prices": (EUR, Money.of(0, "USD"))}, "/prices/1"),
        ({"prices": (Money.of(-1, "USD"),)}, "/prices/0"),
        ({"prices": (Money.of(1234, "KWD"),)}, "/prices/0/minor"),
        ({"interval_count": 0}, "/interval_count"),
        ({"interval_count": 13}, "/interval_count"),
        ({"interval": BillingInterval.YEAR, "interval_count": 2}, "/interval_count"),
        (
            {"provider_prices": (ProviderPrice(provider="stripe", currency="EUR", reference="p"),) * 2},
            "/provider_prices",
        ),
    ],
)
def test_what_nobody_could_be_billed_for_is_no_plan(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        a_plan(**changes)
    assert refused.value.path == path


def test_the_terms_name_the_price_where_it_is_sold_or_the_plan_where_it_has_no_other_name() -> None:
    price = ProviderPrice(provider="stripe", currency="EUR", reference="price_1")
    plan = a_plan(prices=(EUR, USD), provider_prices=(price,))
    assert plan.terms("EUR", "stripe").price_reference == "price_1"
    assert plan.terms("EUR", "simulated").price_reference == "gold"
    assert plan.terms("USD", "stripe").price_reference == "gold"
    assert plan.terms("USD", "stripe").price == USD


def test_a_plan_is_sold_in_its_own_currencies_only() -> None:
    with pytest.raises(PlanNotSoldIn):
        a_plan().terms("USD", "stripe")


@pytest.mark.parametrize(
    ("interval", "count", "since", "until"),
    [
        (BillingInterval.DAY, 3, (2026, 2, 27), (2026, 3, 2)),
        (BillingInterval.WEEK, 2, (2026, 12, 24), (2027, 1, 7)),
        (BillingInterval.MONTH, 1, (2026, 1, 31), (2026, 2, 28)),
        (BillingInterval.MONTH, 2, (2026, 12, 31), (2027, 2, 28)),
        (BillingInterval.MONTH, 12, (2026, 5, 1), (2027, 5, 1)),
        (BillingInterval.YEAR, 1, (2028, 2, 29), (2029, 2, 28)),
    ],
)
def test_an_interval_ends_on_the_same_day_or_on_the_last_that_there_is(
    interval: BillingInterval, count: int, since: tuple[int, int, int], until: tuple[int, int, int]
) -> None:
    assert interval.after(datetime(*since, tzinfo=UTC), count) == datetime(*until, tzinfo=UTC)
