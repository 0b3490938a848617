"""Story: an order goes on. Whoever learns something new about an order records it here, and the order
advances.

Record the fact, ask `decide`, take every step that is our own in the same transaction, and commit before a
vendor is called; then the vendor's answer is the next fact. A crash at any point leaves a due order, and its
attempt, behind: the sweeper, a webhook or the next request takes it up.
"""

from datetime import datetime
from typing import Final

from application.own_steps import OwnSteps
from application.vendor_calls import LEASE, Call, CallFailed, Fact, VendorCalls
from domain.attempt import Attempt, AttemptState, Operation, SubjectId
from domain.decision import decide
from domain.errors import UnknownOrder
from domain.identifiers import AttemptId, CaseId, OrderId
from domain.order_facts import OrderFacts
from domain.refused_reads import read_again_at, read_refused
from domain.steps import (
    Capture,
    ConfirmAtService,
    ConfirmPayment,
    CreatePayment,
    LookUp,
    RefreshPayment,
    RefreshRefund,
    ReleaseAtService,
    ReserveAtService,
    Settled,
    SubmitRefund,
    VendorStep,
    Void,
    WaitUntil,
    operation_of,
)
from domain.values import replace, value
from ports.clock import Clock
from ports.errors import ConcurrentChange, OutcomeUnknown, Unavailable
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

# An order takes a dozen steps in its life; a run that takes more is going round in circles.
_MOST_STEPS: Final = 50
# Runners of one order step aside for each other; with this many collisions in a row something else is wrong.
_MOST_COLLISIONS: Final = 60
# A storage that fails over or was restarted is back within seconds.
_PAUSES_SECONDS: Final = (0.1, 0.4, 1.5)


@value
class Plan:
    """What was decided: the facts to write, when to look again, and the call to make once they are
    written.
    """

    facts: OrderFacts
    due_at: datetime | None
    call: Call | None


class AdvanceOrder:
    """Safe to call at any time, any number of times, from any process."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        own_steps: OwnSteps,
        calls: VendorCalls,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._own_steps = own_steps
        self._calls = calls
        self._clock = clock

    async def __call__(self, order_id: OrderId) -> OrderFacts:
        """Goes on as far as it can now. Raises UnknownOrder."""
        return await self.record(order_id, _as_it_is)

    async def record(self, order_id: OrderId, fact: Fact) -> OrderFacts:
        """Adds a fact and goes on. Raises UnknownOrder, and whatever refusal the fact itself raises."""
        return await self._follow(await self._write(order_id, fact, known=None))

    async def begin(self, facts: OrderFacts, uow: UnitOfWork) -> Plan:
        """Adds a new order to an open unit of work, as far as it gets without a vendor.

        Raises OutOfStock, at the latest with the commit.
        """
        plan = await self._plan(facts, uow, refuse_without_stock=True)
        await uow.orders.add(plan.facts, plan.due_at)
        return replace(plan, facts=plan.facts.as_stored(plan.facts.order.version))

    async def go_on(self, plan: Plan) -> OrderFacts:
        """Takes a committed plan further."""
        return await self._follow(plan)

    async def _follow(self, plan: Plan) -> OrderFacts:
        calls = 0
        while plan.call is not None:
            calls += 1
            # Others may add refunds while this runner submits them.
            if calls > _MOST_STEPS + 2 * len(plan.facts.refunds):
                raise AssertionError(f"order {plan.facts.order.id} goes round in circles")
            try:
                fact = await self._calls(plan.call)
            except CallFailed as failed:
                return await self._look_again_later(plan.facts.order.id, plan.call, failed)
            # An attempt was written just now. Before a read nothing may have changed, and then nothing was
            # written: these facts don't have the version that a save would have given them.
            known = plan.facts if plan.call.attempt is not None else None
            plan = await self._keep(plan.facts.order.id, fact, known)
        return plan.facts

    async def _keep(self, order_id: OrderId, answer: Fact, known: OrderFacts | None) -> Plan:
        """Records what a call brought; a storage that is away for a moment is waited for, or the order would
        have to wait until the lease of its attempt ends.

        Raises OutcomeUnknown when it stays away: what was committed before the call stands, and the vendor
        may have acted.
        """
        facts = known
        for pause_seconds in (*_PAUSES_SECONDS, None):
            try:
                return await self._write(order_id, answer, facts)
            except (Unavailable, OutcomeUnknown) as away:
                if pause_seconds is None:
                    raise OutcomeUnknown(away.reason) from away
                await self._clock.sleep(pause_seconds)
                facts = None
        raise AssertionError("the last try returns or raises")

    async def _write(self, order_id: OrderId, fact: Fact, known: OrderFacts | None) -> Plan:
        """Fact and own steps in one commit.

        When somebody else was quicker, decides anew on what they left.
        """
        for _ in range(_MOST_COLLISIONS):
            try:
                return await self._write_once(order_id, fact, known)
            except ConcurrentChange:
                known = None
        raise ConcurrentChange

    async def _write_once(self, order_id: OrderId, fact: Fact, known: OrderFacts | None) -> Plan:
        async with self._unit_of_work() as uow:
            before = known or await _loaded(order_id, uow)
            plan = await self._plan(fact(before), uow)
            await uow.orders.save(before, plan.facts, plan.due_at, is_last=plan.call is None)
            await self._own_steps.give_back(plan.facts.news.returns, uow)
            await uow.commit()
        return replace(plan, facts=plan.facts.as_stored(before.order.version + 1))

    async def _look_again_later(self, order_id: OrderId, call: Call, failed: CallFailed) -> OrderFacts:
        """Whoever was quicker to change the order has decided anew, and when it goes on."""
        try:
            return await self._put_off(order_id, call, failed)
        except ConcurrentChange:
            async with self._unit_of_work() as uow:
                return await _loaded(order_id, uow)

    async def _put_off(self, order_id: OrderId, call: Call, failed: CallFailed) -> OrderFacts:
        """Nothing was learned, unless it is that the vendor refuses."""
        async with self._unit_of_work() as uow:
            before = await _loaded(order_id, uow)
            after, due_at = self._after_failed_read(before, call, failed)
            await uow.orders.save(before, after, due_at)
            await uow.commit()
        return after.as_stored(before.order.version + 1)

    def _after_failed_read(
        self, facts: OrderFacts, call: Call, failed: CallFailed
    ) -> tuple[OrderFacts, datetime]:
        now, read = self._clock.now(), call.step
        assert isinstance(read, RefreshPayment | RefreshRefund), "only a read fails without an outcome"  # noqa: S101
        if failed.refused is not None:
            facts = read_refused(facts, read, failed.refused, CaseId(self._clock.new_id("case")), now)
        return facts, read_again_at(facts, read, failed.retry_after_seconds, now)

    async def _plan(self, facts: OrderFacts, uow: UnitOfWork, *, refuse_without_stock: bool = False) -> Plan:
        for _ in range(_MOST_STEPS):
            now = self._clock.now()
            match decide(facts, now):
                case WaitUntil(at=at):
                    return Plan(facts=facts, due_at=at, call=None)
                case Settled():
                    return Plan(facts=facts, due_at=None, call=None)
                case LookUp() | RefreshPayment() | RefreshRefund() as step:
                    return self._call_for(step, facts)
                case CreatePayment() | ConfirmPayment() | Capture() | Void() | SubmitRefund() as step:
                    return self._call_for(step, facts)
                case ReserveAtService() | ConfirmAtService() | ReleaseAtService() as step:
                    return self._call_for(step, facts)
                case step:
                    facts = await self._own_steps(step, facts, uow, refuse_without_stock=refuse_without_stock)
        raise AssertionError(f"order {facts.order.id} goes round in circles")

    def _call_for(self, step: VendorStep, facts: OrderFacts) -> Plan:
        """The attempt is written, with a lease, before the vendor is called; an open one is taken up under
        its key.
        """
        now = self._clock.now()
        lease_until = now + LEASE
        attempt: Attempt | None = None
        if isinstance(step, LookUp):
            attempt = step.attempt.looked_up(lease_until)
            facts = facts.attempt_started(attempt, now)
        elif (what := operation_of(step)) is not None:
            open_attempt = facts.open_attempt(*what)
            if open_attempt is not None and open_attempt.state is AttemptState.SPENT:
                attempt = open_attempt.replacement(now, lease_until)
                facts = facts.attempt_replaced(open_attempt, attempt, now)
            else:
                attempt = (
                    open_attempt.retried(now, lease_until) if open_attempt else self._attempt(*what, now)
                )
                facts = facts.attempt_started(attempt, now)
        return Plan(facts=facts, due_at=lease_until, call=Call(step=step, facts=facts, attempt=attempt))

    def _attempt(self, operation: Operation, subject_id: SubjectId, now: datetime) -> Attempt:
        return Attempt(
            id=AttemptId(self._clock.new_id("att")),
            operation=operation,
            subject_id=subject_id,
            state=AttemptState.IN_FLIGHT,
            tries=1,
            started_at=now,
            until=now + LEASE,
        )


async def _loaded(order_id: OrderId, uow: UnitOfWork) -> OrderFacts:
    """Raises UnknownOrder."""
    facts = await uow.orders.get(order_id)
    if facts is None:
        raise UnknownOrder(order_id=order_id)
    return facts


def _as_it_is(facts: OrderFacts) -> OrderFacts:
    return facts
