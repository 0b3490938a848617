"""Geocoding: finds a street in a text, and says where it had to guess.

https://developers.google.com/maps/documentation/geocoding/requests-geocoding
"""

import msgspec

from entrypoints.sandbox.google_maps.gazetteer import STREETS, Line, Street, folded


class Component(msgspec.Struct):
    long_name: str
    short_name: str
    types: list[str]


class Point(msgspec.Struct):
    lat: float
    lng: float


class Box(msgspec.Struct):
    northeast: Point
    southwest: Point


class Geometry(msgspec.Struct):
    location: Point
    location_type: str
    viewport: Box


class Found(msgspec.Struct, omit_defaults=True):
    address_components: list[Component]
    formatted_address: str
    geometry: Geometry
    place_id: str
    types: list[str]
    partial_match: bool = False


class Answer(msgspec.Struct, omit_defaults=True):
    status: str
    results: list[Found]
    error_message: str = ""


_NOWHERE = Point(0.0, 0.0)


def geocoded(address: str, components: str) -> Answer:
    """`components` filters by country: `country:JP`."""
    if not address:
        return Answer(
            status="INVALID_REQUEST", results=[], error_message="Invalid request. Missing 'address'."
        )
    filters = dict(part.partition(":")[::2] for part in components.split("|") if part)
    country = filters.get("country", "")
    found = [
        _found(street, address)
        for street in STREETS
        if country in ("", street.country) and folded(street.name) in folded(address)
    ]
    return Answer(status="OK" if found else "ZERO_RESULTS", results=found)


def _found(street: Street, address: str) -> Found:
    number = Line.read(address.partition(",")[0]).number
    partial = not number or not (
        folded(street.city) in folded(address) or folded(street.postcode) in folded(address)
    )
    parts = [
        ("street_number", number, number),
        ("route", street.name, street.name),
        ("locality political", street.city, street.city),
        ("administrative_area_level_1 political", street.region, street.region),
        ("country political", street.country, street.country),
        ("postal_code", street.postcode, street.postcode),
    ]
    return Found(
        address_components=[Component(long, short, kinds.split()) for kinds, long, short in parts if long],
        formatted_address=f"{street.with_number(number).strip()}, {street.postcode} {street.city}",
        geometry=Geometry(_NOWHERE, "ROOFTOP" if number else "GEOMETRIC_CENTER", Box(_NOWHERE, _NOWHERE)),
        place_id=f"place_{folded(street.name)}",
        types=["street_address"] if number else ["route"],
        partial_match=partial,
    )
