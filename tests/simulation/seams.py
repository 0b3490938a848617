"""Between the application and everything outside it: each port call of a process passes here, where it takes
time, where it can go wrong, and where the process can die.

What stands behind is the real fake; what stands before it is the real application.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from inspect import iscoroutinefunction
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from domain.money import Money
from domain.payment import PaymentSnapshot, PaymentState
from domain.tax import TaxAnswer
from domain.values import replace
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from tests.simulation.faults import Fault, Place

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World

Call = Callable[[], Awaitable[Any]]
# What these ports have beside their writes are reads.
_WRITES: Final = {
    "payments": frozenset({"create", "confirm", "capture", "void", "refund"}),
    "inventory": frozenset({"reserve", "confirm", "release"}),
}
_AWAY_AT_MOST_SECONDS: Final = 3.0
_EFFECT_LATE_BY_SECONDS: Final = (21.0, 60.0)
_FOREVER_SECONDS: Final = 3_600.0
# Swapped out, or the whole machine was moved: then it goes on where it was, and somebody else did so before.
_PAUSED_SECONDS: Final = (20.0, 90.0)
# What takes so little that only some of it lets others run.
_STATEMENTS_THAT_WAIT: Final = 0.15
_COMMITS_THAT_WAIT: Final = 0.4
_ANSWERS_THAT_TAKE_TIME: Final = 0.5
_STATEMENT_SECONDS: Final = 0.004
_STATEMENTS_OF: Final = {
    name: f"storage.{name}"
    for name in ("checkouts", "orders", "catalog", "stock", "inbox", "outbox", "customers", "subscriptions")
}
_LONG_SECONDS: Final = 18.0
_SLOW_ON_THE_WAY_BACK: Final = 0.6


# What leaves nobody's house.
_AT_HOME: Final = frozenset({"behind"})
_is_call: Final = cache(iscoroutinefunction)


class Port:
    """Stands where a vendor's port is expected, and hands each of its calls to a seam."""

    def __init__(self, real: object, seam: "VendorSeam") -> None:
        self._real = real
        self._seam = seam

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._real, operation)
        if operation in _AT_HOME or not _is_call(getattr(method, "__func__", method)):
            return method
        seam = self._seam

        async def call(*args: Any, **named: Any) -> Any:
            return await seam(operation, lambda: method(*args, **named), args)

        self.__dict__[operation] = call
        return call


class VendorSeam:
    """A call over the network, to somebody who can be away, slow, silent or wrong."""

    def __init__(self, name: str, process: "Process", world: "World") -> None:
        self._name = name
        self._process = process
        self._world = world

    async def __call__(self, operation: str, call: Call, args: tuple[Any, ...]) -> Any:
        self._process.require_alive()
        name, world = f"{self._name}.{operation}", self._world
        if name == "inventory.available":
            return await call()  # it is for show, and says nothing rather than fail
        place = self._place(operation)
        key = str(args[-1]) if place is Place.VENDOR_WRITE else None
        if key is not None:
            call = self._remembering(call, key)
            world.watch.vendor_is_asked(operation, args, key)
        fault = world.faults.at(place, name)
        if fault is Fault.CRASH_BEFORE:
            raise self._process.dies(f"at {name}")
        await world.wait(0.02, 0.3)
        self._process.require_alive()
        if world.faults.is_down(self._name, world.seconds):
            raise Unavailable("down")
        world.require_fresh(key)
        if fault is not None:
            world.history(self._process.name, f"{name}:", fault, key or "")
            return await self._failing(fault, operation, call, key)
        answer = await call()
        world.history(self._process.name, name, _told(answer))
        if world.random.random() < _ANSWERS_THAT_TAKE_TIME:
            await world.wait(0.01, 0.1)
            self._process.require_alive()
        return answer

    def _remembering(self, call: Call, key: str) -> Call:
        """Done is done, whoever hears of it."""

        async def remembering() -> Any:
            answer = await call()
            self._world.done.add(key)
            return answer

        return remembering

    def _place(self, operation: str) -> Place:
        if self._name in _WRITES:
            return Place.VENDOR_WRITE if operation in _WRITES[self._name] else Place.VENDOR_READ
        return Place.MAIL if self._name == "email" else Place.QUOTE

    async def _failing(self, fault: Fault, operation: str, call: Call, key: str | None) -> Any:
        name, world = f"{self._name}.{operation}", self._world
        match fault:
            case Fault.CRASH_AFTER:
                await call()
                raise self._process.dies(f"at {name}")
            case Fault.REFUSED:
                raise Unavailable("refused", retry_after_seconds=world.random.choice((None, 30, 100)))
            case Fault.SAID_NO if key in world.done:
                return await call()
            case Fault.SAID_NO:
                # A no to a capture or a void may become a yes; any other is the provider's last word.
                if operation in ("create", "refund", "reserve") or name == "payments.confirm":
                    world.answered[key] = Rejected("said_no")
                raise Rejected("said_no")
            case Fault.ANSWER_LOST:
                await call()
                raise OutcomeUnknown("answer_lost")
            case Fault.NEVER_ARRIVED:
                raise OutcomeUnknown("never_arrived")
            case Fault.ERROR_KEPT if self._name == "inventory" or not world.provider.can_be_asked:
                # One effect a key, and no errors are kept.
                raise OutcomeUnknown("error")
            case Fault.ERROR_KEPT:
                if world.random.random() < 0.5:
                    await call()
                world.answered[key] = OutcomeUnknown("error_kept", key_is_spent=True)
                raise world.answered[key]
            case Fault.BEYOND_DEADLINE:
                world.later(world.random.uniform(*_EFFECT_LATE_BY_SECONDS), call, f"{name}, late", key)
                await world.sleep(_FOREVER_SECONDS)
            case Fault.SLOW:
                return await self._slowly(call)
            case Fault.INVALID_DATA:
                return _spoilt(await call())
        raise AssertionError(f"{fault} is none of a vendor's")

    async def _slowly(self, call: Call) -> Any:
        """On the way there, or on the way back: then the answer is old when it comes."""
        answers_first = self._world.random.random() < _SLOW_ON_THE_WAY_BACK
        answer = await call() if answers_first else None
        await self._world.wait(1.0, _LONG_SECONDS)
        self._process.require_alive()
        return answer if answers_first else await call()


def _told(answer: object) -> object:
    match answer:
        case PaymentSnapshot(reference=reference, state=state):
            return f"{reference} {state.value}"
        case Mapping() | tuple() | list():
            return len(answer)
    return getattr(answer, "state", "")


def _spoilt(answer: Any) -> Any:
    """What an adapter makes of nonsense: a status that nobody knows is pending; a tax is as it came."""
    match answer:
        case PaymentSnapshot() if answer.state not in (PaymentState.CAPTURED, PaymentState.VOIDED):
            return replace(answer, state=PaymentState.PROCESSING, next_action=None)
        case TaxAnswer(delivery=delivery):
            return replace(answer, delivery=delivery + Money(minor=1, currency=delivery.currency))
    return answer


class Repository:
    """A repository of one unit of work: each of its statements takes a moment, or finds the storage away."""

    def __init__(self, name: str, real: object, process: "Process", world: "World") -> None:
        self._name = name
        self._real = real
        self._process = process
        self._world = world

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._real, operation)

        def statement(*args: Any, **named: Any) -> Any:
            """To be awaited. Most take no time, and cost nothing but the question."""
            seconds = before_statement(self._process, self._world, self._name)
            if seconds is None:
                return method(*args, **named)
            return self._after(seconds, lambda: method(*args, **named))

        return statement

    async def _after(self, seconds: float, call: Call) -> Any:
        await self._world.sleep(seconds)
        after_waiting(self._process, self._world)
        return await call()


def before_statement(process: "Process", world: "World", name: str) -> float | None:
    """How long it has to wait, if at all. Raises Unavailable, or the end of the process."""
    process.require_alive()
    fault = world.faults.at(Place.STATEMENT, name)
    if fault is not None:
        if fault is Fault.CRASH_BEFORE:
            raise process.dies(f"at {name}")
        world.storage_is_away_for(world.random.uniform(0, _AWAY_AT_MOST_SECONDS), process.name)
    world.require_storage()
    waits = world.random.random() < _STATEMENTS_THAT_WAIT
    return world.random.uniform(0, _STATEMENT_SECONDS) if waits else None


def after_waiting(process: "Process", world: "World") -> None:
    """Raises Unavailable, or the end of the process, if that came meanwhile."""
    process.require_alive()
    world.require_storage()


class UnitOfWorkSeam:
    """Implements `ports.unit_of_work.UnitOfWork`: the in-memory one, for a process that can die in it."""

    def __init__(self, process: "Process", world: "World") -> None:
        self._process = process
        self._world = world
        self._real = InMemoryUnitOfWork(world.storage)

    def __getattr__(self, repository: str) -> Any:
        """Each repository once, when it is asked for."""
        made = Repository(
            _STATEMENTS_OF[repository], getattr(self._real, repository), self._process, self._world
        )
        self.__dict__[repository] = made
        return made

    async def __aenter__(self) -> Self:
        if (seconds := before_statement(self._process, self._world, "storage.connect")) is not None:
            await self._world.sleep(seconds)
            after_waiting(self._process, self._world)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A connection that broke off is rolled back by the server, whoever died."""
        await self._real.__aexit__(kind, error, trace)

    async def commit(self) -> None:
        process, world = self._process, self._world
        process.require_alive()
        fault = world.faults.at(Place.COMMIT, "storage.commit")
        if fault is not None:
            world.history(process.name, "commit:", fault)
        match fault:
            case Fault.CRASH_BEFORE:
                raise process.dies("before a commit")
            case Fault.STORAGE_AWAY:
                world.storage_is_away_for(world.random.uniform(0, _AWAY_AT_MOST_SECONDS), process.name)
            case Fault.NEVER_ARRIVED:
                raise OutcomeUnknown("connection_lost")
        if world.random.random() < _COMMITS_THAT_WAIT:
            await world.wait(0.001, 0.005)
        after_waiting(process, world)
        await self._real.commit()
        if fault is Fault.CRASH_AFTER:
            raise process.dies("after a commit")
        if fault is Fault.ANSWER_LOST:
            raise OutcomeUnknown("connection_lost")
        if fault is Fault.PAUSED:
            await world.wait(*_PAUSED_SECONDS)
            process.require_alive()


class NudgesSeam:
    """Implements `ports.nudges.Nudges`: hints to a worker that may get lost."""

    def __init__(self, process: "Process", world: "World") -> None:
        self._process = process
        self._world = world

    async def order_is_due(self, order_id: str) -> None:
        await self._nudge("advance_order", order_id)

    async def webhook_arrived(self, webhook_id: str) -> None:
        await self._nudge("handle_webhook", webhook_id)

    async def _nudge(self, story: str, subject_id: str) -> None:
        self._process.require_alive()
        fault = self._world.faults.at(Place.NUDGE, f"nudges.{story}")
        if fault is Fault.CRASH_BEFORE:
            raise self._process.dies("before a nudge")
        if fault is Fault.NUDGE_LOST:
            return
        self._world.nudge(story, subject_id)
        if fault is Fault.CRASH_AFTER:
            raise self._process.dies("after a nudge")
