"""Story: a customer gets to be known at the payment provider, once, whatever is lost on the way; and whoever
leaves is forgotten, there and here.

As with orders: the attempt is persisted with its key before the provider is called, with no transaction open,
and the answer is recorded as the next fact. A crash at any point leaves a customer behind that is due.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from application.forget_person import ForgetPerson
from application.vendor_calls import CALL_DEADLINE_SECONDS, CLOCK_SKEW, LEASE
from domain.attempt import Attempt, AttemptState, Operation
from domain.customer import Customer, ProviderAccount
from domain.customer_decision import (
    AccountStep,
    FindAccount,
    Forget,
    RegisterAccount,
    RemoveAccount,
    decide_for,
)
from domain.errors import UnknownCustomer
from domain.forgetting import forgotten_customer
from domain.identifiers import AttemptId, CustomerId
from domain.period import Period
from domain.steps import Settled, WaitUntil
from domain.values import replace, value
from ports.clock import Clock
from ports.customers import CustomerVault, Registration
from ports.errors import ConcurrentChange, OutcomeUnknown, Rejected, Unavailable
from ports.unit_of_work import UnitOfWorkFactory

# An account takes a handful of steps in its life; a run that takes more is going round in circles.
_MOST_CALLS: Final = 20
_MOST_COLLISIONS: Final = 20

Fact = Callable[[Customer], Customer]


@value
class CustomerPlan:
    """What was decided: the customer to write, when to look again, and the call to make once it is
    written.
    """

    customer: Customer
    due_at: datetime | None
    call: AccountStep | Forget | None


class LookAfterCustomer:
    """Safe to call at any time, any number of times, from any process."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, vaults: Mapping[str, CustomerVault], clock: Clock
    ) -> None:
        """`vaults`: those of the providers that are set up, by their names."""
        self._unit_of_work = unit_of_work
        self._vaults = vaults
        self._forget = ForgetPerson(unit_of_work)
        self._clock = clock

    @property
    def providers(self) -> tuple[str, ...]:
        """Where customers are to be known."""
        return tuple(sorted(self._vaults))

    async def __call__(self, customer_id: CustomerId) -> Customer:
        """Goes on as far as it can now. Raises UnknownCustomer."""
        return await self.go_on(await self._write(customer_id, lambda customer: customer))

    def plan(self, customer: Customer) -> CustomerPlan:
        """What is to be written of it, and asked of a provider then. Its attempt has a lease by then."""
        now = self._clock.now()
        match decide_for(customer, now):
            case WaitUntil(at=at):
                return CustomerPlan(customer=customer, due_at=at, call=None)
            case Settled():
                return CustomerPlan(customer=customer, due_at=None, call=None)
            case Forget() as step:
                return CustomerPlan(customer=customer, due_at=now + LEASE, call=step)
            case step:
                begun = replace(step, account=self._begun(step, customer, now))
                known = customer.with_account(begun.account)
                return CustomerPlan(customer=known, due_at=now + LEASE, call=begun)

    async def go_on(self, plan: CustomerPlan) -> Customer:
        """Takes a committed plan further."""
        for _ in range(_MOST_CALLS):
            if plan.call is None:
                return plan.customer
            if isinstance(plan.call, Forget):
                await self._forget(plan.customer.id)
                fact: Fact = forgotten_customer
            else:
                fact = await self._answer(plan.call, plan.customer)
            plan = await self._write(plan.customer.id, fact)
        raise AssertionError(f"customer {plan.customer.id} goes round in circles")

    async def _write(self, customer_id: CustomerId, fact: Fact) -> CustomerPlan:
        """Fact and next attempt in one commit; decides anew on what somebody left who was quicker."""
        for _ in range(_MOST_COLLISIONS):
            try:
                return await self._write_once(customer_id, fact)
            except ConcurrentChange:
                continue
        raise ConcurrentChange

    async def _write_once(self, customer_id: CustomerId, fact: Fact) -> CustomerPlan:
        async with self._unit_of_work() as uow:
            before = await uow.customers.get(customer_id)
            if before is None:
                raise UnknownCustomer(customer_id=customer_id)
            plan = self.plan(fact(before))
            after = replace(plan.customer, version=before.version + 1)
            await uow.customers.save(after, plan.due_at)
            await uow.commit()
        return replace(plan, customer=after)

    def _begun(self, step: AccountStep, customer: Customer, now: datetime) -> ProviderAccount:
        """The account with the attempt that is about to be made, or taken up again under its key."""
        account, lease_until = step.account, now + LEASE
        attempt = account.attempt
        match step:
            case FindAccount() if attempt is not None:
                begun = attempt.looked_up(lease_until)
            case RegisterAccount() if attempt is not None and attempt.state is AttemptState.SPENT:
                begun = attempt.replacement(now, lease_until)
            case RegisterAccount() if attempt is not None:
                begun = attempt.retried(now, lease_until)
            case RemoveAccount() if attempt is not None and attempt.operation is Operation.REMOVE_CUSTOMER:
                begun = attempt.retried(now, lease_until)
            case _:
                removes = isinstance(step, RemoveAccount)
                begun = Attempt(
                    id=AttemptId(self._clock.new_id("att")),
                    operation=Operation.REMOVE_CUSTOMER if removes else Operation.REGISTER_CUSTOMER,
                    subject_id=customer.id,
                    state=AttemptState.IN_FLIGHT,
                    tries=1,
                    started_at=now,
                    until=lease_until,
                )
        return account.after(begun)

    async def _answer(self, step: AccountStep, customer: Customer) -> Fact:
        """Asks the provider under a deadline, with no transaction open, and says what to record."""
        account = step.account
        attempt = account.attempt
        assert attempt is not None, "a call is planned with its attempt"  # noqa: S101
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                after = await self._asked(step, attempt, customer)
        except TimeoutError:
            after = account.after(attempt.in_doubt("deadline", self._clock.now()))
        return lambda now_known: (
            now_known.with_account(after)
            if now_known.holds_lease(account.provider, attempt.id, attempt.tries)
            else now_known
        )

    async def _asked(self, step: AccountStep, attempt: Attempt, customer: Customer) -> ProviderAccount:
        account, now = step.account, self._clock.now
        try:
            vault = self._vault_of(account)
            match step:
                case RegisterAccount():
                    reference = await vault.register(_registration(customer), attempt.id)
                    return account.registered_as(reference, attempt)
                case FindAccount():
                    return await self._found(account, attempt, customer, attempt.not_done(now()))
                case RemoveAccount():
                    await vault.remove(account.reference or "")
                    return account.after(attempt.succeeded())
        except Rejected as rejected:
            # A registration that is refused is none. A removal is asked for until it is done.
            is_final = isinstance(step, RegisterAccount)
            refused = attempt.rejected(rejected.code) if is_final else attempt.in_doubt(rejected.code, now())
            return account.after(refused)
        except Unavailable as unavailable:
            # A look-up that reached nobody leaves the doubt as it was.
            away = attempt.in_doubt if isinstance(step, FindAccount) else attempt.unavailable
            return account.after(away(unavailable.reason, now()))
        except OutcomeUnknown as unknown:
            return await self._in_doubt(step, attempt, customer, unknown)

    async def _in_doubt(
        self, step: AccountStep, attempt: Attempt, customer: Customer, unknown: OutcomeUnknown
    ) -> ProviderAccount:
        """Where the provider itself reports a failure nothing is under way any more: it is looked for at
        once, and if it isn't there, another key is needed.
        """
        account, now = step.account, self._clock.now()
        if isinstance(step, RegisterAccount) and unknown.key_is_spent:
            try:
                return await self._found(account, attempt, customer, attempt.spent(unknown.reason, now))
            except (Rejected, Unavailable, OutcomeUnknown):
                pass
        return account.after(attempt.in_doubt(unknown.reason, now))

    async def _found(
        self, account: ProviderAccount, attempt: Attempt, customer: Customer, otherwise: Attempt
    ) -> ProviderAccount:
        tried = Period(since=customer.created_at, until=self._clock.now() + LEASE).widened(CLOCK_SKEW)
        reference = await self._vault_of(account).find(_registration(customer), tried)
        if reference is None:
            return account.after(otherwise)
        return account.registered_as(reference, attempt)

    def _vault_of(self, account: ProviderAccount) -> CustomerVault:
        """Raises Unavailable for a provider that isn't set up (any more)."""
        if (vault := self._vaults.get(account.provider)) is None:
            raise Unavailable("provider_not_set_up")
        return vault


def _registration(customer: Customer) -> Registration:
    return Registration(
        customer_id=customer.id, email=customer.email, name=customer.name, user_id=customer.user_id
    )
