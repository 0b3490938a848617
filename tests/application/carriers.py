"""Several carriers together, with the built-in flat rates behind them; and a carrier that doesn't answer."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.flags import InMemoryFlags
from application.ask_carriers import AskCarriers, Carrier
from domain.delivery import DeliveryOffers, DeliveryQuestion
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.errors import PortError
from ports.flags import FeatureFlags, Flag

HELD_FOR: Final = timedelta(minutes=30)
# Nobody has to wait for a carrier that never answers.
_SOON_SECONDS: Final = 0.02


class Says:
    """A carrier that answers as it is told: with an error, or never."""

    def __init__(self, error: PortError | None = None) -> None:
        self._error = error
        self.began = asyncio.Event()
        self.was_cancelled = False

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        self.began.set()
        if self._error is not None:
            raise self._error
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        raise AssertionError("nobody wakes it")


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
