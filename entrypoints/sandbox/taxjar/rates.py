"""A few real places and their rates, enough to tell a town from its state and food from everything else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

_FOOD, _BOOKS, _CLOTHING = "40030", "81100", "20010"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Each level of government by TaxJar's word for it. `of_goods` are the codes with a rate of their own,
    for all levels together.
    """

    levels: Mapping[str, Decimal]
    taxes_freight: bool = True
    of_goods: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def combined(self) -> Decimal:
        return sum(self.levels.values(), Decimal(0))


def _us(state: str, county: str = "0", city: str = "0", district: str = "0", *, freight: bool) -> Rates:
    levels = {"state": state, "county": county, "city": city, "special": district}
    return Rates(
        levels={level: Decimal(rate) for level, rate in levels.items()},
        taxes_freight=freight,
        of_goods={_FOOD: Decimal(0)},
    )


def _one(rate: str, *, level: str = "country", **of_goods: str) -> Rates:
    codes = {"food": _FOOD, "books": _BOOKS}
    return Rates(
        levels={level: Decimal(rate)},
        of_goods={codes[goods]: Decimal(special) for goods, special in of_goods.items()},
    )


def _canada(gst: str, pst: str = "0", qst: str = "0") -> Rates:
    levels = {"gst": Decimal(gst), "pst": Decimal(pst), "qst": Decimal(qst)}
    return Rates(levels=levels, of_goods={_FOOD: Decimal(0)})


# By state, then by the beginning of a ZIP code, the longest first; the last holds for the rest of the state.
_US: Final[Mapping[str, Mapping[str, Rates]]] = {
    "NY": {
        "114": _us("0.04", city="0.04875", freight=True),
        "100": _us("0.04", city="0.045", district="0.00375", freight=True),
        "": _us("0.04", county="0.04", freight=True),
    },
    "CA": {
        "900": _us("0.06", county="0.0025", district="0.0325", freight=False),
        "": _us("0.06", county="0.0125", freight=False),
    },
    "TX": {
        "787": _us("0.0625", city="0.01", district="0.01", freight=True),
        "": _us("0.0625", freight=True),
    },
    "NJ": {"": _us("0.06625", freight=True)},
    "WA": {"981": _us("0.065", city="0.0385", freight=True), "": _us("0.065", freight=True)},
    "FL": {"": _us("0.06", county="0.01", freight=False)},
    "OR": {"": _us("0", freight=False)},
}
_CANADA: Final = {
    "AB": _canada("0.05"),
    "BC": _canada("0.05", pst="0.07"),
    "ON": _canada("0.13"),
    "QC": _canada("0.05", qst="0.09975"),
}
_COUNTRIES: Final = {
    "AT": _one("0.2", food="0.1", books="0.1"),
    "AU": _one("0.1", food="0"),
    "BE": _one("0.21", food="0.06", books="0.06"),
    "DE": _one("0.19", food="0.07", books="0.07"),
    "DK": _one("0.25"),
    "ES": _one("0.21", food="0.1", books="0.04"),
    "FR": _one("0.2", food="0.055", books="0.055"),
    "IE": _one("0.23", food="0", books="0"),
    "IT": _one("0.22", food="0.1", books="0.04"),
    "NL": _one("0.21", food="0.09", books="0.09"),
    "PL": _one("0.23", food="0.05", books="0.05"),
    "PT": _one("0.23", food="0.06", books="0.06"),
    "SE": _one("0.25", food="0.12", books="0.06"),
}
# First digits of the ZIP codes of a state, where the simulation knows better.
_ZIPS: Final[Mapping[str, tuple[str, ...]]] = {
    "NY": ("1", "005", "063"),
    "CA": ("90", "91", "92", "93", "94", "95", "960", "961"),
    "TX": ("75", "76", "77", "78", "79", "885"),
    "NJ": ("07", "08"),
    "WA": ("98", "990", "991", "992", "993", "994"),
    "FL": ("32", "33", "34"),
    "OR": ("97",),
}


def is_in_state(state: str, zip_code: str) -> bool:
    return zip_code.startswith(_ZIPS.get(state, ("",)))


def rates_at(country: str, state: str, zip_code: str) -> Rates | None:
    """None where the account has no nexus: nothing is collected there."""
    if country == "US":
        of_state = _US.get(state, {})
        return next((rates for start, rates in of_state.items() if zip_code.startswith(start)), None)
    return _CANADA.get(state) if country == "CA" else _COUNTRIES.get(country)
