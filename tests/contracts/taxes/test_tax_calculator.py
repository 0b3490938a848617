"""What every tax calculator promises: on the built-in table, on the fake, and on TaxJar, as it is and with a
memory in front.

An answer that can be charged, or a refusal with a name.
"""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from domain.address import Address
from domain.identifiers import LineId
from domain.money import Currency, Money, total_of
from domain.tax import TaxableLine, TaxExemption, TaxQuestion
from domain.values import replace
from ports.errors import Rejected
from ports.taxes import TaxCalculator
from tests.builders import an_address
from tests.contracts.taxes.calculators import Calculator, calculator
from tests.sandbox.server import RunningSandbox

GERMANY = an_address(country="DE")


@pytest.fixture(params=["fake", "table", "taxjar", "taxjar remembered"])
async def tested(request: pytest.FixtureRequest, vendors: RunningSandbox) -> AsyncIterator[Calculator]:
    async with calculator(request.param, vendors) as opened:
        yield opened


@pytest.fixture
def taxes(tested: Calculator) -> TaxCalculator:
    return tested.taxes


def question(
    destination: Address,
    amounts: list[int],
    delivery: int,
    currency: str = "EUR",
    *,
    tax_code: str = "general",
    exemption: TaxExemption | None = None,
) -> TaxQuestion:
    money = Currency.of(currency)
    lines = tuple(
        TaxableLine(line_id=LineId(f"line_{n}"), tax_code=tax_code, amount=Money(minor=minor, currency=money))
        for n, minor in enumerate(amounts)
    )
    return TaxQuestion(
        destination=destination,
        lines=lines,
        delivery=Money(minor=delivery, currency=money),
        exemption=exemption,
    )


amounts = st.integers(0, 10**9)


@examples(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
async def test_an_answer_can_be_charged(tested: Calculator, data: st.DataObject) -> None:
    asked = data.draw(
        st.builds(
            question,
            destination=st.sampled_from(tested.places),
            amounts=st.lists(amounts, max_size=6),
            delivery=amounts,
            currency=st.sampled_from(tested.currencies),
            tax_code=st.sampled_from(["general", "food", "books", "a code that nobody knows"]),
            exemption=st.none() | st.sampled_from(TaxExemption),
        )
    )
    answer = await tested.taxes.calculate(asked)
    assert answer.checked_against(asked) is answer
    assert len(answer.lines) == len(asked.lines)
    currency = asked.delivery.currency
    parts = total_of((part.amount for part in answer.parts), currency)
    assert parts == total_of(answer.lines, currency) + answer.delivery
    assert not answer.estimated


async def test_a_tax_is_in_the_minor_units_of_the_asked_currency(tested: Calculator) -> None:
    for currency in tested.currencies:
        step = Currency.of(currency).step
        answer = await tested.taxes.calculate(question(GERMANY, [1200 * step], 500 * step, currency))
        assert answer.lines == (Money.of(228 * step, currency),)
        assert answer.delivery == Money.of(95 * step, currency)
        total = Money.of(323 * step, currency)
        assert [(part.rate_ppm, part.amount) for part in answer.parts] == [(190_000, total)]


async def test_what_is_given_away_is_not_taxed(taxes: TaxCalculator) -> None:
    answer = await taxes.calculate(question(GERMANY, [0, 1200], 0))
    assert [tax.minor for tax in answer.lines] == [0, 228]
    assert answer.delivery.minor == 0


async def test_who_is_exempt_pays_nothing(tested: Calculator) -> None:
    for place in tested.places:
        asked = question(place, [1200, 5], 500, exemption=TaxExemption.WHOLESALE)
        answer = await tested.taxes.calculate(asked)
        assert answer.checked_against(asked).total().minor == 0


@pytest.mark.parametrize(("minor", "tax"), [(2, 0), (3, 1), (50, 10), (150, 29)])
async def test_a_tax_is_rounded_to_what_can_be_charged_halves_upwards(
    tested: Calculator, minor: int, tax: int
) -> None:
    """19 % of 2 is 0.38, of 3 is 0.57, of 50 is 9.5, of 150 is 28.5: in whole minor units, or in tens."""
    for currency in tested.currencies:
        step = Currency.of(currency).step
        answer = await tested.taxes.calculate(question(GERMANY, [minor * step], 0, currency))
        assert answer.lines[0].minor == tax * step


async def test_the_same_question_has_the_same_answer(taxes: TaxCalculator) -> None:
    asked = question(GERMANY, [1200, 1], 500)
    first, second = await taxes.calculate(asked), await taxes.calculate(asked)
    assert replace(first, rates=None) == replace(second, rates=None)


async def test_goods_of_an_unknown_code_are_taxed_like_others(taxes: TaxCalculator) -> None:
    unknown = await taxes.calculate(question(GERMANY, [1200], 500, tax_code="moon dust"))
    assert unknown.lines == (await taxes.calculate(question(GERMANY, [1200], 500))).lines


@pytest.mark.parametrize("country", ["AQ", "XX", ""])
async def test_a_place_that_nobody_can_tax_is_refused_by_name(taxes: TaxCalculator, country: str) -> None:
    with pytest.raises(Rejected) as refusal:
        await taxes.calculate(question(an_address(country=country), [1200], 500))
    assert refusal.value.code == "no_tax_rate_for_place"
