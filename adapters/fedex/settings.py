"""What the FedEx adapter needs to know."""

from dataclasses import dataclass, field

from domain.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class FedExSettings:
    """`account_number` is the account that is billed; its rates are asked for."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    account_number: str = field(repr=False)
    ships_from: Address
