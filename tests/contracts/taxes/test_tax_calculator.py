"""What every tax calculator promises, on the built-in table and on the fake.

An answer that can be charged, or a refusal with a name.
"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.built_in.tax_table import TaxTable
from adapters.in_memory.taxes import InMemoryTaxCalculator
from domain.identifiers import LineId
from domain.money import Currency, Money, total_of
from domain.tax import TaxableLine, TaxQuestion
from ports.errors import Rejected
from ports.taxes import TaxCalculator
from tests.builders import an_address

PLACES = ("DE", "FR", "JP", "GB", "CH")
CURRENCIES = ("EUR", "JPY", "KWD")
CALCULATORS: dict[str, Callable[[], TaxCalculator]] = {"table": TaxTable, "fake": InMemoryTaxCalculator}


@pytest.fixture(scope="module", params=CALCULATORS)
def taxes(request: pytest.FixtureRequest) -> TaxCalculator:
    return CALCULATORS[request.param]()


def question(
    country: str, amounts: list[int], delivery: int, currency: str = "EUR", tax_code: str = "general"
) -> TaxQuestion:
    money = Currency.of(currency)
    lines = tuple(
        TaxableLine(line_id=LineId(f"line_{n}"), tax_code=tax_code, amount=Money(minor=minor, currency=money))
        for n, minor in enumerate(amounts)
    )
    destination = an_address(country=country, region=None)
    return TaxQuestion(destination=destination, lines=lines, delivery=Money(minor=delivery, currency=money))


amounts = st.integers(0, 10**9)


@given(
    asked=st.builds(
        question,
        country=st.sampled_from(PLACES),
        amounts=st.lists(amounts, max_size=6),
        delivery=amounts,
        currency=st.sampled_from(CURRENCIES),
        tax_code=st.sampled_from(["general", "food", "books", "a code that nobody knows"]),
    )
)
async def test_an_answer_can_be_charged(taxes: TaxCalculator, asked: TaxQuestion) -> None:
    answer = await taxes.calculate(asked)
    assert answer.checked_against(asked) is answer
    assert len(answer.lines) == len(asked.lines)
    currency = asked.delivery.currency
    parts = total_of((part.amount for part in answer.parts), currency)
    assert parts == total_of(answer.lines, currency) + answer.delivery


@pytest.mark.parametrize("currency", CURRENCIES)
async def test_a_tax_is_in_the_minor_units_of_the_asked_currency(taxes: TaxCalculator, currency: str) -> None:
    answer = await taxes.calculate(question("DE", [1200], 500, currency))
    assert answer.lines == (Money.of(228, currency),)
    assert answer.delivery == Money.of(95, currency)
    assert [(part.rate_ppm, part.amount) for part in answer.parts] == [(190_000, Money.of(323, currency))]


async def test_what_is_given_away_is_not_taxed(taxes: TaxCalculator) -> None:
    answer = await taxes.calculate(question("DE", [0, 1200], 0))
    assert [tax.minor for tax in answer.lines] == [0, 228]
    assert answer.delivery.minor == 0


@pytest.mark.parametrize(("minor", "tax"), [(2, 0), (3, 1), (50, 10), (150, 29)])
async def test_a_tax_is_rounded_to_whole_yen_halves_upwards(
    taxes: TaxCalculator, minor: int, tax: int
) -> None:
    """19 % of 2 is 0.38, of 3 is 0.57, of 50 is 9.5, of 150 is 28.5."""
    answer = await taxes.calculate(question("DE", [minor], 0, "JPY"))
    assert answer.lines[0].minor == tax


async def test_the_same_question_has_the_same_answer(taxes: TaxCalculator) -> None:
    asked = question("DE", [1200, 1], 500)
    assert await taxes.calculate(asked) == await taxes.calculate(asked)


async def test_goods_of_an_unknown_code_are_taxed_like_others(taxes: TaxCalculator) -> None:
    unknown = await taxes.calculate(question("DE", [1200], 500, tax_code="moon dust"))
    assert unknown.lines == (await taxes.calculate(question("DE", [1200], 500))).lines


@pytest.mark.parametrize("country", ["AQ", "XX", ""])
async def test_a_place_that_nobody_can_tax_is_refused_by_name(taxes: TaxCalculator, country: str) -> None:
    with pytest.raises(Rejected) as refusal:
        await taxes.calculate(question(country, [1200], 500))
    assert refusal.value.code == "no_tax_rate_for_place"
