"""A payment provider in memory that behaves like one: keys replay, cards decline, banks ask, money is
counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Final, TypeVar, cast

from adapters.in_memory.faults import Fault, Moment, no_fault
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
from domain.values import replace, value
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected
from ports.payments import PaymentRequest

__all__ = ["Fault", "InMemoryPaymentGateway", "Moment"]

# The names are those of Stripe's published test cards, so that a story runs against either.
_DECLINES: Final = {
    "pm_card_visa_chargeDeclined": ("generic_decline", DeclineReason.NOT_ACCEPTED),
    "pm_card_chargeDeclined": ("generic_decline", DeclineReason.NOT_ACCEPTED),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
    "pm_card_visa_chargeDeclinedLostCard": ("lost_card", DeclineReason.NOT_ACCEPTED),
    "pm_card_visa_chargeDeclinedStolenCard": ("stolen_card", DeclineReason.NOT_ACCEPTED),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", DeclineReason.INSTRUMENT_EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", DeclineReason.DETAILS_INCORRECT),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", DeclineReason.TRY_AGAIN),
}
_REFUNDS_SLOWLY: Final = frozenset({"pm_card_pendingRefund"})
_WORKS: Final = frozenset({"pm_card_visa", "pm_card_mastercard", "pm_card_refundFail"}) | _REFUNDS_SLOWLY
_ASKS_BANK: Final = frozenset({"pm_card_threeDSecure2Required", "pm_card_authenticationRequired"})
_TAKES_DAYS: Final = frozenset({"pm_usBankAccount_success", "pm_sepaDebit"})
_KNOWN: Final = _DECLINES.keys() | _WORKS | _ASKS_BANK | _TAKES_DAYS
_PAYABLE: Final = frozenset(
    {PaymentState.AWAITING_METHOD, PaymentState.AWAITING_CONFIRMATION, PaymentState.AWAITING_ACTION}
)
_UNFINISHED: Final = _PAYABLE | {PaymentState.PROCESSING, PaymentState.AUTHORIZED}

S = TypeVar("S", PaymentSnapshot, RefundSnapshot)


@value
class _Held:
    """What the provider holds of one payment."""

    snapshot: PaymentSnapshot
    payment_id: PaymentId
    created_at: datetime
    captures_by_itself: bool
    refunds: dict[RefundId, RefundSnapshot] = field(default_factory=dict)
    dispute: DisputeSnapshot | None = None
    refunds_stay_pending: bool = False

    @property
    def refunded_minor(self) -> int:
        return sum(r.amount.minor for r in self.refunds.values() if r.state is not RefundState.FAILED)

    @property
    def disputed_minor(self) -> int:
        return self.dispute.amount.minor if self.dispute is not None and self.dispute.withdrawn else 0


class InMemoryPaymentGateway:
    """Implements `ports.payments.PaymentGateway`; the rest is for whoever plays the shopper's bank."""

    provider = "simulated"

    def __init__(self, clock: Clock, fault: Fault = no_fault) -> None:
        self._clock = clock
        self._fault = fault
        self._payments: dict[str, _Held] = {}
        self._answers: dict[AttemptId, tuple[object, PaymentSnapshot | RefundSnapshot]] = {}

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
        return self._held(reference).refunds.get(refund_id)

    async def refunds(self, reference: str) -> Mapping[RefundId, RefundSnapshot]:
        self._fault("refunds", "before")
        return self._held(reference).refunds

    async def disputes(self, reference: str) -> tuple[DisputeSnapshot, ...]:
        self._fault("disputes", "before")
        dispute = self._held(reference).dispute
        return (dispute,) if dispute is not None else ()

    # What only the shopper's bank can do, or see.

    def complete_authentication(self, reference: str) -> None:
        """The shopper said yes at the bank."""
        self._authorize(self._held(reference))

    def fail_authentication(self, reference: str) -> None:
        """The shopper said no at the bank, or nothing."""
        self._decline(
            self._held(reference),
            "payment_intent_authentication_failure",
            DeclineReason.AUTHENTICATION_FAILED,
        )

    def settle(self, reference: str) -> None:
        """A payment that took days has arrived."""
        self._authorize(self._held(reference))

    def end_refund(self, reference: str, refund_id: RefundId, state: RefundState) -> None:
        """The bank has taken the refund, or sent it back."""
        held = self._held(reference)
        ended = replace(held.refunds[refund_id], state=state)
        self._keep(replace(held, refunds={**held.refunds, refund_id: ended}))

    def dispute(self, reference: str, state: DisputeState) -> None:
        """The bank asks (INQUIRY), takes what is left of the payment (OPEN), or decides."""
        held = self._held(reference)
        left = held.snapshot.received.minor - held.refunded_minor
        before = held.dispute or DisputeSnapshot(
            reference=self._clock.new_id("simdsp"),
            state=state,
            amount=Money(minor=left, currency=held.snapshot.amount.currency),
            withdrawn=False,
        )
        withdrawn = state in (DisputeState.OPEN, DisputeState.LOST)
        self._keep(replace(held, dispute=replace(before, state=state, withdrawn=withdrawn)))

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
        if request.instrument is not None:
            _require_known(request.instrument)
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
            _Held(
                snapshot=snapshot,
                payment_id=request.payment_id,
                created_at=self._clock.now(),
                captures_by_itself=request.capture_method is CaptureMethod.AUTOMATIC,
            )
        )
        if request.instrument is not None:
            return self._confirm(reference, request.instrument, request.return_url)
        return snapshot

    def _confirm(self, reference: str, instrument: Instrument, return_url: str | None) -> PaymentSnapshot:
        held, token = self._held(reference), instrument.token
        if held.snapshot.state not in _PAYABLE:
            return held.snapshot
        _require_known(instrument)
        if token in _DECLINES:
            return self._decline(held, *_DECLINES[token])
        if token in _ASKS_BANK:
            return self._move(held, PaymentState.AWAITING_ACTION, next_action=_ask_bank(held, return_url))
        if token in _TAKES_DAYS:
            return self._move(held, PaymentState.PROCESSING, next_action=NextAction(kind=NextActionKind.WAIT))
        return self._authorize(replace(held, refunds_stay_pending=token in _REFUNDS_SLOWLY))

    def _authorize(self, held: _Held) -> PaymentSnapshot:
        if held.captures_by_itself:
            return self._move(held, PaymentState.CAPTURED, received=held.snapshot.amount)
        return self._move(held, PaymentState.AUTHORIZED)

    def _decline(self, held: _Held, code: str, reason: DeclineReason) -> PaymentSnapshot:
        secret = held.snapshot.client_secret
        again = NextAction(kind=NextActionKind.IN_PAGE, provider=self.provider, payload=secret)
        decline = Decline(reason=reason, code=code)
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
        if held.snapshot.state not in _UNFINISHED:
            return held.snapshot
        return self._move(held, PaymentState.VOIDED)

    def _refund(self, reference: str, refund_id: RefundId, amount: Money) -> RefundSnapshot:
        held = self._held(reference)
        left = held.snapshot.received.minor - held.refunded_minor
        if not 0 < amount.minor <= left:
            raise Rejected("amount_too_large")
        if held.disputed_minor:
            raise Rejected("charge_disputed")
        state = RefundState.PENDING if held.refunds_stay_pending else RefundState.SUCCEEDED
        refund = RefundSnapshot(reference=self._clock.new_id("simref"), state=state, amount=amount)
        self._keep(replace(held, refunds={**held.refunds, refund_id: refund}))
        return refund

    def _move(
        self,
        held: _Held,
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
        return snapshot

    def _held(self, reference: str) -> _Held:
        try:
            return self._payments[reference]
        except KeyError:
            raise Rejected("no_such_payment") from None

    def _keep(self, held: _Held) -> None:
        self._payments[held.snapshot.reference] = held


def _require_known(instrument: Instrument) -> None:
    if instrument.token not in _KNOWN:
        raise Rejected("no_such_payment_method")


def _ask_bank(held: _Held, return_url: str | None) -> NextAction:
    if return_url is None:
        secret = held.snapshot.client_secret
        return NextAction(
            kind=NextActionKind.IN_PAGE, provider=InMemoryPaymentGateway.provider, payload=secret
        )
    return NextAction(kind=NextActionKind.REDIRECT, url=return_url)
