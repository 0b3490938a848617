"""Who keeps the goods of new orders, behind its flag: the inventory service where it is set up, or ourselves.

Orders that were placed before stay where they are.
"""

from domain.shop import StockKeeper
from ports.flags import FeatureFlags, Flag


class FlaggedStockKeeping:
    """Says it for the moment in which it is called."""

    def __init__(self, flags: FeatureFlags, *, is_set_up: bool) -> None:
        self._flags = flags
        self._is_set_up = is_set_up

    def __call__(self) -> StockKeeper:
        is_asked = self._is_set_up and self._flags.read(Flag.INVENTORY_SERVICE).is_on
        return StockKeeper.SERVICE if is_asked else StockKeeper.BUILT_IN
