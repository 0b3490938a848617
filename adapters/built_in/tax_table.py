"""Taxes from a table by place and tax code: for shops whose taxes fit on a page.

The shipped table holds standard and reduced rates as of 2026; a merchant keeps their own copy.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.money import Currency, Money, portion, total_of
from domain.tax import TaxAnswer, TaxPart, TaxQuestion
from ports.errors import Rejected

_SHIPPED: Final = Path(__file__).with_name("tax_rates.csv")
_COLUMNS: Final = ("country", "region", "tax_code", "name", "percent", "taxes_delivery")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PERCENT: Final = re.compile(r"(\d{1,2})(?:\.(\d{1,4}))?")
_WHOLE_PPM: Final = 1_000_000
# A line of a code that a place has no rate for is taxed like everything else there.
_GENERAL: Final = "general"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One tax at one place on one tax code. `rate_ppm` is parts per million: 190000 is 19 %."""

    name: str
    rate_ppm: int
    taxes_delivery: bool


RatesByPlace = Mapping[tuple[str, str, str], tuple[Rate, ...]]


class TaxTableRefused(Exception):
    """The table has a mistake; the message says in which line."""


def read_rates(lines: Iterable[str]) -> RatesByPlace:
    """Rates by country, region (empty: the whole country) and tax code. Raises TaxTableRefused."""
    rates: dict[tuple[str, str, str], tuple[Rate, ...]] = {}
    reader = csv.DictReader(lines, strict=True)
    try:
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise TaxTableRefused(f"line 1 must be {','.join(_COLUMNS)}")
        for row in reader:
            rate = _rate(row)
            if rate is None:
                raise TaxTableRefused(f"line {reader.line_num} is no tax rate")
            place = (row["country"], row["region"].upper(), row["tax_code"])
            others = rates.get(place, ())
            if any(other.name == rate.name for other in others):
                raise TaxTableRefused(f"line {reader.line_num} has a tax that was there before")
            rates[place] = (*others, rate)
    except csv.Error:
        raise TaxTableRefused(f"line {reader.reader.line_num} is no CSV") from None
    return rates


def _rate(row: Mapping[str, str | None]) -> Rate | None:
    """What the row says; None if it makes no sense."""
    country, taxes_delivery = row["country"] or "", row["taxes_delivery"]
    match = _PERCENT.fullmatch(row["percent"] or "")
    if match is None or taxes_delivery not in ("yes", "no") or not _COUNTRY.fullmatch(country):
        return None
    return Rate(
        name=row["name"] or "",
        rate_ppm=int(match[1]) * 10_000 + int((match[2] or "0").ljust(4, "0")),
        taxes_delivery=taxes_delivery == "yes",
    )


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
        currency = question.delivery.currency
        parts: dict[tuple[str, int], Money] = {}
        lines = tuple(
            self._tax(line.amount, self._rates_for(question, line.tax_code), parts) for line in question.lines
        )
        on_delivery = tuple(rate for rate in self._rates_for(question, _GENERAL) if rate.taxes_delivery)
        delivery = self._tax(question.delivery, on_delivery, parts)
        named = tuple(
            TaxPart(name=name, rate_ppm=rate_ppm, amount=amount) for (name, rate_ppm), amount in parts.items()
        )
        return TaxAnswer(lines=lines, delivery=delivery, parts=named or _untaxed(currency))

    def _rates_for(self, question: TaxQuestion, tax_code: str) -> tuple[Rate, ...]:
        country, region = question.destination.country, (question.destination.region or "").upper()
        for place in ((country, region, tax_code), (country, "", tax_code), (country, region, _GENERAL)):
            if place in self._rates:
                return self._rates[place]
        if (country, "", _GENERAL) in self._rates:
            return self._rates[country, "", _GENERAL]
        raise Rejected("no_tax_rate_for_place")

    def _tax(self, amount: Money, rates: tuple[Rate, ...], parts: dict[tuple[str, int], Money]) -> Money:
        taxes = []
        for rate in rates:
            tax = portion(amount, rate.rate_ppm, _WHOLE_PPM)
            key = (rate.name, rate.rate_ppm)
            parts[key] = parts[key] + tax if key in parts else tax
            taxes.append(tax)
        return total_of(taxes, amount.currency)


def _untaxed(currency: Currency) -> tuple[TaxPart, ...]:
    return (TaxPart(name="no tax", rate_ppm=0, amount=Money.zero(currency)),)
