"""A process of ours: the real application on ports that can fail it. When it dies, everything in its hands
dies at that point; a new one with the same name starts a little later and knows nothing.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from application.advance_order import AdvanceOrder
from application.buy_now import BuyNow
from application.cancel_order import CancelOrder
from application.change_checkout import ChangeCheckout
from application.confirm_payment import ConfirmPayment
from application.explain_order import ReadOrder
from application.keep_catalog import ReceiveStock
from application.open_checkout import OpenCheckout
from application.own_steps import OwnSteps
from application.place_order import PlaceOrder
from application.quote_cart import QuoteCart
from application.read_checkout import CancelCheckout, QuoteDelivery, ReadCheckout
from application.receive_webhook import HandleWebhook, ReceiveWebhook
from application.report_shortage import ReportShortage
from application.request_refund import RequestRefund
from application.return_from_bank import ReturnFromBank
from application.send_message import SendMessage
from application.sweep import Sweep
from application.vendor_calls import VendorCalls
from domain.errors import DomainRefusal, TotalsDoNotAddUp
from domain.identifiers import OrderId, ReturnId
from ports.delivery_rates import DeliveryRates
from ports.email import EmailSender
from ports.errors import PortError
from ports.nudges import Nudges
from ports.payments import PaymentGateway
from ports.taxes import TaxCalculator
from ports.unit_of_work import UnitOfWork
from tests.simulation.seams import NudgesSeam, Port, UnitOfWorkSeam, VendorSeam

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
SWEEP_EVERY_SECONDS = 1.0


class ProcessDied(BaseException):
    """No `except Exception` of the program may get in its way: the process is not there any more."""


class ConnectionLost(Exception):
    """What a client sees of a server that died before it answered."""


def own_address(order_id: OrderId, return_id: ReturnId) -> str:
    """Where banks send shoppers back to."""
    return f"https://shop.example/returns/{order_id}.{return_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The use-cases that somebody outside asks for."""

    open_checkout: OpenCheckout
    change_checkout: ChangeCheckout
    cancel_checkout: CancelCheckout
    quote_delivery: QuoteDelivery
    place_order: PlaceOrder
    buy_now: BuyNow
    confirm_payment: ConfirmPayment
    read_order: ReadOrder
    return_from_bank: ReturnFromBank
    cancel_order: CancelOrder
    request_refund: RequestRefund
    report_shortage: ReportShortage
    receive_stock: ReceiveStock
    receive_webhook: ReceiveWebhook
    advance_order: AdvanceOrder
    handle_webhook: HandleWebhook
    send_message: SendMessage
    sweep: Sweep


class Process:
    """Begins alive. `name` is that of a place; who dies is replaced in it."""

    def __init__(self, name: str, world: "World") -> None:
        self.name = name
        self.is_alive = True
        # Whether it sleeps until work comes.
        self.is_idle = False
        self._world = world
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._work_came = asyncio.Event()
        self.application = _wired(self, world)

    def require_alive(self) -> None:
        """Whatever a task of a dead process still tries has no effect."""
        if not self.is_alive:
            raise ProcessDied

    def dies(self, how: str) -> ProcessDied:
        """Ends it, everything it has in hand with it; to be raised where it happened."""
        if self.is_alive:
            self.is_alive = False
            self._world.history(self.name, "DIES", how)
            for task in self._tasks:
                if task is not asyncio.current_task():
                    task.cancel()
            self._world.replace(self)
        return ProcessDied()

    def begin(self, what: str, story: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Lets a story run in this process. A defect of ours that ends it is noted."""
        task = asyncio.get_running_loop().create_task(story)
        self._tasks[task] = None

        def ended(task: asyncio.Task[T]) -> None:
            self._tasks.pop(task, None)
            if not task.cancelled() and (error := task.exception()) is not None:
                self._world.watch.story_failed(f"{what} in {self.name}", error)

        task.add_done_callback(ended)
        return task

    async def serve(self, what: str, story: Callable[[Application], Coroutine[Any, Any, T]]) -> T:
        """A request from outside. Raises ConnectionLost if the process dies over it, and what the story
        raises.
        """
        task = self.begin(what, story(self.application))
        await asyncio.wait((task,))
        if task.cancelled() or isinstance(task.exception(), ProcessDied):
            raise ConnectionLost
        return task.result()

    def do(self, story: str, subject_id: str) -> None:
        """What a nudge asks a worker for."""
        stories: dict[str, Callable[[str], Coroutine[Any, Any, object]]] = {
            "advance_order": cast(
                Callable[[str], Coroutine[Any, Any, object]], self.application.advance_order
            ),
            "handle_webhook": self.application.handle_webhook,
            "send_message": self.application.send_message,
        }
        self.begin(f"{story} of {subject_id}", stories[story](subject_id))

    def work_came(self) -> None:
        self._work_came.set()

    async def keep_sweeping(self) -> None:
        """A worker's rhythm. Rounds that would find nothing are left out: the world says when there is
        something.
        """
        while self.is_alive:
            self._work_came.clear()
            if not await self._swept():
                self.is_idle = True
                await self._work_came.wait()
                self.is_idle = False
            await asyncio.sleep(SWEEP_EVERY_SECONDS * self._world.random.random())

    async def _swept(self) -> bool:
        """Whether another round has to follow anyhow."""
        try:
            swept = await self.application.sweep()
        except PortError:
            return True
        for failure in swept.failures:
            self._world.watch.story_failed(f"sweep in {self.name}", failure)
        return swept.may_be_more or bool(swept.failures)


def is_defect(error: BaseException) -> bool:
    """Refusals, and vendors and storage that fail, are expected; a tax that doesn't add up was ours to
    make up.
    """
    if isinstance(error, TotalsDoNotAddUp):
        return not error.what.startswith("tax")
    return not isinstance(error, DomainRefusal | PortError | ProcessDied)


def _wired(process: Process, world: "World") -> Application:
    """As `entrypoints.container` does it, with this process's seam before each port."""
    clock, rules = world.clock, world.rules
    nudges: Nudges = NudgesSeam(process, world)
    payments = cast(PaymentGateway, Port(world.provider, VendorSeam("payments", process, world)))
    mail = cast(EmailSender, Port(world.mailbox, VendorSeam("email", process, world)))
    rates = cast(DeliveryRates, Port(world.rates, VendorSeam("delivery", process, world)))
    taxes = cast(TaxCalculator, Port(world.taxes, VendorSeam("taxes", process, world)))

    def unit_of_work() -> AbstractAsyncContextManager[UnitOfWork]:
        return UnitOfWorkSeam(process, world)

    own_steps = OwnSteps(payments.provider, clock, rules)
    calls = VendorCalls(payments, clock, own_address)
    advance = AdvanceOrder(unit_of_work, own_steps, calls, clock, nudges)
    quote = QuoteCart(rates, taxes, clock, rules)
    open_checkout = OpenCheckout(unit_of_work, quote, clock, rules)
    place = PlaceOrder(
        unit_of_work=unit_of_work, quote=quote, advance=advance, own_steps=own_steps, clock=clock, rules=rules
    )
    handle = HandleWebhook(unit_of_work, payments, advance, clock)
    send = SendMessage(unit_of_work, mail, clock)
    return Application(
        open_checkout=open_checkout,
        change_checkout=ChangeCheckout(unit_of_work, quote, clock),
        cancel_checkout=CancelCheckout(unit_of_work, clock),
        quote_delivery=QuoteDelivery(ReadCheckout(unit_of_work), rates),
        place_order=place,
        buy_now=BuyNow(open_checkout, place, rules),
        confirm_payment=ConfirmPayment(advance, clock, rules),
        read_order=ReadOrder(unit_of_work),
        return_from_bank=ReturnFromBank(unit_of_work, payments, advance, clock),
        cancel_order=CancelOrder(advance, clock),
        request_refund=RequestRefund(advance, clock),
        report_shortage=ReportShortage(advance, clock),
        receive_stock=ReceiveStock(unit_of_work, clock),
        receive_webhook=ReceiveWebhook(unit_of_work, world.webhooks, clock, nudges),
        advance_order=advance,
        handle_webhook=handle,
        send_message=send,
        sweep=Sweep(unit_of_work, advance, handle, send, clock),
    )
