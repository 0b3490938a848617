"""What the USPS adapter needs to know."""

from dataclasses import dataclass, field

from domain.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class UspsSettings:
    """`price_type` is RETAIL, or COMMERCIAL for whoever prints labels with an account of their own."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    ships_from: Address
    price_type: str = "RETAIL"
