"""A payment provider in memory that takes things on and tells later what came of them, as Adyen does."""

from collections import deque
from collections.abc import Callable
from typing import Final

from adapters.in_memory.faults import Fault, no_fault
from adapters.in_memory.held_payments import HeldPayment
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.payment_webhooks import ProviderEvent
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import PaymentSnapshot, PaymentState
from domain.refund import RefundSnapshot, RefundState
from domain.values import replace, value
from ports.clock import Clock
from ports.errors import Rejected
from ports.payments import Subject

_CAPTURE: Final = "capture"
_VOID: Final = "void"


@value
class TakenOn:
    """`amount` of a capture, `refund_id` of a refund."""

    operation: str
    reference: str
    amount: Money | None = None
    refund_id: RefundId | None = None


class LateInMemoryPaymentGateway(InMemoryPaymentGateway):
    """Implements `ports.payments.PaymentGateway`: captures and voids of authorized money, and refunds, wait
    until `carry_out`, which whoever plays the provider calls.
    """

    can_be_asked = False

    def __init__(
        self,
        clock: Clock,
        fault: Fault = no_fault,
        tell: Callable[[ProviderEvent], None] = lambda event: None,
        taken_on: Callable[[], None] = lambda: None,
    ) -> None:
        """`taken_on` hears of each thing that has to be carried out."""
        super().__init__(clock, fault, tell)
        self._waiting: deque[TakenOn] = deque()
        self._taken_on = taken_on

    @property
    def waiting(self) -> int:
        """How much there is to carry out."""
        return len(self._waiting)

    def carry_out(self, *, fails: bool = False) -> str:
        """The next thing that was taken on is done, or `fails`; it is told either way. Answers with the
        reference of the payment.
        """
        task = self._waiting.popleft()
        if task.refund_id is not None:
            state = RefundState.FAILED if fails else RefundState.SUCCEEDED
            self.end_refund(task.reference, task.refund_id, state)
            return task.reference
        held = self._held(task.reference)
        self._keep(replace(held, snapshot=replace(held.snapshot, is_changing=False)))
        if held.snapshot.holds_stray and task.operation == _VOID and not fails:
            self._let_go(held)
        elif fails or held.snapshot.state is not PaymentState.AUTHORIZED:
            self._say(f"{task.operation}.failed", task.reference)
        elif task.amount is not None:
            super()._capture(task.reference, task.amount)
        else:
            super()._void(task.reference)
        return task.reference

    def fail_capture(self, reference: str, amount: Money | None = None) -> None:
        """Money that was captured turns out not to come, days later: all of it, or so much."""
        held = self._held(reference)
        before = held.snapshot
        fails = before.received if amount is None else amount
        ended = PaymentState.VOIDED if held.takes_money_at_once else PaymentState.AUTHORIZED
        after = replace(
            before,
            state=before.state if fails < before.received else ended,
            received=before.received - fails,
            failed=fails if before.failed is None else fails + before.failed,
        )
        self._keep(replace(held, snapshot=after, failed_at=self._clock.now()))
        self._say(f"{_CAPTURE}.failed", reference)

    def authorize_besides(self, reference: str) -> None:
        """Another try is authorized, beside the money or after the payment was voided."""
        held = self._held(reference)
        over = held.snapshot.state is PaymentState.VOIDED
        state = PaymentState.AUTHORIZED if over else held.snapshot.state
        self._keep(replace(held, snapshot=replace(held.snapshot, state=state, holds_stray=True)))
        self._say("payment.authorized", reference)

    def _let_go(self, held: HeldPayment) -> None:
        """Of the payment, what nothing goes by."""
        state = PaymentState.CAPTURED if held.snapshot.received else PaymentState.VOIDED
        after = replace(held.snapshot, state=state, holds_stray=False, is_changing=False)
        self._keep(replace(held, snapshot=after))
        self._say(f"{_VOID}.stray", held.snapshot.reference)

    def _capture(self, reference: str, amount: Money) -> PaymentSnapshot:
        held = self._held(reference)
        if held.snapshot.state is PaymentState.AUTHORIZED and held.snapshot.amount < amount:
            raise Rejected("amount_too_large")
        return self._takes_on(TakenOn(operation=_CAPTURE, reference=reference, amount=amount))

    def _void(self, reference: str) -> PaymentSnapshot:
        stray = self._held(reference).snapshot.holds_stray
        if not stray and not self._is(reference, PaymentState.AUTHORIZED):
            return super()._void(reference)
        return self._takes_on(TakenOn(operation=_VOID, reference=reference))

    def _refund(self, reference: str, refund_id: RefundId | None, amount: Money) -> RefundSnapshot:
        if refund_id is None:
            return super()._refund(reference, None, amount)
        self._keep(replace(self._held(reference), refunds_stay_pending=True))
        refund = super()._refund(reference, refund_id, amount)
        self._queue(TakenOn(operation=Subject.REFUND.value, reference=reference, refund_id=refund_id))
        return refund

    def _takes_on(self, task: TakenOn) -> PaymentSnapshot:
        held = self._held(task.reference)
        stray = held.snapshot.holds_stray and task.operation == _VOID
        if not stray and held.snapshot.state is not PaymentState.AUTHORIZED:
            return held.snapshot
        self._keep(replace(held, snapshot=replace(held.snapshot, is_changing=True)))
        self._queue(task)
        return self._held(task.reference).snapshot

    def _queue(self, task: TakenOn) -> None:
        self._waiting.append(task)
        self._taken_on()
