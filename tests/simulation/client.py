"""Somebody who asks our processes for something, and asks again when no clear answer comes: as a browser or a
merchant's server does.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar

from application.cancel_order import Cancellation
from domain.errors import DomainRefusal
from domain.identifiers import OrderId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from ports.errors import PortError
from tests.simulation.process import ConnectionLost
from tests.simulation.wiring import Application

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
# A patient client. Someone who gets no clear answer in all this time goes away.
_WAITS_SECONDS: Final = (0.5, 2.0, 5.0, 20.0, 60.0, 240.0)


class GoneAway(Exception):
    """No clear answer came for so long that nobody waits for it any more."""


class Client:
    """`told` is what clear answers said of the order: promises that have to stay true."""

    def __init__(self, name: str, world: "World", random: Random) -> None:
        self.name = name
        self.world = world
        self.random = random
        self.told: list[tuple[str, OrderState]] = []

    async def ask(self, what: str, story: Callable[[Application], Coroutine[Any, Any, T]]) -> T:
        """The answer. Raises the refusal that came instead, and GoneAway when nothing clear did."""
        for wait_seconds in (*_WAITS_SECONDS, None):
            api = await self.world.api()
            self.world.history(self.name, f"{what},", "asks", api.name)
            try:
                answer = await api.serve(f"{what} for {self.name}", story)
            except DomainRefusal as refusal:
                self.world.history(self.name, f"{what}:", refusal)
                raise
            except (ConnectionLost, PortError) as unclear:
                self.world.history(self.name, f"{what}, no clear answer:", unclear)
                if wait_seconds is None:
                    break
                await self.world.sleep(wait_seconds * self.random.uniform(0.5, 1.5))
            else:
                self._remember(what, answer)
                return answer
        raise GoneAway

    async def cancels(self, order_id: OrderId, reason: ClosingReason) -> None:
        """Calls an order off, if that can still be."""
        cancellation = Cancellation(order_id=order_id, reason=reason)
        with suppress(DomainRefusal, GoneAway):
            await self.ask("cancel", lambda app: app.cancel_order(cancellation))

    async def wait(self, at_least: float, at_most: float) -> None:
        await self.world.sleep(self.random.uniform(at_least, at_most))

    def _remember(self, what: str, answer: object) -> None:
        if isinstance(answer, OrderFacts):
            order = answer.order
            self.told.append((order.id, order.state))
            self.world.history(self.name, f"{what}:", order.id, order.state)
        else:
            self.world.history(self.name, f"{what}:", "done")
