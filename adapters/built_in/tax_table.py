"""Taxes from a table by place and tax code: for shops whose taxes fit on a page.

The shipped table holds standard and reduced rates as of 2026; a merchant keeps their own copy.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.tax import TaxAnswer, TaxQuestion, TaxRate, TaxRates, taxed_at, untaxed
from ports.errors import Rejected

_SHIPPED: Final = Path(__file__).with_name("tax_rates.csv")
_COLUMNS: Final = ("country", "region", "tax_code", "name", "percent", "taxes_delivery")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PERCENT: Final = re.compile(r"(\d{1,2})(?:\.(\d{1,4}))?")
# A line of a code that a place has no rate for is taxed like everything else there.
_GENERAL: Final = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The taxes at one place on one tax code, and those among them that tax the delivery too."""

    goods: tuple[TaxRate, ...] = ()
    delivery: tuple[TaxRate, ...] = ()


RatesByPlace = Mapping[tuple[str, str, str], Rates]


class TaxTableRefused(Exception):
    """The table has a mistake; the message says in which line."""


def read_rates(lines: Iterable[str]) -> RatesByPlace:
    """Rates by country, region (empty: the whole country) and tax code. Raises TaxTableRefused."""
    rates: dict[tuple[str, str, str], Rates] = {}
    reader = csv.DictReader(lines, strict=True)
    try:
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise TaxTableRefused(f"line 1 must be {','.join(_COLUMNS)}")
        for row in reader:
            rate = _rate(row)
            if rate is None:
                raise TaxTableRefused(f"line {reader.line_num} is no tax rate")
            place = (row["country"], row["region"].upper(), row["tax_code"])
            others = rates.get(place, Rates())
            if any(other.name == rate.name for other in others.goods):
                raise TaxTableRefused(f"line {reader.line_num} has a tax that was there before")
            on_delivery = (*others.delivery, rate) if row["taxes_delivery"] == "yes" else others.delivery
            rates[place] = Rates(goods=(*others.goods, rate), delivery=on_delivery)
    except csv.Error:
        raise TaxTableRefused(f"line {reader.reader.line_num} is no CSV") from None
    return rates


def _rate(row: Mapping[str, str | None]) -> TaxRate | None:
    """What the row says; None if it makes no sense."""
    country, taxes_delivery = row["country"] or "", row["taxes_delivery"]
    match = _PERCENT.fullmatch(row["percent"] or "")
    if match is None or taxes_delivery not in ("yes", "no") or not _COUNTRY.fullmatch(country):
        return None
    rate_ppm = int(match[1]) * 10_000 + int((match[2] or "0").ljust(4, "0"))
    return TaxRate(name=row["name"] or "", rate_ppm=rate_ppm)


def shipped_rates() -> RatesByPlace:
    with _SHIPPED.open(encoding="utf-8", newline="") as lines:
        return read_rates(lines)


class TaxTable:
    """Implements `ports.taxes.TaxCalculator`. Each tax on each line is rounded half up by itself.

    A place without rates is refused: nobody is charged a tax that was guessed, or left out.
    """

    def __init__(self, rates: RatesByPlace | None = None) -> None:
        self._rates = shipped_rates() if rates is None else rates

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        """Raises Rejected (`no_tax_rate_for_place`)."""
        general = self._rates_for(question, _GENERAL)
        if question.exemption is not None:
            return untaxed(question)
        lines = tuple(
            general.goods if line.tax_code == _GENERAL else self._rates_for(question, line.tax_code).goods
            for line in question.lines
        )
        return taxed_at(question, TaxRates(lines=lines, delivery=general.delivery))

    def _rates_for(self, question: TaxQuestion, tax_code: str) -> Rates:
        country, region = question.destination.country, (question.destination.region or "").upper()
        for place in ((country, region, tax_code), (country, "", tax_code), (country, region, _GENERAL)):
            if place in self._rates:
                return self._rates[place]
        if (country, "", _GENERAL) in self._rates:
            return self._rates[country, "", _GENERAL]
        raise Rejected("no_tax_rate_for_place")
