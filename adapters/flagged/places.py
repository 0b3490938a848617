"""Places behind their flag: where nobody is asked, addresses are taken as typed."""

from adapters.flagged.vendor_switch import VendorSwitch
from domain.address import Address
from domain.address_check import AddressFinding
from ports.flags import FeatureFlags, Flag
from ports.places import Places


class FlaggedPlaces:
    """Implements `ports.places.Places`; `vendor` is None where none is set up."""

    def __init__(self, flags: FeatureFlags, vendor: Places | None) -> None:
        self._vendor = vendor
        self._switch = VendorSwitch(flags, Flag.PLACES, is_set_up=vendor is not None)

    async def check(self, address: Address) -> AddressFinding | None:
        if not self._switch.is_on() or self._vendor is None:
            return None
        return await self._vendor.check(address)
