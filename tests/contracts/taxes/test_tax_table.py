"""The built-in table: the rates it ships with, and the mistakes that it won't read."""

import pytest

from adapters.built_in.tax_table import TaxTable, TaxTableRefused, read_rates, shipped_rates
from domain.address import Address
from domain.identifiers import LineId
from domain.money import Money
from domain.shop import ShopRules
from domain.tax import TaxableLine, TaxQuestion
from ports.errors import Rejected

COLUMNS = "country,region,tax_code,name,percent,taxes_delivery\n"


def asked(country: str, region: str | None, tax_code: str, currency: str) -> TaxQuestion:
    line = TaxableLine(line_id=LineId("line_1"), tax_code=tax_code, amount=Money.of(10_000, currency))
    destination = Address(country=country, region=region)
    return TaxQuestion(destination=destination, lines=(line,), delivery=Money.of(1_000, currency))


@pytest.mark.parametrize(
    ("place", "line", "delivery", "names"),
    [
        (("DE", None, "general"), 1900, 190, ["VAT"]),
        (("DE", None, "books"), 700, 190, ["VAT", "VAT"]),
        (("JP", None, "food"), 800, 100, ["consumption tax", "consumption tax"]),
        (("US", "CA", "general"), 725, 0, ["sales tax"]),
        (("US", "tx", "general"), 625, 63, ["sales tax"]),
        (("US", "OR", "general"), 0, 0, ["sales tax"]),
        (("CA", "BC", "general"), 1200, 50, ["GST", "PST"]),
        (("CA", "QC", "general"), 1498, 150, ["GST", "QST"]),
        (("KW", None, "general"), 0, 0, ["VAT"]),
    ],
)
async def test_a_place_has_its_rates(
    place: tuple[str, str | None, str], line: int, delivery: int, names: list[str]
) -> None:
    answer = await TaxTable().calculate(asked(*place, "EUR"))
    assert [tax.minor for tax in answer.lines] == [line]
    assert answer.delivery.minor == delivery
    assert [part.name for part in answer.parts] == names


@pytest.mark.parametrize("region", [None, "", "ZZ"])
async def test_a_country_of_many_taxes_is_not_taxed_without_a_region(region: str | None) -> None:
    with pytest.raises(Rejected):
        await TaxTable().calculate(asked("US", region, "general", "USD"))


def test_every_country_that_a_new_shop_delivers_to_has_rates() -> None:
    assert ShopRules().delivers_to <= {country for country, _, _ in shipped_rates()}


@pytest.mark.parametrize(
    "row",
    [
        "DE,,general,VAT,many,yes",
        "DE,,general,VAT,190,yes",
        "DE,,general,VAT,-1,yes",
        "DE,,general,VAT,19,maybe",
        "DEU,,general,VAT,19,yes",
        "de,,general,VAT,19,yes",
        "DE,,general,VAT",
        "DE",
        'DE,,general,"VAT,19,yes',
    ],
)
def test_a_table_with_a_mistake_is_refused_by_line(row: str) -> None:
    with pytest.raises(TaxTableRefused, match="line 2"):
        read_rates([COLUMNS, row])


def test_a_tax_that_is_there_twice_is_not_charged_twice() -> None:
    row = "DE,,general,VAT,19,yes\n"
    with pytest.raises(TaxTableRefused, match="line 3"):
        read_rates([COLUMNS, row, row])


@pytest.mark.parametrize("head", ["", "country,percent\n", COLUMNS.replace("percent", "rate")])
def test_a_table_without_its_columns_is_refused(head: str) -> None:
    with pytest.raises(TaxTableRefused, match="line 1"):
        read_rates([head, "DE,,general,VAT,19,yes"])
