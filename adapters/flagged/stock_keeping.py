"""Who keeps the goods of new orders, behind its flag: the inventory service where it is set up, or ourselves.

Orders that were placed before stay where they are.
"""

from adapters.flagged.vendor_switch import VendorSwitch
from domain.shop import StockKeeper
from ports.flags import FeatureFlags, Flag


class FlaggedStockKeeping:
    """Says it for the moment in which it is called."""

    def __init__(self, flags: FeatureFlags, *, is_set_up: bool) -> None:
        self._switch = VendorSwitch(flags, Flag.INVENTORY_SERVICE, is_set_up=is_set_up)

    def __call__(self) -> StockKeeper:
        return StockKeeper.SERVICE if self._switch.is_on() else StockKeeper.BUILT_IN
