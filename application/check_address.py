"""Story: an address is checked while its shopper is still there to correct it; whoever can't be asked keeps
nobody from ordering.
"""

from domain.address import Address
from domain.address_check import AddressCheck, AddressFinding, AddressVerdict
from domain.checkout import Checkout
from domain.values import replace
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.places import Places


class CheckAddress:
    """Asks at most once for each address that a checkout gets. Hold no transaction."""

    def __init__(self, places: Places, clock: Clock) -> None:
        self._places = places
        self._clock = clock

    async def __call__(self, address: Address) -> AddressCheck | None:
        """None where addresses aren't checked; UNVERIFIED when nobody could be asked.

        What names no place isn't asked for.
        """
        if not address.names_a_place:
            finding: AddressFinding | None = AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)
        else:
            finding = await self._found(address)
        return None if finding is None else AddressCheck(finding=finding, checked_at=self._clock.now())

    async def of(self, checkout: Checkout, address_before: Address | None = None) -> Checkout:
        """The checkout with what is known of its delivery address. A check that still holds is kept, and an
        address that isn't complete yet has none.
        """
        address, known = checkout.shipping_address, checkout.address_check
        if address is not None and known is not None and known.holds_for(address, address_before):
            return checkout
        check = await self(address) if address is not None and address.names_a_place else None
        return checkout if check is known else replace(checkout, address_check=check)

    async def _found(self, address: Address) -> AddressFinding | None:
        try:
            return await self._places.check(address)
        except (Rejected, Unavailable, OutcomeUnknown):
            return AddressFinding(verdict=AddressVerdict.UNVERIFIED)
