"""What is known of places: whether an address is one, and which was probably meant."""

from typing import Protocol

from domain.address import Address
from domain.address_check import AddressFinding


class Places(Protocol):
    async def check(self, address: Address) -> AddressFinding | None:
        """What can be said of this address, which is told except for its recipient; None where addresses
        aren't checked.

        A suggestion keeps the country and the recipient as typed, and can be sent as an address. Changes
        nothing. Raises Rejected for a question that can't be answered, and Unavailable when nobody can say.
        """
