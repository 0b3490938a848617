"""Geocoding on the wire, for countries that Address Validation doesn't cover: it finds places, it doesn't
judge addresses.

https://developers.google.com/maps/documentation/geocoding/requests-geocoding
"""

from typing import Final

import msgspec

from adapters.google_maps.errors import FOUND, NOT_FOUND, error_of_status
from adapters.google_maps.suggestions import suggested
from domain.address import Address
from domain.address_check import AddressFinding, AddressVerdict


class Component(msgspec.Struct, frozen=True):
    long_name: str = ""
    short_name: str = ""
    types: list[str] = []


class Geometry(msgspec.Struct, frozen=True):
    location_type: str = ""


class Found(msgspec.Struct, frozen=True):
    """`partial_match`: something of the question was left aside, so it is a guess."""

    address_components: list[Component] = []
    geometry: Geometry = msgspec.field(default_factory=Geometry)
    partial_match: bool = False

    def named(self, *types: str) -> Component:
        """The first part of one of these types; an empty one if there is none."""
        for kind in types:
            for component in self.address_components:
                if kind in component.types:
                    return component
        return Component()


class Answer(msgspec.Struct, frozen=True):
    status: str
    results: list[Found] = []


_decode: Final = msgspec.json.Decoder(Answer).decode
_UNVERIFIABLE: Final = AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)
# A house, or a point between two houses; the others are the middle of a street or a town.
_PRECISE: Final = frozenset({"ROOFTOP", "RANGE_INTERPOLATED"})


def parameters(address: Address) -> dict[str, str]:
    """Without the recipient. The postcode is no filter: a wrong one would find nothing at all."""
    city = " ".join(part for part in (address.postcode, address.city) if part)
    parts = (address.line1, address.line2, city, address.region)
    return {
        "address": ", ".join(part for part in parts if part),
        "components": f"country:{address.country}",
    }


def finding(body: bytes, typed: Address) -> AddressFinding:
    """Raises Rejected or Unavailable as the answer's status says, and msgspec.MsgspecError or
    UnicodeDecodeError for an answer that can't be read.
    """
    answer = _decode(body)
    if answer.status == NOT_FOUND:
        return _UNVERIFIABLE
    if answer.status != FOUND:
        raise error_of_status(answer.status)
    precise = [found for found in answer.results if found.geometry.location_type in _PRECISE]
    # Several houses of one description: nobody knows which was meant.
    if len(precise) != 1 or precise[0].partial_match:
        return _UNVERIFIABLE
    (found,) = precise
    if found.named("country").short_name != typed.country:
        return _UNVERIFIABLE
    return suggested(
        typed,
        lines=[line for line in (typed.line1, typed.line2) if line],  # how a line is put together differs
        city=found.named("postal_town", "locality").long_name,
        region=found.named("administrative_area_level_1").short_name,
        postcode=found.named("postal_code").long_name,
    )
