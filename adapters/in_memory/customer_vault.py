"""A provider's customers in memory, with what they saved: keys replay, and ours are found by our id."""

from collections.abc import Sequence
from datetime import datetime

from adapters.in_memory.cards import KNOWN, SAVED_CARDS
from adapters.in_memory.faults import Fault, no_fault
from domain.customer import Payer, SavedMethod
from domain.identifiers import AttemptId
from domain.payment import Instrument
from domain.period import Period
from domain.values import replace, value
from ports.clock import Clock
from ports.customers import Registration
from ports.errors import OutcomeUnknown, Rejected


@value
class HeldCustomer:
    """What the provider holds of one customer; `methods` are the newest first."""

    registration: Registration
    created_at: datetime
    methods: tuple[SavedMethod, ...] = ()


def _as_saved(token: str, instrument: str) -> SavedMethod:
    brand, ending = SAVED_CARDS.get(instrument, ("visa", "0000"))
    return SavedMethod(token=token, kind="card", brand=brand, ending=ending, expires=(2034, 12))


class InMemoryCustomerVault:
    """Implements `ports.customers.CustomerVault` for the simulated provider."""

    provider = "simulated"

    def __init__(self, clock: Clock, fault: Fault = no_fault) -> None:
        self._clock = clock
        self._fault = fault
        self._customers: dict[str, HeldCustomer] = {}
        self._instruments: dict[str, str] = {}
        self._answers: dict[AttemptId, tuple[Registration, str]] = {}

    async def register(self, registration: Registration, key: AttemptId) -> str:
        self._fault("register", "before")
        if key in self._answers:
            asked, answer = self._answers[key]
            if asked != registration:
                raise OutcomeUnknown("idempotency_key_reused")
            return answer
        reference = self._clock.new_id("simcus")
        self._customers[reference] = HeldCustomer(registration=registration, created_at=self._clock.now())
        self._answers[key] = (registration, reference)
        self._fault("register", "after")
        return reference

    async def find(self, registration: Registration, created: Period) -> str | None:
        self._fault("find_customer", "before")
        for reference, held in self._customers.items():
            is_this = held.registration.customer_id == registration.customer_id
            if is_this and created.covers(held.created_at):
                return reference
        return None

    async def remove(self, reference: str) -> None:
        self._fault("remove", "before")
        self._customers.pop(reference, None)
        self._fault("remove", "after")

    async def methods(self, reference: str) -> Sequence[SavedMethod]:
        self._fault("methods", "before")
        return self._held(reference).methods

    async def detach(self, reference: str, token: str, key: AttemptId) -> None:
        del key  # what is gone is gone, under any key
        self._fault("detach", "before")
        held = self._held(reference)
        left = tuple(method for method in held.methods if method.token != token)
        self._customers[reference] = replace(held, methods=left)
        self._fault("detach", "after")

    # What a payment of theirs does, and what a person at the provider's own desk sees.

    def save(self, reference: str, instrument: str) -> SavedMethod:
        """The customer saves this instrument. Raises Rejected when there is no such customer."""
        held = self._held(reference)
        method = _as_saved(self._clock.new_id("simpm"), instrument)
        self._customers[reference] = replace(held, methods=(method, *held.methods))
        self._instruments[method.token] = instrument
        return method

    def require(self, payer: Payer | None) -> None:
        """Raises Rejected for a payer whose reference is nobody's."""
        if payer is not None and payer.reference is not None:
            self._held(payer.reference)

    def behind(self, payer: Payer | None, instrument: Instrument) -> str:
        """The token of what a saved method was made of, for whoever saved it; of any other instrument its
        own. Raises Rejected for what somebody else saved, and for what there isn't.
        """
        if instrument.token in KNOWN:
            return instrument.token
        held = self._customers.get(payer.reference or "") if payer is not None else None
        if held is None or all(method.token != instrument.token for method in held.methods):
            raise Rejected("no_such_payment_method")
        return self._instruments[instrument.token]

    def paid(self, payer: Payer | None, instrument: Instrument | None) -> None:
        """A payment with this succeeded; what is to be saved is, unless it was before."""
        if payer is None or payer.reference is None or instrument is None or not payer.saves_method:
            return
        if payer.reference in self._customers and instrument.token not in self._instruments:
            self.save(payer.reference, instrument.token)

    def everybody(self) -> Sequence[HeldCustomer]:
        """All customers, in the order in which they were registered."""
        return tuple(self._customers.values())

    def _held(self, reference: str) -> HeldCustomer:
        try:
            return self._customers[reference]
        except KeyError:
            raise Rejected("no_such_customer") from None
