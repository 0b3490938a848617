"""Places in memory: a few addresses that exist, and what is nearly one of them."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from adapters.in_memory.faults import Fault, no_fault
from domain.address import Address
from domain.address_check import AddressFinding, AddressVerdict
from domain.values import replace

# How much of an address may differ from one that exists, for that one to have been meant.
_NEAR: Final = 0.85
KNOWN: Final = (
    Address(country="DE", line1="Unter den Linden 1", city="Berlin", postcode="10117"),
    Address(country="DE", line1="Marienplatz 8", city="München", postcode="80331"),
    Address(country="DE", line1="Hauptstr. 1", city="Berlin", postcode="10115"),
    Address(country="JP", line1="1-1 Chiyoda", city="Tokyo", postcode="100-8111"),
    Address(country="NO", line1="Karl Johans gate 22", city="Oslo", postcode="0026"),
    Address(
        country="US",
        line1="1600 Amphitheatre Parkway",
        city="Mountain View",
        region="CA",
        postcode="94043",
    ),
)


class InMemoryPlaces:
    """Implements `ports.places.Places`. `asked` counts the questions: each would cost money."""

    def __init__(self, known: Sequence[Address] = KNOWN, fault: Fault = no_fault) -> None:
        self._known = known
        self._fault = fault
        self.asked = 0

    async def check(self, address: Address) -> AddressFinding | None:
        self.asked += 1
        self._fault("check", "before")
        there = [place for place in self._known if place.country == address.country]
        if any(_text(place) == _text(address) for place in there):
            return AddressFinding(verdict=AddressVerdict.VERIFIED)
        nearest = max(there, key=lambda place: _likeness(place, address), default=None)
        if nearest is None or _likeness(nearest, address) < _NEAR:
            return AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)
        suggestion = replace(nearest, name=address.name, phone=address.phone)
        return AddressFinding(verdict=AddressVerdict.CORRECTED, suggestion=suggestion)


def _likeness(place: Address, address: Address) -> float:
    return SequenceMatcher(a=_text(place), b=_text(address), autojunk=False).ratio()


def _text(address: Address) -> str:
    parts = (address.line1, address.line2, address.postcode, address.city, address.region)
    return " ".join(part for part in parts if part).casefold()
