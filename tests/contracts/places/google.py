"""Google's adapter with marked data in what it asks, on a vendor that says what a test wants."""

import json
from typing import Any, Final

from adapters.google_maps.places import GooglePlaces
from adapters.google_maps.settings import GoogleMapsSettings
from adapters.resilience.policies import GOOGLE_MAPS
from domain.address import Address
from domain.address_check import AddressFinding
from tests.contracts.scripted_vendor import Received, Reply, Step, scripted
from tests.contracts.vendor_calls import Told, client_under

KEY: Final = "AIza-marked-secret"
TYPED: Final = Address(
    country="DE",
    name="Ada Marked",
    line1="Markedplatz 8",
    line2="Marked floor",
    city="Markedstadt",
    postcode="80331",
    phone="+49 marked",
)


def settings(base_url: str) -> GoogleMapsSettings:
    return GoogleMapsSettings(api_key=KEY, validation_url=base_url, geocoding_url=base_url)


async def checked(
    *steps: Step, address: Address = TYPED, told: Told | None = None
) -> tuple[AddressFinding | None, list[Received]]:
    """What is found, and what Google was asked. Raises what the adapter raises."""
    async with scripted(*steps) as vendor, client_under(GOOGLE_MAPS, told=told) as http:
        found = await GooglePlaces(http, settings(vendor.url)).check(address)
    return found, vendor.received


def reply(body: Any, status: int = 200) -> Reply:
    return Reply(status=status, body=json.dumps(body).encode())


NOT_COVERED: Final = reply(
    {"error": {"code": 400, "message": "Unsupported region code: marked", "status": "INVALID_ARGUMENT"}}, 400
)


def validation(
    *components: dict[str, Any], verdict: dict[str, Any] | None = None, **address: Any
) -> dict[str, Any]:
    """What Address Validation says of an address that it knows, unless changed."""
    postal = {
        "regionCode": "DE",
        "languageCode": "de",
        "postalCode": "80331",
        "locality": "München",
        "addressLines": ["Marienplatz 8"],
    }
    return {
        "result": {
            "verdict": {
                "inputGranularity": "PREMISE",
                "validationGranularity": "PREMISE",
                "geocodeGranularity": "PREMISE",
                "addressComplete": True,
                **(verdict or {}),
            },
            "address": {
                "formattedAddress": "Marienplatz 8, 80331 München, Deutschland",
                "postalAddress": {**postal, **address.pop("postalAddress", {})},
                "addressComponents": [component("route", "Marienplatz"), *components],
                **address,
            },
            "geocode": {"location": {"latitude": 48.1, "longitude": 11.5}, "placeId": "x"},
            "metadata": {},
        },
        "responseId": "de22bed8-7f52-44cb-8526-faceac57150a",
    }


def component(kind: str, text: str, **flags: bool) -> dict[str, Any]:
    named = {"componentName": {"text": text}, "componentType": kind, "confirmationLevel": "CONFIRMED"}
    return {**named, **flags}


def geocoding(
    *, city: str = "Kuwait City", postcode: str = "13001", country: str = "KW", **found: Any
) -> dict[str, Any]:
    parts = [
        (city, city, "locality"),
        (country, country, "country"),
        (postcode, postcode, "postal_code"),
    ]
    result = {
        "address_components": [
            {"long_name": long, "short_name": short, "types": [kind, "political"]}
            for long, short, kind in parts
        ],
        "formatted_address": "marked",
        "geometry": {
            "location": {"lat": 29.3, "lng": 47.9},
            "location_type": "ROOFTOP",
            "viewport": {"northeast": {"lat": 1, "lng": 1}, "southwest": {"lat": 1, "lng": 1}},
        },
        "place_id": "x",
        "types": ["street_address"],
        **found,
    }
    return {"status": "OK", "results": [result]}
