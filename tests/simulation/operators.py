"""People who look after orders, and the banks behind the shoppers: they refund, cancel, count, dispute, send
money back, and do so at moments that suit nobody.
"""

import asyncio
from contextlib import suppress
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from adapters.in_memory.held_payments import HeldPayment
from application.report_shortage import ShortageReport
from application.request_refund import RefundRequest
from application.resolve_case import Decision
from domain.dispute import DisputeState
from domain.errors import DomainRefusal
from domain.identifiers import AttemptId, ReceiptId, RefundId, ShortageId
from domain.money import Money
from domain.order import ClosingReason
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.period import Period
from domain.refund import RefundedLine, RefundState
from domain.resolving import possible_actions
from tests.simulation.client import Client, GoneAway
from tests.simulation.goods import LAST, TEA
from tests.simulation.virtual_time import START
from tests.simulation.wiring import Application

if TYPE_CHECKING:
    from tests.simulation.world import World

_ACTS: Final = 5
# Of those that are pending, at each look: most take longer than we wait for a webhook.
_REFUNDS_THAT_END: Final = 0.04


class Operator(Client):
    """Works through the list of orders, now and then."""

    def __init__(self, name: str, world: "World", random: Random, works_for_seconds: float) -> None:
        super().__init__(name, world, random)
        self._pause_seconds = works_for_seconds / _ACTS

    async def works(self) -> None:
        acts = (
            self.refunds,
            self.refunds,
            self.refunds,
            self.refunds_twice_at_once,
            self.cancels_an_order,
            self.reports_shortage,
            self.counts_stock,
            self.decides_cases,
        )
        for _ in range(_ACTS):
            await self.wait(0, 2 * self._pause_seconds)
            facts = self._some_order()
            if facts is not None:
                with suppress(DomainRefusal, GoneAway):
                    await self.random.choice(acts)(facts)

    async def refunds(self, facts: OrderFacts) -> None:
        """All, an amount, some pieces, or the delivery. A repeat names the same refund."""
        request = self._refund_of(facts)
        await self.ask("refund", lambda app: app.request_refund(request))

    async def refunds_twice_at_once(self, facts: OrderFacts) -> None:
        """Two people, or one with two clicks."""
        first = self._refund_of(facts)
        second = first if self.random.random() < 0.5 else self._refund_of(facts)
        for answer in await asyncio.gather(
            self.ask("refund", lambda app: app.request_refund(first)),
            self.ask("refund", lambda app: app.request_refund(second)),
            return_exceptions=True,
        ):
            if isinstance(answer, BaseException) and not isinstance(answer, DomainRefusal | GoneAway):
                raise answer

    async def cancels_an_order(self, facts: OrderFacts) -> None:
        await self.cancels(facts.order.id, ClosingReason.MERCHANT)

    async def reports_shortage(self, facts: OrderFacts) -> None:
        """A piece can't be shipped."""
        report = ShortageReport(
            order_id=facts.order.id,
            shortage_id=ShortageId(self.world.clock.new_id("sho")),
            lines=self._piece_of(facts),
            write_off=self.random.random() < 0.5,
        )
        await self.ask("report shortage", lambda app: app.report_shortage(report))

    async def counts_stock(self, facts: OrderFacts) -> None:
        """Pieces arrive, or are not there after all. Every receipt has an id, so a repeat counts once."""
        sku, quantity = self.random.choice(((LAST, 1), (TEA, 5), (LAST, -1)))
        receipt_id = ReceiptId(self.world.clock.new_id("rcp"))
        await self.ask("receive stock", lambda app: app.receive_stock(sku, quantity, receipt_id))

    async def decides_cases(self, facts: OrderFacts) -> None:
        """All that are open about an order, each in one of the ways that make sense."""
        for case in facts.cases:
            if actions := possible_actions(facts, case):
                decision = Decision(
                    case_id=case.id, action=self.random.choice(actions), by=self.name, why="seen to"
                )
                await self.ask(f"decide {case.reason.value}", partial(_decides, decision))

    async def replays_what_is_parked(self) -> None:
        """Once the cause is mended, webhooks and messages that were given up are tried again."""
        for table in (self.world.storage.inbox, self.world.storage.outbox):
            for work_id in [key for key, work in table.items() if work.parked_because is not None]:
                with suppress(DomainRefusal, GoneAway):
                    await self.ask(f"replay {work_id}", partial(_replays, work_id, self.name))

    async def reconciles(self) -> None:
        """What the night's job does, over all that has been until now."""
        period = Period(since=START, until=self.world.clock.now())
        await self.ask("reconcile", lambda app: app.reconcile(period))

    def _some_order(self) -> OrderFacts | None:
        orders = list(self.world.storage.orders.values())
        return self.random.choice(orders).facts if orders else None

    def _refund_of(self, facts: OrderFacts) -> RefundRequest:
        refund_id = RefundId(self.world.clock.new_id("ref"))
        total = facts.order.total
        how = self.random.random()
        if how < 0.4:
            return RefundRequest(order_id=facts.order.id, refund_id=refund_id)
        if how < 0.6:
            amount = Money(minor=self.random.randint(1, total.minor), currency=total.currency)
            return RefundRequest(order_id=facts.order.id, refund_id=refund_id, amount=amount)
        if how < 0.9:
            piece = self._piece_of(facts)
            restock = piece if self.random.random() < 0.5 else ()
            return RefundRequest(order_id=facts.order.id, refund_id=refund_id, lines=piece, restock=restock)
        return RefundRequest(order_id=facts.order.id, refund_id=refund_id, delivery=True)

    def _piece_of(self, facts: OrderFacts) -> tuple[RefundedLine, ...]:
        return (RefundedLine(line_id=self.random.choice(facts.order.lines).id, quantity=1),)


async def _decides(decision: Decision, application: Application) -> object:
    return await application.resolve_case(decision)


async def _replays(work_id: str, by: str, application: Application) -> None:
    await application.replay_parked_work(work_id, by, "mended")


class Banks:
    """What the shoppers' banks do, and nobody asked them to."""

    def __init__(self, world: "World", random: Random, works_for_seconds: float) -> None:
        self._world = world
        self._random = random
        self._pause_seconds = works_for_seconds / _ACTS

    async def work(self) -> None:
        for _ in range(_ACTS):
            await self._world.sleep(self._random.uniform(0, 2 * self._pause_seconds))
            payments = self._world.provider.everything()
            if payments:
                acts = (self._dispute, self._end_refund, self._act_in_dashboard)
                await self._random.choice(acts)(self._random.choice(payments))

    def settle_payments(self, *, at_the_latest: bool) -> None:
        """Nothing stays pending for ever: payments arrive or bounce, refunds end, `at_the_latest` all of
        them.
        """
        provider = self._world.provider
        for payment in provider.everything():
            reference = payment.snapshot.reference
            if payment.snapshot.state is PaymentState.PROCESSING:
                self._random.choice((provider.settle, provider.bounce))(reference)
            if payment.is_promised:
                answers = (provider.complete_authentication, provider.fail_authentication)
                self._random.choice(answers)(reference)
            for refund_id, refund in payment.own_refunds.items():
                ends = at_the_latest or self._random.random() < _REFUNDS_THAT_END
                if refund.state is RefundState.PENDING and ends:
                    provider.end_refund(reference, refund_id, RefundState.SUCCEEDED)

    async def _act_in_dashboard(self, payment: HeldPayment) -> None:
        """Somebody at the provider voids or captures a payment, past us."""
        self._world.history("dashboard", "acts on", payment.snapshot.reference)
        reference, key = payment.snapshot.reference, AttemptId(self._world.clock.new_id("dash"))
        if payment.snapshot.state is PaymentState.AUTHORIZED and self._random.random() < 0.5:
            await self._world.provider.capture(reference, payment.snapshot.amount, key)
        else:
            await self._world.provider.void(reference, key)

    async def _dispute(self, payment: HeldPayment) -> None:
        """A bank asks, takes the money, and decides in the end."""
        left = payment.snapshot.received.minor - payment.refunded_minor
        if payment.snapshot.state is not PaymentState.CAPTURED or payment.dispute is not None or not left:
            return
        asks_first = self._random.random() < 0.3
        course = (DisputeState.INQUIRY, DisputeState.OPEN) if asks_first else (DisputeState.OPEN,)
        verdict = self._random.choice((DisputeState.WON, DisputeState.LOST))
        self._world.begin(self._take_course(payment.snapshot.reference, (*course, verdict)))

    async def _take_course(self, reference: str, course: tuple[DisputeState, ...]) -> None:
        for state in course:
            if state is not DisputeState.OPEN or self._can_take(reference):
                self._world.provider.dispute(reference, state)
            await self._world.sleep(self._random.uniform(10, 1_500))

    def _can_take(self, reference: str) -> bool:
        """A bank that only asked before takes nothing that was refunded since."""
        payment = next(p for p in self._world.provider.everything() if p.snapshot.reference == reference)
        return not payment.refunded_minor or payment.dispute is None

    async def _end_refund(self, payment: HeldPayment) -> None:
        """A pending refund arrives; one that seemed to have arrived comes back."""
        for refund_id, refund in payment.own_refunds.items():
            if refund.state is RefundState.PENDING or self._random.random() < 0.3:
                failed = self._random.random() < 0.4
                state = RefundState.FAILED if failed else RefundState.SUCCEEDED
                self._world.provider.end_refund(payment.snapshot.reference, refund_id, state)
