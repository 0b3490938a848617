"""What the simulated carriers have in common: tokens that they gave out, a tariff by weight and distance."""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrypoints.sandbox.clock import AdjustableClock

CARRIERS: Final = ("fedex", "ups", "usps")
CLIENT_ID: Final = "sandbox_client"
CLIENT_SECRET: Final = "sandbox_secret"  # noqa: S105 - opens nothing but the sandbox
# What reading a request of another shape runs into; each carrier answers it with a 400.
NOT_UNDERSTOOD: Final = (
    msgspec.MsgspecError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
)
_ABROAD: Final = 12
_FARTHEST: Final = 8


@dataclass(slots=True, kw_only=True)
class Carrier:
    """One carrier's books. `percent` raises or lowers all its prices; `absurd` makes answers that are valid
    JSON and make no sense.
    """

    vendor: str
    clock: AdjustableClock
    percent: int = 100
    absurd: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    _tokens: dict[str, datetime] = field(default_factory=dict)

    def issue(self, lifetime: timedelta) -> str:
        token = f"{self.vendor}-{self.clock.new_secret()}"
        self._tokens[token] = self.clock.now() + lifetime
        return token

    def knows(self, authorization: str) -> bool:
        kind, _, token = authorization.partition(" ")
        until = self._tokens.get(token)
        return kind == "Bearer" and until is not None and self.clock.now() < until

    def revoke(self) -> None:
        """Every token that is out."""
        self._tokens.clear()

    def price(self, base_cents: int, units: int, zone: int) -> Decimal:
        """In whole units of money, with two decimals: so much for the parcel and for each unit of weight,
        more the farther it goes.
        """
        cents = base_cents + units * (20 + 12 * zone)
        return Decimal(cents * self.percent // 100).scaleb(-2)


def zone(origin: Mapping[str, Any], destination: Mapping[str, Any]) -> int:
    """1 is near, 8 the other end of the country, 12 abroad; told from country and postcode."""
    if origin.get("country") != destination.get("country"):
        return _ABROAD
    here, there = (_place(str(each.get("postcode", ""))) for each in (origin, destination))
    return 1 + abs(here - there) * (_FARTHEST - 1) // 1_000


def _place(postcode: str) -> int:
    """A postcode's first three characters as a number below 1,000."""
    number = 0
    for character in postcode[:3].ljust(3, "0"):
        number = number * 10 + (int(character, 36) % 10 if character.isalnum() and character.isascii() else 0)
    return number


def basic_credentials(authorization: str) -> tuple[str, str]:
    """Name and password of an `Authorization: Basic` header; empty if it is none."""
    kind, _, encoded = authorization.partition(" ")
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (name, password) if kind == "Basic" else ("", "")


def are_known(client_id: object, client_secret: object) -> bool:
    return client_id == CLIENT_ID and client_secret == CLIENT_SECRET
