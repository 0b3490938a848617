"""Story: every carrier is asked at the same moment, and what they say in time becomes one list of offers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.delivery import DeliveryOffers, DeliveryOption, DeliveryQuestion, by_price
from domain.values import replace
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.errors import PortError, Rejected, Unavailable
from ports.flags import FeatureFlags, Flag, FlagSubject

# Everything that one carrier's answer takes, a new token and a second try with it included.
CARRIER_DEADLINE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """`name` is what a shopper knows it by; it is asked while its flag is on."""

    name: str
    flag: Flag
    rates: DeliveryRates


class AskCarriers:
    """Implements `ports.delivery_rates.DeliveryRates` over several carriers.

    Whoever isn't back in time is cancelled and named as silent. Where nobody has an offer, the shop's own
    flat rates stand in, marked as estimated; where flags leave nobody to ask, they are the rates. Each price
    is promised for as long as quotes are held.
    """

    def __init__(
        self,
        *,
        carriers: Sequence[Carrier],
        flat_rates: DeliveryRates,
        flags: FeatureFlags,
        clock: Clock,
        held_for: timedelta,
        deadline_seconds: float = CARRIER_DEADLINE_SECONDS,
    ) -> None:
        self._carriers = carriers
        self._flat_rates = flat_rates
        self._flags = flags
        self._clock = clock
        self._held_for = held_for
        self._deadline_seconds = deadline_seconds

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        """Raises Unavailable when no carrier answered and the flat rates know nothing either."""
        subject = FlagSubject(currency=question.subtotal.currency.code)
        asked = [carrier for carrier in self._carriers if self._flags.read(carrier.flag, subject).is_on]
        if not asked:
            return await self._flat_rates.offers(question)
        async with asyncio.TaskGroup() as at_once:
            tasks = [at_once.create_task(self._ask(carrier.rates, question)) for carrier in asked]
        answers = [task.result() for task in tasks]
        silent = tuple(carrier.name for carrier, answer in zip(asked, answers, strict=True) if answer is None)
        options = [option for answer in answers for option in answer or ()]
        if not options:
            options = await self._own_offers(question)
        if not options and silent:
            raise Unavailable("carriers_silent")
        return DeliveryOffers(
            options=by_price(self._held(option, silent) for option in options), silent=silent
        )

    async def _ask(
        self, carrier: DeliveryRates, question: DeliveryQuestion
    ) -> tuple[DeliveryOption, ...] | None:
        """None for a carrier that is silent; nothing offered by one that refuses the question."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return (await carrier.offers(question)).options
        except Rejected:
            return ()
        except (PortError, TimeoutError):
            return None

    async def _own_offers(self, question: DeliveryQuestion) -> list[DeliveryOption]:
        offers = await self._flat_rates.offers(question)
        return [replace(option, estimated=True) for option in offers.options]

    def _held(self, option: DeliveryOption, silent: tuple[str, ...]) -> DeliveryOption:
        until = self._clock.now() + self._held_for
        return replace(option, quoted_until=min(option.quoted_until or until, until), silent=silent)
