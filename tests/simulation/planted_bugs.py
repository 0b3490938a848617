"""Bugs as somebody might write them, each put in place of a piece of the program while a `with` lasts.

Every one of them passes a friendly test: it takes a crash, a lost answer, or two people at once, to show.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from adapters.in_memory.inbox import InMemoryInbox
from adapters.in_memory.orders import InMemoryOrders
from adapters.in_memory.outbox import InMemoryOutbox
from adapters.in_memory.storage import WorkRecord
from adapters.in_memory.transaction import Transaction
from application import advance_order
from application.advance_order import AdvanceOrder, Plan
from application.payment_providers import PaymentProviders
from application.request_refund import RefundRequest, RequestRefund
from application.vendor_calls import Fact, VendorCalls
from domain import decision
from domain.attempt import Attempt, Operation
from domain.events import OutgoingMessage
from domain.identifiers import OrderId
from domain.news import News
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentSnapshot, PaymentState
from domain.reservation import ReservationState
from domain.steps import (
    Capture,
    Close,
    ConfirmStock,
    ReleaseStock,
    Settled,
    Step,
    VendorStep,
    WaitUntil,
)
from domain.steps import (
    RequestRefund as ReturnMoney,
)
from domain.values import replace
from ports.unit_of_work import Waiting

Decide = Callable[[OrderFacts, datetime], Step]


@contextmanager
def _deciding(change: Callable[[OrderFacts, datetime, Decide], Step]) -> Iterator[None]:
    """`change` decides instead, and may ask the real rules."""
    real: Decide = decision.decide
    with mock.patch.object(advance_order, "decide", lambda facts, now: change(facts, now, real)):
        yield


@contextmanager
def a_clock_in_the_key() -> Iterator[None]:
    """A key that is made when the call is made: a repeat is another request to the vendor."""
    real = VendorCalls.__init__

    class KeyedByClock:
        def __init__(self, gateway: Any, clock: Any) -> None:
            self._gateway, self._clock = gateway, clock

        def __getattr__(self, operation: str) -> Any:
            method = getattr(self._gateway, operation)
            if operation not in ("create", "confirm", "capture", "void", "refund"):
                return method
            return lambda *args: method(*args[:-1], f"{args[-1]}-{self._clock.now().timestamp()}")

    def wired(calls: VendorCalls, payments: Any, clock: Any, *rest: Any, **named: Any) -> None:
        keyed = PaymentProviders([KeyedByClock(each, clock) for each in payments.all()])
        real(calls, keyed, clock, *rest, **named)

    with mock.patch.object(VendorCalls, "__init__", wired):
        yield


@contextmanager
def no_version_check() -> Iterator[None]:
    """Whoever saves last is right."""
    real = InMemoryOrders.save

    async def save(
        orders: InMemoryOrders, before: OrderFacts, after: OrderFacts, due_at: datetime | None
    ) -> None:
        await orders._transaction.turn_to_write()
        stored = orders._transaction.orders.require(after.order.id).facts.order.version
        await real(orders, replace(before, order=replace(before.order, version=stored)), after, due_at)

    with mock.patch.object(InMemoryOrders, "save", save):
        yield


@contextmanager
def release_on_decline() -> Iterator[None]:
    """The goods go back to the shelf with the first card that is declined, though the shopper may try on."""

    def change(facts: OrderFacts, now: datetime, real: Decide) -> Step:
        live, hold = facts.live_payment, facts.reservation
        declined = live is not None and live.decline is not None and live.offered is None and live.is_open
        if declined and facts.order.state is OrderState.OPEN and now < facts.order.pay_until:
            if hold is not None and hold.state is ReservationState.HELD:
                return ReleaseStock()
            return WaitUntil(at=min(now + timedelta(minutes=5), facts.order.pay_until), reason="declined")
        return real(facts, now)

    with _deciding(change):
        yield


@contextmanager
def refund_checked_outside_the_lock() -> Iterator[None]:
    """What can be given back is looked up first, and written down afterwards."""
    real = RequestRefund.__call__

    async def asked(use_case: RequestRefund, request: RefundRequest) -> OrderFacts:
        async with use_case._advance._unit_of_work() as uow:
            before = await uow.orders.get(request.order_id)
        after = use_case._asked(before, request) if before is not None else None
        if before is None or after is None or after.refunds == before.refunds:
            return await real(use_case, request)
        (refund,) = after.refunds[len(before.refunds) :]
        return await use_case._advance.record(request.order_id, lambda facts: facts.refund_requested(refund))

    with mock.patch.object(RequestRefund, "__call__", asked):
        yield


@contextmanager
def unknown_is_failure() -> Iterator[None]:
    """An answer that didn't come is taken for a no."""
    real, rejected = VendorCalls._in_doubt, VendorCalls._rejected

    def in_doubt(calls: VendorCalls, attempt: Attempt, detail: str) -> Fact:
        if attempt.operation in (Operation.CAPTURE, Operation.VOID):
            return real(calls, attempt, detail)
        return rejected(calls, attempt, detail)

    with mock.patch.object(VendorCalls, "_in_doubt", in_doubt):
        yield


@contextmanager
def webhooks_are_not_deduplicated() -> Iterator[None]:
    """Each delivery is a new webhook."""

    async def add(inbox: InMemoryInbox, webhook_id: str, notice: Any, body: bytes, now: datetime) -> bool:
        await inbox._transaction.turn_to_write()
        inbox._transaction.inbox.put(webhook_id, WorkRecord(content=notice, due_at=now))
        return True

    with mock.patch.object(InMemoryInbox, "add", add):
        yield


@contextmanager
def capture_before_stock_confirmation() -> Iterator[None]:
    """Money first, goods later."""

    def change(facts: OrderFacts, now: datetime, real: Decide) -> Step:
        step, live = real(facts, now), facts.live_payment
        if isinstance(step, ConfirmStock) and live is not None and live.state is PaymentState.AUTHORIZED:
            return Capture(payment=live)
        return step

    with _deciding(change):
        yield


@contextmanager
def expiry_without_stopping_the_payment() -> Iterator[None]:
    """The window is over, so the order is: what the provider has of it is forgotten."""

    def change(facts: OrderFacts, now: datetime, real: Decide) -> Step:
        live, order, hold = facts.live_payment, facts.order, facts.reservation
        if live is not None and live.is_open and live.state is not PaymentState.PROCESSING:
            if order.state is OrderState.OPEN and now >= order.pay_until and not facts.attempts:
                return Close(reason=ClosingReason.NOT_PAID_IN_TIME)
            if order.state is OrderState.EXPIRED:
                return ReleaseStock() if hold is not None and hold.holds_goods else Settled()
        return real(facts, now)

    with _deciding(change):
        yield


@contextmanager
def attempt_not_persisted_before_the_call() -> Iterator[None]:
    """The vendor is called first; what was tried is written down with the answer."""
    real = AdvanceOrder._call_for

    def call_for(advance: AdvanceOrder, step: VendorStep, facts: OrderFacts) -> Plan:
        return replace(real(advance, step, facts), facts=facts)

    with mock.patch.object(AdvanceOrder, "_call_for", call_for):
        yield


@contextmanager
def confirmation_recorded_outside_the_commit() -> Iterator[None]:
    """The order is completed in one commit, its confirmation asked for in the next."""
    real = AdvanceOrder._write_once
    promised: dict[OrderId, tuple[OutgoingMessage, ...]] = {}

    async def write_once(
        advance: AdvanceOrder, order_id: OrderId, fact: Fact, known: OrderFacts | None
    ) -> Plan:
        plan = await real(advance, order_id, fact, known)
        for message in promised.pop(order_id, ()):
            async with advance._unit_of_work() as uow:
                transaction: Transaction = uow._real._transaction  # type: ignore[attr-defined]
                await transaction.turn_to_write()
                transaction.outbox.put(message.id, WorkRecord(content=message, due_at=advance._clock.now()))
                await uow.commit()
        return plan

    def send(orders: InMemoryOrders, news: News, facts: OrderFacts) -> None:
        promised[facts.order.id] = news.messages

    with (
        mock.patch.object(AdvanceOrder, "_write_once", write_once),
        mock.patch.object(InMemoryOrders, "_send", send),
    ):
        yield


@contextmanager
def a_message_is_done_when_it_is_taken() -> Iterator[None]:
    """Who takes a message sends it, surely."""
    real = InMemoryOutbox.take_due

    async def take_due(
        outbox: InMemoryOutbox, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Waiting]:
        taken = await real(outbox, now, lease_until, limit)
        await outbox.done([message.id for message in taken], now)
        return taken

    with mock.patch.object(InMemoryOutbox, "take_due", take_due):
        yield


@contextmanager
def nudges_are_relied_on() -> Iterator[None]:
    """The sweeper looks for no webhooks: a nudge brings each."""

    async def due(inbox: InMemoryInbox, now: datetime, limit: int) -> tuple[str, ...]:
        return ()

    with mock.patch.object(InMemoryInbox, "due", due):
        yield


@contextmanager
def money_for_a_cancelled_order_is_kept() -> Iterator[None]:
    """What arrives late is ours."""

    def change(facts: OrderFacts, now: datetime, real: Decide) -> Step:
        step = real(facts, now)
        return Settled() if isinstance(step, ReturnMoney) else step

    with _deciding(change):
        yield


@contextmanager
def a_creation_that_was_not_found_is_forgotten() -> Iterator[None]:
    """Looked for once, not there, so it never will be."""

    def nothing(facts: OrderFacts, now: datetime) -> None:
        return None

    with mock.patch.object(decision, "_stray_creation", nothing):
        yield


@contextmanager
def the_last_word_about_a_payment_is_believed() -> Iterator[None]:
    """An answer that was overtaken by a later one takes the payment back."""

    def observed(payment: Payment, snapshot: PaymentSnapshot, now: datetime) -> Payment:
        return replace(
            payment,
            state=snapshot.state,
            reference=snapshot.reference,
            captured=snapshot.received,
            client_secret=snapshot.client_secret,
            next_action=snapshot.next_action,
            decline=snapshot.decline,
            seen_at=now,
        )

    with mock.patch.object(Payment, "observed", observed):
        yield


@contextmanager
def a_capture_that_failed_is_not_believed() -> Iterator[None]:
    """What was captured is captured: a lower sum is an old answer."""
    with mock.patch.object(Payment, "_without", lambda payment, failed: payment):
        yield


@contextmanager
def a_hold_besides_is_overlooked() -> Iterator[None]:
    """A payment that has ended is over; nobody looks at what else its shopper authorized."""
    with mock.patch.object(Payment, "has_stray_hold", False):
        yield
