"""Settings of the carriers: who is asked for rates, and what each of them wants to know of us."""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from domain.address import Address
from entrypoints.environment import Reader


class DeliverySource(Enum):
    """BUILT_IN: the shop's own flat rates. CARRIERS: those that are set up, and flat rates in their place."""

    BUILT_IN = "built_in"
    CARRIERS = "carriers"


class UspsPrices(Enum):
    """RETAIL: as at the post office's counter. COMMERCIAL: for labels of an account of one's own."""

    RETAIL = "retail"
    COMMERCIAL = "commercial"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccess:
    """`account_number` is None where the carrier has none."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    base_url: str
    account_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """A carrier that isn't set up is None, and never asked."""

    source: DeliverySource
    fedex: CarrierAccess | None
    ups: CarrierAccess | None
    usps: CarrierAccess | None
    usps_prices: UspsPrices


def delivery_from(reader: Reader, ships_from: Address | None) -> DeliverySettings:
    """Carriers need to know where parcels start: the country, and the postcode."""
    settings = DeliverySettings(
        source=reader.choice("FASTCART_DELIVERY", DeliverySource, DeliverySource.BUILT_IN),
        fedex=_carrier(reader, "FEDEX", "https://apis.fedex.com", _FEDEX_ACCOUNT),
        ups=_carrier(reader, "UPS", "https://onlinetools.ups.com", _UPS_ACCOUNT),
        usps=_carrier(reader, "USPS", "https://apis.usps.com", None),
        usps_prices=reader.choice("USPS_PRICES", UspsPrices, UspsPrices.RETAIL),
    )
    if settings.source is DeliverySource.CARRIERS:
        if settings.fedex is settings.ups is settings.usps is None:
            reader.problems.append("FASTCART_DELIVERY=carriers needs FEDEX_, UPS_ or USPS_CLIENT_ID")
        if ships_from is None or not ships_from.postcode:
            reader.problems.append(
                "FASTCART_DELIVERY=carriers needs FASTCART_SHIPS_FROM_COUNTRY and _POSTCODE"
            )
    return settings


def _carrier(
    reader: Reader, name: str, its_own_url: str, account: tuple[re.Pattern[str], str] | None
) -> CarrierAccess | None:
    """None where nothing of it is set. An address alone sets nothing up: it may be there for a test."""
    base_url = reader.url(f"{name}_BASE_URL") or its_own_url
    client_id, secret = (reader.optional(f"{name}_{part}") for part in ("CLIENT_ID", "CLIENT_SECRET"))
    account_number = reader.matching(f"{name}_ACCOUNT_NUMBER", *account) if account else None
    told = {"CLIENT_ID": client_id, "CLIENT_SECRET": secret}
    told |= {"ACCOUNT_NUMBER": account_number} if account else {}
    if not any(told.values()):
        return None
    reader.problems += [
        f"{name}_{part} is not set, but other settings of this carrier are"
        for part, value in told.items()
        if value is None
    ]
    return CarrierAccess(
        client_id=client_id or "",
        client_secret=secret or "",
        base_url=base_url,
        account_number=account_number,
    )


_FEDEX_ACCOUNT: Final = (re.compile(r"[0-9]{1,9}"), "up to nine digits")
_UPS_ACCOUNT: Final = (re.compile(r"[0-9A-Z]{6}"), "six letters and digits")
