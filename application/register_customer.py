"""Story: somebody becomes a customer, here and at the payment provider."""

from dataclasses import dataclass, field

from application.look_after_customer import LookAfterCustomer
from domain.customer import Customer, CustomerState, ProviderAccount
from domain.errors import EmailAlreadyRegistered
from domain.identifiers import CustomerId
from ports.clock import Clock
from ports.errors import ConcurrentChange, EmailInUse
from ports.passwords import PasswordHashing
from ports.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """`customer_id` is the same when the same customer is asked for again (None: it never is), so that a
    repeat after a crash finds the one that was made.
    """

    email: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    customer_id: CustomerId | None = None


class RegisterCustomer:
    """Idempotent by `customer_id`. A provider that is away keeps nobody from becoming a customer: it is told
    later.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        passwords: PasswordHashing,
        look_after: LookAfterCustomer,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._passwords = passwords
        self._look_after = look_after
        self._clock = clock

    async def __call__(self, new: NewCustomer) -> Customer:
        """Raises EmailAlreadyRegistered if another customer has this mailbox."""
        plan = self._look_after.plan(await self._customer(new))
        try:
            async with self._unit_of_work() as uow:
                await uow.customers.add(plan.customer, plan.due_at)
                await uow.commit()
        except (EmailInUse, ConcurrentChange):
            return await self._made_before(new, plan.customer.id)
        return await self._look_after.go_on(plan)

    async def _customer(self, new: NewCustomer) -> Customer:
        password_hash = await self._passwords.hashed(new.password) if new.password is not None else None
        return Customer(
            id=new.customer_id or CustomerId(self._clock.new_id("cus")),
            state=CustomerState.ACTIVE,
            created_at=self._clock.now(),
            email=new.email,
            name=new.name,
            user_id=new.user_id,
            password_hash=password_hash,
            accounts=tuple(ProviderAccount(provider=each) for each in self._look_after.providers),
        )

    async def _made_before(self, new: NewCustomer, customer_id: CustomerId) -> Customer:
        async with self._unit_of_work() as uow:
            known = await uow.customers.by_email(new.email)
        if known is None:
            raise ConcurrentChange  # they were deleted in the same moment
        if known.id != customer_id:
            raise EmailAlreadyRegistered(customer_id=known.id)
        return await self._look_after(known.id)
