"""What every tax calculator promises: an answer that can be charged, or a refusal with a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.built_in.tax_table import TaxTable, TaxTableRefused, read_rates
from domain.identifiers import LineId
from domain.money import Currency, Money
from domain.tax import TaxableLine, TaxQuestion
from ports.errors import Rejected
from ports.taxes import TaxCalculator
from tests.builders import an_address

PLACES = ("DE", "FR", "JP", "GB", "CH")


@pytest.fixture(scope="module", params=["table"])
def taxes() -> TaxCalculator:
    return TaxTable()


def question(country: str, amounts: list[int], delivery: int, currency: str = "EUR") -> TaxQuestion:
    money = Currency.of(currency)
    lines = tuple(
        TaxableLine(
            line_id=LineId(f"line_{n}"), tax_code="general", amount=Money(minor=minor, currency=money)
        )
        for n, minor in enumerate(amounts)
    )
    destination = an_address(country=country, region=None)
    return TaxQuestion(destination=destination, lines=lines, delivery=Money(minor=delivery, currency=money))


amounts = st.integers(0, 10**9)


@given(
    country=st.sampled_from(PLACES),
    lines=st.lists(amounts, min_size=1, max_size=6),
    delivery=amounts,
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
async def test_an_answer_can_be_charged(
    taxes: TaxCalculator, country: str, lines: list[int], delivery: int, currency: str
) -> None:
    asked = question(country, lines, delivery, currency)
    answer = await taxes.calculate(asked)
    assert answer.checked_against(asked) is answer
    assert len(answer.lines) == len(lines)


async def test_the_same_question_has_the_same_answer(taxes: TaxCalculator) -> None:
    asked = question("DE", [1200, 1], 500)
    assert await taxes.calculate(asked) == await taxes.calculate(asked)


async def test_germany_takes_nineteen_percent_of_goods_and_delivery(taxes: TaxCalculator) -> None:
    answer = await taxes.calculate(question("DE", [1200], 500))
    assert [tax.minor for tax in answer.lines] == [228]
    assert answer.delivery.minor == 95
    assert [part.rate_ppm for part in answer.parts] == [190_000]


async def test_a_place_that_nobody_can_tax_is_refused_by_name(taxes: TaxCalculator) -> None:
    with pytest.raises(Rejected) as refusal:
        await taxes.calculate(question("AQ", [1200], 500))
    assert refusal.value.code == "no_tax_rate_for_place"


@pytest.mark.parametrize(
    "line",
    [
        "DE,,general,VAT,many,yes",
        "DE,,general,VAT,190,yes",
        "DE,,general,VAT,19,maybe",
        "DEU,,general,VAT,19,yes",
    ],
)
def test_a_table_with_a_mistake_is_refused_by_line(line: str) -> None:
    with pytest.raises(TaxTableRefused, match="line 2"):
        read_rates(["country,region,tax_code,name,percent,taxes_delivery\n", line])
