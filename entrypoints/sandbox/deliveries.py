"""Webhooks on their way: repeated until taken, and made late, double, shuffled or lost on request."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import httpx

from ports.clock import Clock

_LOG_LENGTH: Final = 20_000
_TIMEOUT_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.005


class DeliveryState(StrEnum):
    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`sign` gives the headers at the moment of sending, so that a late try carries a fresh timestamp."""

    vendor: str
    event_id: str
    event_type: str
    url: str
    body: bytes
    sign: Callable[[], Mapping[str, str]]


@dataclass(slots=True, kw_only=True)
class Delivery:
    message: Message
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    last_result: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mischief:
    """What happens to messages from now on. `hold` keeps them back until they are released."""

    delay_ms: int = 0
    shuffle_ms: int = 0
    copies: int = 1
    drop: bool = False
    hold: bool = False


@dataclass(slots=True, kw_only=True)
class Deliveries:
    clock: Clock
    retry_after_ms: tuple[int, ...]
    transport: httpx.AsyncBaseTransport | None = None
    mischief: Mischief = field(default_factory=Mischief)
    log: deque[Delivery] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    _under_way: dict[int, Delivery] = field(default_factory=dict)
    _held: deque[Delivery] = field(default_factory=deque)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - dice, no secret
    _client: httpx.AsyncClient | None = None

    def submit(self, message: Message) -> None:
        """Starts a delivery in the background; must be called from within the event loop."""
        for _ in range(self.mischief.copies):
            delivery = Delivery(message=message)
            self.log.append(delivery)
            if self.mischief.drop:
                delivery.state = DeliveryState.DROPPED
            elif self.mischief.hold:
                delivery.state = DeliveryState.HELD
                self._held.append(delivery)
            else:
                self._start(delivery)

    def release(self, *, reverse: bool = False) -> int:
        """Sends what was held back, one after the other, and ends the holding; says how many there were."""
        waiting = list(reversed(self._held) if reverse else self._held)
        self._held.clear()
        self.mischief = Mischief()
        for delivery in waiting:
            delivery.state = DeliveryState.PENDING
            self._under_way[id(delivery)] = delivery
        self._run(self._in_order(waiting))
        return len(waiting)

    @property
    def pending(self) -> int:
        return len(self._under_way)

    async def quiet(self, timeout_seconds: float) -> bool:
        """Waits until nothing is under way; False when time is up. Held messages don't count."""
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        while self.pending:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    def forget(self) -> None:
        """Drops everything under way and the log with it."""
        for task in self._tasks:
            task.cancel()
        self.log.clear()
        self._held.clear()
        self._under_way.clear()
        self.mischief = Mischief()

    async def close(self) -> None:
        self.forget()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _start(self, delivery: Delivery) -> None:
        self._under_way[id(delivery)] = delivery
        late = self.mischief.delay_ms + self._dice.randint(0, self.mischief.shuffle_ms)
        self._run(self._deliver(delivery, late / 1000))

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_order(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            await self._deliver(delivery, 0.0)

    async def _deliver(self, delivery: Delivery, late: float) -> None:
        if late:
            await self.clock.sleep(late)
        for pause in (*self.retry_after_ms, None):
            delivery.attempts += 1
            delivery.last_result = await self._try(delivery.message)
            if delivery.last_result.startswith("2"):
                self._end(delivery, DeliveryState.DELIVERED)
                return
            if pause is not None:
                await self.clock.sleep(pause / 1000)
        self._end(delivery, DeliveryState.GIVEN_UP)

    def _end(self, delivery: Delivery, state: DeliveryState) -> None:
        delivery.state = state
        self._under_way.pop(id(delivery), None)

    async def _try(self, message: Message) -> str:
        """The status, or the name of what went wrong."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self.transport, timeout=_TIMEOUT_SECONDS, trust_env=False
            )
        try:
            answer = await self._client.post(message.url, content=message.body, headers=dict(message.sign()))
        except (httpx.HTTPError, AttributeError) as error:
            # AttributeError: what anyio makes of a connection that is reset in the moment it is made.
            return type(error).__name__
        return str(answer.status_code)
