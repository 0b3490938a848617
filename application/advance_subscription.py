"""Story: a subscription goes on from wherever it is, until it has to wait.

Requests, webhooks and the sweeper all come here, as orders' do to `AdvanceOrder`: the attempt is persisted
with its key before the provider is called, with no transaction open, and the answer is the next fact. What
the provider says is recorded only if nothing else was meanwhile, so an old reading never replaces a newer.
"""

from datetime import datetime, timedelta
from typing import Final, assert_never

from application.subscription_calls import ReadingFailed, SubscriptionCalls, SubscriptionFact
from application.vendor_calls import LEASE
from domain.attempt import Attempt, AttemptState
from domain.errors import UnknownSubscription
from domain.identifiers import AttemptId, SubscriptionId
from domain.shop import ShopRules
from domain.steps import Settled, WaitUntil
from domain.subscribing import AskProvider, Downgrade, LookUpWish, ReadProvider, next_step
from domain.subscription import Subscription
from domain.values import replace, value
from domain.wish import Wish
from ports.clock import Clock
from ports.errors import ConcurrentChange
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

# A subscription takes a handful of steps at a time; a run that takes more is going round in circles.
_MOST_STEPS: Final = 50
# Runners of one subscription step aside for each other; with this many collisions in a row something else is
# wrong.
MOST_COLLISIONS: Final = 60
_AFTER_FAILED_READING: Final = timedelta(minutes=1)
_AFTER_REFUSED_READING: Final = timedelta(hours=1)

SubscriptionCall = AskProvider | LookUpWish | ReadProvider


@value
class Planned:
    """What was decided: the subscription to write, when to look again, and the call to make once it is
    written.
    """

    subscription: Subscription
    due_at: datetime | None
    call: SubscriptionCall | None


class AdvanceSubscription:
    """Safe to call at any time, any number of times, from any process."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, calls: SubscriptionCalls, clock: Clock, rules: ShopRules
    ) -> None:
        self._unit_of_work = unit_of_work
        self._calls = calls
        self._clock = clock
        self._rules = rules

    async def __call__(self, subscription_id: SubscriptionId) -> Subscription:
        """Goes on as far as it can now. Raises UnknownSubscription."""
        return await self.record(subscription_id, _as_it_is)

    async def record(self, subscription_id: SubscriptionId, fact: SubscriptionFact) -> Subscription:
        """Adds a fact and goes on. Raises UnknownSubscription, and whatever refusal the fact itself makes."""
        return await self.go_on(await self._write(subscription_id, fact))

    async def begin(self, subscription: Subscription, uow: UnitOfWork) -> Planned:
        """Adds a new one to an open unit of work, with the attempt to have it made."""
        planned = self._plan(subscription)
        await uow.subscriptions.add(planned.subscription, planned.due_at)
        return _stored(planned, 1)

    async def change(self, before: Subscription, after: Subscription, uow: UnitOfWork) -> Planned:
        """Writes a change in an open unit of work, with the attempt to have it made.

        What is no change is only looked at again in time.
        """
        planned = self._plan(after)
        if planned.subscription is before:
            await uow.subscriptions.put_off(before.id, planned.due_at, before.version)
            return planned
        await uow.subscriptions.save(before, planned.subscription, planned.due_at)
        return _stored(planned, before.version + 1)

    async def go_on(self, planned: Planned) -> Subscription:
        """Takes what was committed further."""
        for _ in range(_MOST_STEPS):
            match planned.call:
                case None:
                    return planned.subscription
                case ReadProvider():
                    planned = await self._read(planned.subscription)
                case AskProvider(wish=wish):
                    fact = await self._calls.have_done(wish, _attempt_of(wish), planned.subscription)
                    planned = await self._write(planned.subscription.id, fact)
                case LookUpWish(wish=wish):
                    fact = await self._calls.look_up(wish, _attempt_of(wish), planned.subscription)
                    planned = await self._write(planned.subscription.id, fact)
                case _:
                    assert_never(planned.call)
        raise AssertionError(f"subscription {planned.subscription.id} goes round in circles")

    async def _read(self, known: Subscription) -> Planned:
        """Recorded on what was known before the reading began, or not at all: then it is decided anew."""
        try:
            reading = await self._calls.read(known)
        except ReadingFailed as failed:
            wait = _AFTER_REFUSED_READING if failed.is_refused else _AFTER_FAILED_READING
            return await self._look_again_later(known, wait)
        now = self._clock.now()
        seen = known.observed(reading.snapshot, reading.invoices, self._rules.dunning_grace, now)
        try:
            async with self._unit_of_work() as uow:
                planned = await self.change(known, seen, uow)
                await uow.commit()
        except ConcurrentChange:
            return await self._write(known.id, _as_it_is)
        return planned

    async def _look_again_later(self, known: Subscription, wait: timedelta) -> Planned:
        async with self._unit_of_work() as uow:
            await uow.subscriptions.put_off(known.id, self._clock.now() + wait, known.version)
            await uow.commit()
        return Planned(subscription=known, due_at=None, call=None)

    async def _write(self, subscription_id: SubscriptionId, fact: SubscriptionFact) -> Planned:
        """Fact and next attempt in one commit; decides anew on what somebody left who was quicker."""
        for _ in range(MOST_COLLISIONS):
            try:
                return await self._write_once(subscription_id, fact)
            except ConcurrentChange:
                continue
        raise ConcurrentChange

    async def _write_once(self, subscription_id: SubscriptionId, fact: SubscriptionFact) -> Planned:
        async with self._unit_of_work() as uow:
            before = await uow.subscriptions.get(subscription_id)
            if before is None:
                raise UnknownSubscription(subscription_id=subscription_id)
            planned = await self.change(before, fact(before), uow)
            await uow.commit()
        return planned

    def _plan(self, subscription: Subscription) -> Planned:
        for _ in range(_MOST_STEPS):
            now = self._clock.now()
            match next_step(subscription, now):
                case WaitUntil(at=at):
                    return Planned(subscription=subscription, due_at=at, call=None)
                case Settled():
                    return Planned(subscription=subscription, due_at=None, call=None)
                case Downgrade():
                    subscription = subscription.downgraded(now)
                case ReadProvider() as step:
                    return Planned(subscription=subscription, due_at=now + LEASE, call=step)
                case AskProvider() | LookUpWish() as step:
                    attempt = self._begun(step, subscription, now)
                    called = subscription.attempt_started(attempt, now)
                    call = replace(step, wish=replace(step.wish, attempt=attempt))
                    return Planned(subscription=called, due_at=now + LEASE, call=call)
        raise AssertionError(f"subscription {subscription.id} goes round in circles")

    def _begun(self, step: AskProvider | LookUpWish, subscription: Subscription, now: datetime) -> Attempt:
        """The attempt that is about to be made, or taken up again under its key."""
        attempt, lease_until = step.wish.attempt, now + LEASE
        if attempt is None:
            return Attempt(
                id=AttemptId(self._clock.new_id("att")),
                operation=step.wish.operation,
                subject_id=subscription.id,
                state=AttemptState.IN_FLIGHT,
                tries=1,
                started_at=now,
                until=lease_until,
            )
        if isinstance(step, LookUpWish):
            return attempt.looked_up(lease_until)
        if attempt.state is AttemptState.SPENT:
            return attempt.replacement(now, lease_until)
        return attempt.retried(now, lease_until)


def _attempt_of(wish: Wish) -> Attempt:
    assert wish.attempt is not None, "a call is planned with its attempt"  # noqa: S101
    return wish.attempt


def _stored(planned: Planned, version: int) -> Planned:
    return replace(planned, subscription=planned.subscription.as_stored(version))


def _as_it_is(subscription: Subscription) -> Subscription:
    return subscription
