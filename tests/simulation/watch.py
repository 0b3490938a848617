"""What must hold at every moment, not only at the end: asked when an order is committed, and when a vendor is
asked for something.
"""

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from adapters.in_memory.storage import OrderRecord
from domain.order import OrderState
from domain.payment import PaymentState
from domain.reservation import ReservationState
from tests.simulation.process import is_defect

if TYPE_CHECKING:
    from tests.simulation.world import World

ATTEMPT_FIRST: Final = "no vendor is asked for an effect before its attempt is committed"
NOTHING_OVERWRITTEN: Final = "nobody's write to an order is overwritten"
STOCK_BEFORE_MONEY: Final = "money is captured for confirmed goods only"
GOODS_KEPT: Final = "goods are released only when no money can come for them"
CAPTURED_STAYS: Final = "what was captured stays captured, or is known to have failed"
REFUNDS_COVERED: Final = "no more is given back than was captured"
STATES_STAND: Final = "an order that ended stays as it ended, but for late money"
NO_DEFECT: Final = "no story ends in a defect"

MAY_BECOME: Final = {
    OrderState.OPEN: frozenset(OrderState),
    OrderState.EXPIRED: frozenset({OrderState.EXPIRED, OrderState.COMPLETED, OrderState.CANCELLED}),
    OrderState.COMPLETED: frozenset({OrderState.COMPLETED}),
    OrderState.CANCELLED: frozenset({OrderState.CANCELLED}),
}
_CAN_STILL_PAY: Final = frozenset(
    {
        PaymentState.AWAITING_METHOD,
        PaymentState.AWAITING_CONFIRMATION,
        PaymentState.AWAITING_ACTION,
        PaymentState.PROCESSING,
        PaymentState.AUTHORIZED,
    }
)


class Watch:
    """Collects what it saw go wrong, by the invariant that was broken."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._attempts: set[str] = set()
        self.violations: dict[str, list[str]] = defaultdict(list)

    def order_written(self, before: OrderRecord | None, after: OrderRecord) -> None:
        facts = after.facts
        self._attempts.update(attempt.id for attempt in facts.attempts)
        self._tell_history(before, after)
        if before is None or before.facts is facts:
            return
        if facts.order.version != before.facts.order.version + 1:
            self._broken(
                NOTHING_OVERWRITTEN,
                f"{facts.order.id}: {facts.order.version} over {before.facts.order.version}",
            )
        if facts.order.state not in MAY_BECOME[before.facts.order.state]:
            self._broken(
                STATES_STAND, f"{facts.order.id}: {before.facts.order.state} became {facts.order.state}"
            )
        known = {payment.id: payment.ever_captured for payment in before.facts.payments}
        for payment in facts.payments:
            if payment.id in known and payment.ever_captured < known[payment.id]:
                self._broken(CAPTURED_STAYS, f"{facts.order.id}: {payment.id}")
            refunds = [r for r in facts.refunds if r.payment_id == payment.id and r.takes_balance]
            if refunds and sum(refund.amount.minor for refund in refunds) > payment.ever_captured.minor:
                self._broken(REFUNDS_COVERED, f"{facts.order.id}: {payment.id}")
        self._check_release(before, after)

    def vendor_is_asked(self, operation: str, args: tuple[Any, ...], key: str) -> None:
        """`args` are those of the gateway's method, `key` the last of them."""
        # What an attempt brings with it has a key made of the attempt's.
        if key not in self._attempts and key.rpartition(".")[0] not in self._attempts:
            self._broken(ATTEMPT_FIRST, f"{operation} under {key}")
        if operation != "capture":
            return
        # A runner that slept through its lease may ask for what can't happen any more.
        storage, provider = self._world.storage, self._world.provider
        if not any(
            payment.snapshot.reference == args[0] and payment.snapshot.state is PaymentState.AUTHORIZED
            for payment in provider.everything()
        ):
            return
        order_id = storage.order_of_payment.get((provider.provider, args[0]))
        hold = storage.orders[order_id].facts.reservation if order_id else None
        if hold is None or hold.state is not ReservationState.CONFIRMED:
            self._broken(STOCK_BEFORE_MONEY, f"{order_id}: {hold.state if hold else 'no hold'}")

    def story_failed(self, what: str, error: BaseException) -> None:
        """A story ended with this; expected refusals are no defects."""
        if is_defect(error):
            self._world.history("", "DEFECT", what, repr(error))
            self._broken(NO_DEFECT, f"{what}: {error!r}")

    def _check_release(self, before: OrderRecord, after: OrderRecord) -> None:
        held, hold = before.facts.reservation, after.facts.reservation
        if held is None or hold is None or not held.holds_goods:
            return
        # A service may lose what it holds at any time; and of an order that was cancelled, a doubtful hold is
        # seen through by releasing it.
        if hold.state is not ReservationState.RELEASED or hold.service is not None:
            return
        # One that arrives when it was looked for already is unknown yet, and will be found. By what is held
        # after a capture failed, or besides, nobody pays.
        known = {payment.reference for payment in after.facts.payments if not payment.failed}
        for payment in self._world.provider.everything():
            reference, state = payment.snapshot.reference, payment.snapshot.state
            if reference in known and state in _CAN_STILL_PAY and not payment.snapshot.holds_stray:
                self._broken(GOODS_KEPT, f"{after.facts.order.id}: {reference} is {state.value}")

    def _tell_history(self, before: OrderRecord | None, after: OrderRecord) -> None:
        """The order's own timeline is the best part of the history."""
        for event in after.events[len(before.events) if before else 0 :]:
            self._world.history(after.facts.order.id, event.kind.value, event.subject_id, event.detail or "")

    def _broken(self, invariant: str, how: str) -> None:
        self._world.history("", "BROKEN", invariant, how)
        self.violations[invariant].append(how)
