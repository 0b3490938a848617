"""Places behind their flag: where nobody is asked, addresses are taken as typed."""

from domain.address import Address
from domain.address_check import AddressFinding
from ports.flags import FeatureFlags, Flag
from ports.places import Places


class FlaggedPlaces:
    """Implements `ports.places.Places`; `vendor` is None where none is set up."""

    def __init__(self, flags: FeatureFlags, vendor: Places | None) -> None:
        self._flags = flags
        self._vendor = vendor

    async def check(self, address: Address) -> AddressFinding | None:
        if self._vendor is None or not self._flags.read(Flag.PLACES).is_on:
            return None
        return await self._vendor.check(address)
