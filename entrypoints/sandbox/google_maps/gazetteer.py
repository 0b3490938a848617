"""The streets that the simulated Google knows. Every house number exists in them."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_NEAR: Final = 0.8
_NUMBER: Final = re.compile(r"\d+(?:-\d+)*[a-zA-Z]?")
_NUMBER_FIRST: Final = frozenset({"CA", "FR", "GB", "JP", "US"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    country: str
    region: str = ""
    postcode: str
    city: str
    name: str

    def with_number(self, number: str) -> str:
        """As the country writes it."""
        return f"{number} {self.name}" if self.country in _NUMBER_FIRST else f"{self.name} {number}"


STREETS: Final = (
    Street(country="DE", region="Berlin", postcode="10117", city="Berlin", name="Unter den Linden"),
    Street(country="DE", region="Berlin", postcode="10115", city="Berlin", name="Hauptstr."),
    Street(country="DE", region="Bayern", postcode="80331", city="München", name="Marienplatz"),
    Street(country="NO", postcode="0026", city="Oslo", name="Karl Johans gate"),
    Street(country="GB", postcode="SW1A 2AA", city="London", name="Downing Street"),
    Street(country="US", region="CA", postcode="94043", city="Mountain View", name="Amphitheatre Parkway"),
    Street(country="US", region="NY", postcode="10118", city="New York", name="5th Avenue"),
    Street(country="JP", region="東京都", postcode="100-8111", city="Tokyo", name="Chiyoda"),
    Street(country="KW", postcode="13001", city="Kuwait City", name="Arabian Gulf Street"),
)
# Address Validation knows fewer countries than Geocoding.
VALIDATED: Final = frozenset({"DE", "NO", "GB", "US", "FR", "AT", "CH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A street and house number as they were typed; either may be missing."""

    street: str
    number: str

    @classmethod
    def read(cls, text: str) -> "Line":
        numbers = _NUMBER.findall(text)
        first = text.strip()[:1].isdigit()
        number = (numbers[0] if first else numbers[-1]) if numbers else ""
        return cls(street=text.replace(number, "", 1).strip(" ,") if number else text.strip(), number=number)


def folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def street_meant(country: str, typed: str, city: str, postcode: str) -> Street | None:
    """The street of nearly this name where city or postcode is right: none of them is the shopper's guess."""
    there = (
        street
        for street in STREETS
        if street.country == country
        and (folded(street.city) == folded(city) or folded(street.postcode) == folded(postcode))
    )
    best = max(there, key=lambda street: _likeness(street.name, typed), default=None)
    return best if best is not None and _likeness(best.name, typed) >= _NEAR else None


def _likeness(name: str, typed: str) -> float:
    return SequenceMatcher(a=folded(name), b=folded(typed), autojunk=False).ratio()
