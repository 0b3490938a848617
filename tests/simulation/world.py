"""What survives a crash: storage, provider, mailbox, time, and the network between them and our processes."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from random import Random
from typing import Any, Final

from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.inventory import InMemoryInventory
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.payment_webhooks import InMemoryPaymentWebhooks
from adapters.in_memory.places import InMemoryPlaces
from adapters.in_memory.taxes import InMemoryTaxCalculator
from domain.address import Address
from domain.identifiers import Sku
from domain.shop import ShopRules, StockKeeper
from ports.errors import PortError, Unavailable
from tests.simulation.client import Client
from tests.simulation.deliveries import Deliveries
from tests.simulation.faults import Faults
from tests.simulation.history import History
from tests.simulation.late_provider import late_provider
from tests.simulation.process import Process
from tests.simulation.virtual_time import SimulatedClock, VirtualLoop, seconds_until
from tests.simulation.watch import Watch
from tests.simulation.watched_storage import WatchedStorage

# Where everybody lives.
HOME: Final = Address(country="DE", name="A. Shopper", line1="Hauptstr. 1", city="Berlin", postcode="10115")
_APIS: Final = ("api-1", "api-2")
_WORKERS: Final = ("worker-1", "worker-2")
_STARTS_WITHIN_SECONDS: Final = (0.5, 8.0)
_LOOKS_FOR_API_SECONDS: Final = 0.5
_WORLDS_RECONCILED: Final = 0.3
_ONE_WORKER_FINDS_IT: Final = 0.7


class World:
    """One run's world. Everything that is decided by chance is drawn from its seed. `tells_later`: its
    provider takes captures, voids and refunds on, and can't be asked what became of them.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        seed: int,
        faults: Faults,
        rules: ShopRules,
        stock_keeper: StockKeeper,
        *,
        tells_later: bool = False,
    ) -> None:
        self._loop = loop
        self.random = Random(seed)
        self.faults = faults
        self.rules = rules
        self.history = History(loop)
        self.clock = SimulatedClock(loop, seed)
        self.watch = Watch(self)
        self.storage = WatchedStorage(self.watch.order_written, self._work_is_due_at)
        self.deliveries = Deliveries(self)
        self.provider = self._provider(tells_later=tells_later)
        self.webhooks = self.webhooks_signed_with("the provider's secret")
        self.mailbox = InMemoryEmailSender()
        # Who keeps the goods; the service is there in any case.
        self._stock_keeper = stock_keeper
        self.inventory = InMemoryInventory(self.clock)
        self.rates = InMemoryDeliveryRates()
        self.taxes = InMemoryTaxCalculator()
        self.places = InMemoryPlaces(known=(HOME,))
        # Keys under which something was done: a repeat is answered as then.
        self.done: set[str | None] = set()
        # What a vendor says to a key for ever: an error of its own, or a no.
        self.answered: dict[str | None, PortError] = {}
        # Whether the night's reconciliation runs: it also finds what others should have found.
        self.is_reconciled = self.random.random() < _WORLDS_RECONCILED
        # Whoever asks our processes for something, and what they were told.
        self.clients: list[Client] = []
        # Pieces that lay there at first.
        self.first_pieces: dict[Sku, int] = {}
        self._storage_is_back_at = 0.0
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._processes: dict[str, Process] = {}

    def _provider(self, *, tells_later: bool) -> InMemoryPaymentGateway:
        if tells_later:
            return late_provider(self)
        return InMemoryPaymentGateway(self.clock, tell=self.deliveries.provider_tells)

    @property
    def seconds(self) -> float:
        """Since the world began."""
        return self._loop.seconds

    def webhooks_signed_with(self, secret: str) -> InMemoryPaymentWebhooks:
        return InMemoryPaymentWebhooks(self.provider.provider, secret)

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Of the world's time."""
        return self._loop.sleep(seconds)

    def end_of(self, task: asyncio.Task[Any]) -> Awaitable[None]:
        """However it ends; who stops waiting for it doesn't stop it."""
        ended: asyncio.Future[None] = asyncio.Future(loop=self._loop)
        task.add_done_callback(lambda _: None if ended.done() else ended.set_result(None))
        return ended

    def wait(self, at_least: float, at_most: float) -> Awaitable[None]:
        """Some seconds in between."""
        return self._loop.sleep(self.random.uniform(at_least, at_most))

    def begin(self, story: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Lets something happen that no process of ours does, and whose failure is a defect of the
        simulation.
        """
        task = self._loop.create_task(story)
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        return task

    def require_fresh(self, key: str | None) -> None:
        """Raises what the provider has answered to this key before, if that is its answer for ever."""
        if key in self.answered:
            raise self.answered[key]

    def later(self, seconds: float, call: Callable[[], Awaitable[Any]], what: str, key: str | None) -> None:
        """A request that arrives when nobody waits for its answer any more."""

        async def arrives() -> None:
            await self.sleep(seconds)
            self.history("network", what)
            try:
                self.require_fresh(key)
                await call()
            except PortError as error:
                self.history("network", what, error)

        self.begin(arrives())

    def keeps_stock(self) -> StockKeeper:
        return self._stock_keeper

    # our processes

    def start(self) -> None:
        for name in (*_APIS, *_WORKERS):
            self._start(name)

    def replace(self, dead: Process) -> None:
        """Somebody restarts it, a little later."""
        del self._processes[dead.name]
        self._loop.call_later(self.random.uniform(*_STARTS_WITHIN_SECONDS), self._start, dead.name)

    async def api(self) -> Process:
        """One of those that take requests now; while there is none, clients wait."""
        while True:
            if alive := self._alive(_APIS):
                return self.random.choice(alive)
            await self.sleep(_LOOKS_FOR_API_SECONDS)

    def nudge(self, story: str, subject_id: str) -> None:
        """A worker hears of it soon, unless there is none just now."""
        self._loop.call_later(self.random.uniform(0.001, 0.05), self._nudged, story, subject_id)

    # the storage's being there

    def require_storage(self) -> None:
        """Raises Unavailable while it is away."""
        if self._loop.seconds < self._storage_is_back_at:
            raise Unavailable("storage_away")

    def storage_is_away_for(self, seconds: float, noticed_by: str) -> None:
        self.history("storage", f"is away for {seconds:.1f} s, noticed by", noticed_by)
        self._storage_is_back_at = self.seconds + seconds

    @property
    def is_quiet(self) -> bool:
        """Nobody is at anything, and nothing is due any more."""
        return not self._tasks and next(self.storage.due(), None) is None

    async def close(self) -> None:
        """Ends whatever is still under way, so that nothing outlives its loop."""
        for process in self._processes.values():
            process.is_alive = False
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, name: str) -> None:
        process = self._processes[name] = Process(name, self)
        if name in _WORKERS:
            process.begin("sweeper", process.keep_sweeping())

    def _alive(self, names: tuple[str, ...]) -> list[Process]:
        return [self._processes[name] for name in names if name in self._processes]

    def _nudged(self, story: str, subject_id: str) -> None:
        if workers := self._alive(_WORKERS):
            self.random.choice(workers).do(story, subject_id)

    def has_due_work(self) -> bool:
        """Whether a sweep would find anything."""
        now = self.clock.now()
        return any(moment <= now for moment in self.storage.due())

    def _work_is_due_at(self, moment: datetime, is_due: Callable[[], bool]) -> None:
        self._loop.call_later(seconds_until(moment, self._loop), self._work_came, is_due)

    def _work_came(self, is_due: Callable[[], bool]) -> None:
        """Any worker finds it that sweeps; often one of them, sometimes both."""
        if is_due() and (workers := self._alive(_WORKERS)):
            idle = [worker for worker in workers if worker.is_idle] or workers
            if self.random.random() < _ONE_WORKER_FINDS_IT:
                idle = [self.random.choice(idle)]
            for worker in idle:
                worker.work_came()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.watch.story_failed("the simulation itself", error)
