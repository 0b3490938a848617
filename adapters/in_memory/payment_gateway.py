"""A payment provider in memory that behaves like one: keys replay, cards decline, banks ask."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar, cast

from adapters.in_memory.cards import ASKS_BANK, DECLINES, REFUNDS_SLOWLY, TAKES_DAYS, method_of
from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.in_memory.faults import Fault, no_fault
from adapters.in_memory.held_payments import (
    HeldPayment,
    HeldRefund,
    dispute_pages,
    payment_pages,
    refund_pages,
)
from adapters.in_memory.payment_webhooks import ProviderEvent
from domain.dispute import DisputeSnapshot, DisputeState
from domain.identifiers import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payment import (
    Decline,
    DeclineReason,
    Instrument,
    NextAction,
    NextActionKind,
    PaymentSnapshot,
    PaymentState,
)
from domain.period import Period
from domain.refund import RefundSnapshot, RefundState
from domain.shop import CaptureMethod
from domain.values import replace
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund, ListPage
from ports.payments import PaymentRequest, Subject

# So long does a bank wait for a merchant's answer to a dispute.
_BANK_WAITS: Final = timedelta(days=7)

S = TypeVar("S", PaymentSnapshot, RefundSnapshot)


class InMemoryPaymentGateway:
    """Implements `ports.payment_ledger.PaymentProvider`; the rest is for whoever plays the bank."""

    provider = "simulated"
    can_be_asked = True

    def __init__(
        self,
        clock: Clock,
        fault: Fault = no_fault,
        tell: Callable[[ProviderEvent], None] | None = None,
        customers: InMemoryCustomerVault | None = None,
    ) -> None:
        """`tell` hears of everything that moves, as a webhook endpoint would; it must not raise."""
        self.customers = customers or InMemoryCustomerVault(clock, fault)
        self._clock = clock
        self._fault = fault
        self._tell = tell
        self._payments: dict[str, HeldPayment] = {}
        self._answers: dict[AttemptId, tuple[object, PaymentSnapshot | RefundSnapshot]] = {}

    def bank_said(self, query: Mapping[str, str]) -> None: ...

    async def behind(self, named: str) -> str:
        return named

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        return self._once("create", key, request, lambda: self._create(request))

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        asked = (reference, instrument, return_url)
        return self._once("confirm", key, asked, lambda: self._confirm(reference, instrument, return_url))

    async def capture(self, reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        return self._once("capture", key, (reference, amount), lambda: self._capture(reference, amount))

    async def void(self, reference: str, key: AttemptId) -> PaymentSnapshot:
        return self._once("void", key, reference, lambda: self._void(reference))

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        self._fault("retrieve", "before")
        return self._held(reference).snapshot

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        self._fault("find", "before")
        for held in self._payments.values():
            if held.payment_id == payment_id and created.covers(held.created_at):
                return held.snapshot
        return None

    async def refund(
        self, reference: str, refund_id: RefundId, amount: Money, key: AttemptId
    ) -> RefundSnapshot:
        asked = (reference, refund_id, amount)
        return self._once("refund", key, asked, lambda: self._refund(reference, refund_id, amount))

    async def find_refund(self, reference: str, refund_id: RefundId) -> RefundSnapshot | None:
        self._fault("find_refund", "before")
        return self._held(reference).own_refunds.get(refund_id)

    async def refunds(self, reference: str) -> Mapping[RefundId, RefundSnapshot]:
        self._fault("refunds", "before")
        return self._held(reference).own_refunds

    async def disputes(self, reference: str) -> tuple[DisputeSnapshot, ...]:
        self._fault("disputes", "before")
        dispute = self._held(reference).dispute
        return (dispute,) if dispute is not None else ()

    async def payments_created(self, period: Period) -> AsyncIterator[ListPage[ListedPayment]]:
        for page in payment_pages(self._payments.values(), period):
            self._fault("payments_created", "before")
            yield page

    async def refunds_created(self, period: Period) -> AsyncIterator[ListPage[ListedRefund]]:
        for page in refund_pages(self._payments.values(), period):
            self._fault("refunds_created", "before")
            yield page

    async def disputes_created(self, period: Period) -> AsyncIterator[ListPage[ListedDispute]]:
        for page in dispute_pages(self._payments.values(), period):
            self._fault("disputes_created", "before")
            yield page

    # What only the shopper's bank can do, or see, or a person at the provider's own desk.

    def charge_for_another(self, amount: Money) -> None:
        """Another shop on the same account takes money."""
        reference = self._clock.new_id("sim")
        snapshot = PaymentSnapshot(
            reference=reference, state=PaymentState.CAPTURED, amount=amount, received=amount
        )
        self._keep(HeldPayment(snapshot=snapshot, created_at=self._clock.now(), captures_by_itself=True))

    def refund_by_hand(self, reference: str, amount: Money) -> RefundSnapshot:
        """Somebody gives money back without FastCart. Raises Rejected for more than is left."""
        return self._refund(reference, None, amount)

    def pay_in_page(self, reference: str, instrument: Instrument) -> PaymentSnapshot:
        """The shopper pays with the provider's own form: we aren't asked."""
        return self._confirm(reference, instrument, return_url=None)

    def complete_authentication(self, reference: str) -> None:
        """The shopper said yes, at the bank or to the provider's own form: too late once the payment is
        over.
        """
        held = self._held(reference)
        if held.is_payable or held.snapshot.state is PaymentState.PROCESSING:
            self._authorize(held)

    def fail_authentication(self, reference: str) -> None:
        """The shopper said no at the bank, or nothing."""
        if self._held(reference).is_payable:
            code = "payment_intent_authentication_failure"
            self._decline(self._held(reference), code, DeclineReason.AUTHENTICATION_FAILED)

    def settle(self, reference: str) -> None:
        """A payment that took days has arrived."""
        if self._is(reference, PaymentState.PROCESSING):
            self._authorize(self._held(reference))

    def bounce(self, reference: str) -> None:
        """A payment that took days came to nothing."""
        if self._is(reference, PaymentState.PROCESSING):
            self._decline(self._held(reference), "generic_decline", DeclineReason.NOT_ACCEPTED)

    def end_refund(self, reference: str, refund_id: RefundId, state: RefundState) -> None:
        """The bank has taken the refund, or sent it back: even one that had succeeded, but none twice."""
        held = self._held(reference)
        if held.own_refunds[refund_id].state not in (RefundState.FAILED, state):
            ended = (r.in_state(state) if r.refund_id == refund_id else r for r in held.refunds)
            self._keep(replace(held, refunds=tuple(ended)))
            self._say(f"refund.{state.value}", reference, Subject.REFUND)

    def dispute(self, reference: str, state: DisputeState) -> None:
        """The bank asks (INQUIRY), takes what is left of the payment (OPEN), or decides."""
        held = self._held(reference)
        left = held.snapshot.received.minor - held.refunded_minor
        before = held.dispute or DisputeSnapshot(
            reference=self._clock.new_id("simdsp"),
            state=state,
            amount=Money(minor=left, currency=held.snapshot.amount.currency),
            withdrawn=False,
            evidence_due_by=self._clock.now() + _BANK_WAITS,
        )
        withdrawn = state in (DisputeState.OPEN, DisputeState.LOST)
        raised_at = held.disputed_at or self._clock.now()
        after = replace(before, state=state, withdrawn=withdrawn)
        self._keep(replace(held, dispute=after, disputed_at=raised_at))
        self._say(f"dispute.{state.value}", reference, Subject.DISPUTE)

    def everything(self) -> Sequence[HeldPayment]:
        """All payments, in the order in which they were created."""
        return tuple(self._payments.values())

    def held_minor(self, payment_id: PaymentId) -> int:
        """What was captured and neither given back nor taken by a bank, over everything that carries this
        payment's id.
        """
        held = [h for h in self._payments.values() if h.payment_id == payment_id]
        return sum(h.snapshot.received.minor - h.refunded_minor - h.disputed_minor for h in held)

    def _once(self, operation: str, key: AttemptId, asked: object, effect: Callable[[], S]) -> S:
        """The effect, or under a key that was used before the answer of then. Another question has none."""
        self._fault(operation, "before")
        if key in self._answers:
            first_asked, answer = self._answers[key]
            if first_asked != asked:
                raise OutcomeUnknown("idempotency_key_reused")
            return cast(S, answer)
        result = effect()
        self._answers[key] = (asked, result)
        self._fault(operation, "after")
        return result

    def _create(self, request: PaymentRequest) -> PaymentSnapshot:
        if request.amount.minor <= 0:
            raise Rejected("amount_too_small")
        self.customers.require(request.payer)
        if request.instrument is not None:
            self.customers.behind(request.payer, request.instrument)
        reference = self._clock.new_id("sim")
        secret = f"{reference}_secret"
        snapshot = PaymentSnapshot(
            reference=reference,
            state=PaymentState.AWAITING_METHOD,
            amount=request.amount,
            received=Money.zero(request.amount.currency),
            client_secret=secret,
            next_action=NextAction(kind=NextActionKind.IN_PAGE, provider=self.provider, payload=secret),
        )
        self._keep(
            HeldPayment(
                snapshot=snapshot,
                payment_id=request.payment_id,
                order_id=request.order_id,
                created_at=self._clock.now(),
                captures_by_itself=request.capture_method is CaptureMethod.AUTOMATIC,
                payer=request.payer,
            )
        )
        self._say("payment.created", reference)
        if request.instrument is not None:
            return self._confirm(reference, request.instrument, request.return_url)
        return snapshot

    def _confirm(self, reference: str, instrument: Instrument, return_url: str | None) -> PaymentSnapshot:
        held = replace(self._held(reference), tried=instrument)
        if not held.is_payable:
            return held.snapshot
        token = self.customers.behind(held.payer, instrument)
        held = replace(held, snapshot=replace(held.snapshot, method=method_of(token)))
        if token in DECLINES:
            return self._decline(held, *DECLINES[token])
        if token in ASKS_BANK:
            return self._move(
                held, PaymentState.AWAITING_ACTION, next_action=held.at_the_bank(return_url, self.provider)
            )
        if token in TAKES_DAYS:
            return self._move(held, PaymentState.PROCESSING, next_action=NextAction(kind=NextActionKind.WAIT))
        return self._authorize(replace(held, refunds_stay_pending=token in REFUNDS_SLOWLY))

    def _authorize(self, held: HeldPayment) -> PaymentSnapshot:
        self.customers.paid(held.payer, held.tried)
        if held.takes_money_at_once:
            return self._move(held, PaymentState.CAPTURED, received=held.snapshot.amount)
        return self._move(held, PaymentState.AUTHORIZED)

    def _decline(self, held: HeldPayment, code: str, reason: DeclineReason) -> PaymentSnapshot:
        secret = held.snapshot.client_secret
        again = NextAction(kind=NextActionKind.IN_PAGE, provider=self.provider, payload=secret)
        decline = Decline(reason=reason, code=code)
        held = replace(held, snapshot=replace(held.snapshot, method=None))
        return self._move(held, PaymentState.AWAITING_METHOD, next_action=again, decline=decline)

    def _capture(self, reference: str, amount: Money) -> PaymentSnapshot:
        held = self._held(reference)
        if held.snapshot.state is not PaymentState.AUTHORIZED:
            return held.snapshot
        if held.snapshot.amount < amount:
            raise Rejected("amount_too_large")
        return self._move(held, PaymentState.CAPTURED, received=amount)

    def _void(self, reference: str) -> PaymentSnapshot:
        held = self._held(reference)
        return self._move(held, PaymentState.VOIDED) if held.can_be_voided else held.snapshot

    def _refund(self, reference: str, refund_id: RefundId | None, amount: Money) -> RefundSnapshot:
        held = self._held(reference)
        left = held.snapshot.received.minor - held.refunded_minor
        if not 0 < amount.minor <= left:
            raise Rejected("amount_too_large")
        if held.disputed_minor:
            raise Rejected("charge_disputed")
        state = RefundState.PENDING if held.refunds_stay_pending else RefundState.SUCCEEDED
        refund = RefundSnapshot(reference=self._clock.new_id("simref"), state=state, amount=amount)
        made = HeldRefund(refund_id=refund_id, created_at=self._clock.now(), snapshot=refund)
        self._keep(replace(held, refunds=(*held.refunds, made)))
        self._say(f"refund.{state.value}", reference, Subject.REFUND)
        return refund

    def _move(
        self,
        held: HeldPayment,
        state: PaymentState,
        *,
        received: Money | None = None,
        next_action: NextAction | None = None,
        decline: Decline | None = None,
    ) -> PaymentSnapshot:
        snapshot = replace(
            held.snapshot,
            state=state,
            received=received or held.snapshot.received,
            next_action=next_action,
            decline=decline,
        )
        self._keep(replace(held, snapshot=snapshot))
        self._say("payment.declined" if decline else f"payment.{state.value}", snapshot.reference)
        return snapshot

    def _held(self, reference: str) -> HeldPayment:
        try:
            return self._payments[reference]
        except KeyError:
            raise Rejected("no_such_payment") from None

    def _keep(self, held: HeldPayment) -> None:
        self._payments[held.snapshot.reference] = held

    def _is(self, reference: str, *states: PaymentState) -> bool:
        return self._held(reference).snapshot.state in states

    def _say(self, event_type: str, reference: str, about: Subject = Subject.PAYMENT) -> None:
        if self._tell is None:
            return
        self._tell(
            ProviderEvent(
                event_id=self._clock.new_id("simevt"),
                event_type=event_type,
                payment_reference=reference,
                about=about,
            )
        )
