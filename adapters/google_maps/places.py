"""Addresses by Google: asked of Address Validation, and of Geocoding where that doesn't cover the country."""

from collections.abc import Callable
from typing import Any, Final

import httpx
import msgspec

from adapters.google_maps import geocoding_wire, wire
from adapters.google_maps.errors import NOT_COVERED, OK, UNREADABLE, error_of_http
from adapters.google_maps.settings import GoogleMapsSettings
from domain.address import Address
from domain.address_check import AddressFinding
from ports.errors import Unavailable

_VALIDATE: Final[dict[str, Any]] = {"operation": "addresses.validate", "writes": False}
_GEOCODE: Final[dict[str, Any]] = {"operation": "addresses.geocode", "writes": False}


class GooglePlaces:
    """Implements `ports.places.Places`. `http` comes with the policy of calls to Google, and raises the
    ports' errors.

    Geocoding takes its key, and the address, in the URL: so no URL may get into a log or an exception.
    """

    def __init__(self, http: httpx.AsyncClient, settings: GoogleMapsSettings) -> None:
        self._http = http
        self._settings = settings

    async def check(self, address: Address) -> AddressFinding | None:
        answer = await self._http.post(
            f"{self._settings.validation_url}/v1:validateAddress",
            content=wire.question(address),
            headers={"Content-Type": "application/json", "X-Goog-Api-Key": self._settings.api_key},
            extensions=_VALIDATE,
        )
        if answer.status_code == NOT_COVERED:
            return await self._geocoded(address)
        return _read(answer, wire.finding, address)

    async def _geocoded(self, address: Address) -> AddressFinding:
        answer = await self._http.get(
            f"{self._settings.geocoding_url}/maps/api/geocode/json",
            params={**geocoding_wire.parameters(address), "key": self._settings.api_key},
            extensions=_GEOCODE,
        )
        return _read(answer, geocoding_wire.finding, address)


def _read(
    answer: httpx.Response, finding: Callable[[bytes, Address], AddressFinding], address: Address
) -> AddressFinding:
    if answer.status_code != OK:
        raise error_of_http(answer.status_code)
    try:
        return finding(answer.content, address)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # Its text would repeat a part of the answer.
        raise Unavailable(UNREADABLE) from None
