"""Stories of a way out: a shop's customers get the ids that another provider has given them, and what still
holds the shop at the old one is counted.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.attempt import Attempt, AttemptState, Operation
from domain.customer import AccountState, Customer, CustomerState, ProviderAccount
from domain.identifiers import AttemptId, CustomerId, SubscriptionId
from domain.payment import PaymentState
from domain.period import Period
from domain.standing import SubscriptionState
from domain.values import replace, value
from ports.clock import Clock
from ports.queries import PaymentChoice, PaymentPlace, Queries
from ports.subscriptions import SubscriptionChoice, SubscriptionLists
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

_PAGE: Final = 500
_A_MOMENT: Final = timedelta(seconds=1)
# What may still move money, or take it back, without anybody asking for it.
_OPEN: Final = (
    *(PaymentState.NEW, PaymentState.AWAITING_METHOD, PaymentState.AWAITING_CONFIRMATION),
    *(PaymentState.AWAITING_ACTION, PaymentState.PROCESSING, PaymentState.AUTHORIZED),
)
_OVER: Final = frozenset({SubscriptionState.REFUSED, SubscriptionState.ENDED})


@value
class MappedId:
    """One line of what the new provider gave."""

    line: int
    old: str
    new: str


@value
class MappingProblem:
    line: int
    problem: str


class MappingRefused(Exception):
    """Something in the mapping is wrong; nobody was moved."""

    def __init__(self, problems: Sequence[MappingProblem]) -> None:
        super().__init__("\n".join(f"line {each.line}: {each.problem}" for each in problems))
        self.problems = tuple(problems)


@value
class Migrated:
    """How many got their id now, and how many had it before."""

    moved: int
    before: int


class MigrateCustomers:
    """All of a mapping or nothing of it, in one commit. Doing it again changes nothing."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def __call__(self, old: str, new: str, mapping: Sequence[MappedId]) -> Migrated:
        """Raises MappingRefused, and ConcurrentChange when a customer changed meanwhile."""
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            customers = [each async for each in _customers(uow)]
            chosen = _chosen(customers, old, new, mapping)
            moved = [(each, line) for each, line in chosen if each.account_at(new) is None]
            for customer, line in moved:
                account = self._account(customer, new, line.new, now)
                after = replace(customer.with_account(account), version=customer.version + 1)
                # Nothing is to be done at the provider: it has given the id itself.
                await uow.customers.save(after, None)
            await uow.commit()
        return Migrated(moved=len(moved), before=len(chosen) - len(moved))

    def _account(self, customer: Customer, provider: str, reference: str, now: datetime) -> ProviderAccount:
        """Registered, as if we had asked for it."""
        attempt = Attempt(
            id=AttemptId(self._clock.new_id("att")),
            operation=Operation.REGISTER_CUSTOMER,
            subject_id=customer.id,
            state=AttemptState.SUCCEEDED,
            tries=1,
            started_at=now,
            until=now,
        )
        return ProviderAccount(provider=provider).registered_as(reference, attempt)


@value
class Left:
    """What still holds the shop at a provider: customers who are known there and not yet at the new one,
    payments by the state they are in, disputes, and subscriptions that have not ended.
    """

    customers: int
    payments: dict[PaymentState, int]
    disputes: int
    subscriptions: int

    @property
    def is_nothing(self) -> bool:
        return not (self.customers or self.payments or self.disputes or self.subscriptions)


class CountLeft:
    """Reads only."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        queries: Queries,
        subscriptions: SubscriptionLists,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._queries = queries
        self._subscriptions = subscriptions
        self._clock = clock

    async def __call__(self, old: str, new: str) -> Left:
        async with self._unit_of_work() as uow:
            customers = [each async for each in _customers(uow)]
        now = self._clock.now()
        # Disputes are those of today, whatever the period.
        statistics = await self._queries.payment_statistics(Period(since=now - _A_MOMENT, until=now))
        return Left(
            customers=sum(_is_at(each, old) and not _is_at(each, new) for each in customers),
            payments={state: count for state in _OPEN if (count := await self._payments(old, state))},
            disputes=sum(each.open_disputes for each in statistics if each.provider == old),
            subscriptions=await self._count_subscriptions(old),
        )

    async def _payments(self, provider: str, state: PaymentState) -> int:
        choice, count, after = PaymentChoice(provider=provider, state=state), 0, None
        while page := await self._queries.payments(after, _PAGE, choice):
            count += len(page)
            after = PaymentPlace(order_id=page[-1].order_id, payment_id=page[-1].id)
        return count

    async def _count_subscriptions(self, provider: str) -> int:
        count, after = 0, None
        while page := await self._subscriptions.subscriptions(after, _PAGE, SubscriptionChoice()):
            count += sum(each.provider == provider and each.state not in _OVER for each in page)
            after = SubscriptionId(page[-1].id)
        return count


async def _customers(uow: UnitOfWork) -> AsyncIterator[Customer]:
    after: CustomerId | None = None
    while page := await uow.customers.page(after, _PAGE):
        for customer in page:
            yield customer
        after = page[-1].id


def _is_at(customer: Customer, provider: str) -> bool:
    account = customer.account_at(provider)
    return (
        customer.state is CustomerState.ACTIVE
        and account is not None
        and account.state is AccountState.REGISTERED
    )


def _chosen(
    customers: Sequence[Customer], old: str, new: str, mapping: Sequence[MappedId]
) -> list[tuple[Customer, MappedId]]:
    """Whom each line means. Raises MappingRefused with every mistake."""
    by_old = {a.reference: c for c in customers if (a := c.account_at(old)) is not None and _is_at(c, old)}
    at_new = {a.reference: c for c in customers if (a := c.account_at(new)) is not None}
    old_ids, new_ids = Counter(each.old for each in mapping), Counter(each.new for each in mapping)
    chosen, problems = [], []
    for each in mapping:
        customer = by_old.get(each.old)
        if (problem := _problem(customer, each, new, at_new)) is None:
            if old_ids[each.old] > 1:
                problem = f"{each.old} stands in the file {old_ids[each.old]} times"
            elif new_ids[each.new] > 1:
                problem = f"{each.new} stands in the file {new_ids[each.new]} times"
        if problem is not None:
            problems.append(MappingProblem(line=each.line, problem=problem))
        elif customer is not None:
            chosen.append((customer, each))
    if problems:
        raise MappingRefused(problems)
    return chosen


def _problem(
    customer: Customer | None, each: MappedId, new: str, at_new: dict[str | None, Customer]
) -> str | None:
    if customer is None:
        return f"no customer is known as {each.old}"
    known = customer.account_at(new)
    if known is not None and known.reference != each.new:
        return f"{each.old} has another id at {new} already"
    owner = at_new.get(each.new)
    if owner is not None and owner.id != customer.id:
        return f"{each.new} is another customer's already"
    return None
