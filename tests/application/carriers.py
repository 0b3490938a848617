"""Several carriers together, with the built-in flat rates behind them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.flags import InMemoryFlags
from application.ask_carriers import AskCarriers, Carrier
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.flags import FeatureFlags, Flag

HELD_FOR: Final = timedelta(minutes=30)
# Nobody has to wait for a carrier that never answers.
_SOON_SECONDS: Final = 0.02


def asking(
    carriers: Mapping[Flag, DeliveryRates],
    *,
    flags: FeatureFlags | None = None,
    clock: Clock | None = None,
    deadline_seconds: float = _SOON_SECONDS,
) -> AskCarriers:
    """Quotes hold for half an hour. A carrier's name is its flag's key."""
    return AskCarriers(
        carriers=[Carrier(name=flag.key, flag=flag, rates=rates) for flag, rates in carriers.items()],
        flat_rates=FlatDeliveryRates(),
        flags=flags or InMemoryFlags(),
        clock=clock or ManualClock(),
        held_for=HELD_FOR,
        deadline_seconds=deadline_seconds,
    )
