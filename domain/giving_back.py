"""What somebody asks to be given back, and what the order makes of it: a refund, a void, or a smaller order.

Each is asked for under an id of its own; asking again under it changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.attempt import Operation
from domain.errors import (
    CurrencyMismatch,
    FieldRefused,
    NothingLeftToShip,
    PaymentDisputed,
    PaymentNotCaptured,
    ShortageTooLate,
    TooManyPieces,
    UnknownLine,
)
from domain.events import EventKind
from domain.identifiers import RefundId, ShortageId
from domain.money import Money, require_chargeable, total_of
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.refund import (
    Refund,
    RefundedLine,
    RefundReason,
    RefundState,
    Share,
    require_refundable,
)
from domain.remainder import Remainder
from domain.reservation import ReservationState
from domain.shop import CaptureMethod
from domain.shortage import Shortage
from domain.values import replace, value


@value
class RefundChoice:
    """Nothing chosen is everything that is left; otherwise an amount, or pieces of lines and the delivery."""

    amount: Money | None = None
    lines: tuple[RefundedLine, ...] = ()
    delivery: bool = False

    @property
    def is_everything(self) -> bool:
        return self.amount is None and not self.lines and not self.delivery

    def worth(self, left: Remainder, balance: Money) -> tuple[Money, tuple[Share, ...]]:
        """The amount, and the parts of the sale that it takes back.

        `balance` differs from what is `left` of the sale only where another sum than agreed was captured.
        """
        if self.amount is not None:
            if self.lines or self.delivery:
                raise FieldRefused(path="/amount", rule="left out where lines or the delivery are chosen")
            return self.amount, left.spread(min(self.amount, left.amount))
        if self.lines or self.delivery:
            shares = left.of_lines(self.lines, "/lines") + (left.delivery() if self.delivery else ())
            return total_of((share.amount for share in shares), left.currency), shares
        return balance, left.spread(balance, with_pieces=True) if balance < left.amount else left.everything()


def refundable_of(facts: OrderFacts) -> Money:
    """What can still be given back: captured, less refunds that did not fail. Zero while money is disputed,
    and for an order that ended unpaid, whose money goes back by itself.
    """
    payment = facts.live_payment
    if payment is None or not _is_captured(facts, payment) or is_disputed(facts, payment):
        return Money.zero(facts.order.total.currency)
    return facts.sale.refundable(payment)


def is_disputed(facts: OrderFacts, payment: Payment) -> bool:
    """The bank may give, or has given, the shopper this money: a refund would pay it twice."""
    return any(dispute.bars_refunds and dispute.payment_id == payment.id for dispute in facts.disputes)


def goes_back_by_itself(facts: OrderFacts, payment: Payment) -> bool:
    """Not where it failed to or can't, nor while a bank has the money in hand: that is for a person."""
    if payment.method is not None and not payment.method.refundable:
        return False
    failed = any(refund.state is RefundState.FAILED for refund in facts.sale.refunds_of(payment))
    return not failed and not is_disputed(facts, payment)


def refund_asked(
    facts: OrderFacts,
    refund_id: RefundId,
    choice: RefundChoice,
    *,
    restock: tuple[RefundedLine, ...],
    note: str | None,
    now: datetime,
) -> OrderFacts:
    """The order with the refund, which reserves its amount; before the capture, the order called off.

    Raises PaymentNotCaptured, PaymentDisputed, RefundExceedsBalance, CurrencyMismatch, UnknownLine,
    TooManyPieces and FieldRefused.
    """
    if any(refund.id == refund_id for refund in facts.refunds):
        return facts
    payment = facts.live_payment
    if payment is None or not _is_captured(facts, payment):
        return _voided(facts, choice, now)
    if is_disputed(facts, payment):
        raise PaymentDisputed(order_id=facts.order.id)
    _require_amount(choice, facts)
    _require_out(facts, restock, "/restock")
    amount, shares = choice.worth(facts.sale.left(), facts.sale.refundable(payment))
    require_refundable(amount, payment.captured, facts.sale.refunds_of(payment))
    refund = Refund(
        id=refund_id,
        payment_id=payment.id,
        amount=amount,
        state=RefundState.REQUESTED,
        reason=RefundReason.REQUESTED,
        created_at=now,
        shares=shares,
        restocked=restock,
        note=note,
    )
    return facts.refund_requested(refund)


def shortage_told(
    facts: OrderFacts,
    shortage_id: ShortageId,
    lines: Sequence[RefundedLine],
    *,
    written_off: bool,
    note: str | None,
    now: datetime,
) -> OrderFacts:
    """The order without these pieces: less is captured.

    Raises ShortageTooLate once the money is taken or on its way, NothingLeftToShip when no piece, or nothing
    to pay, would remain, UnknownLine and TooManyPieces.
    """
    if any(shortage.id == shortage_id for shortage in facts.shortages):
        return facts
    if (why := _why_too_late(facts)) is not None:
        raise ShortageTooLate(order_id=facts.order.id, state=why)
    shippable = facts.sale.shippable()
    shares = shippable.of_lines(lines, "/lines")
    remains = shippable.without(shares)
    if not remains.pieces or not remains.amount:
        raise NothingLeftToShip(order_id=facts.order.id)
    shortage = Shortage(id=shortage_id, shares=shares, written_off=written_off, reported_at=now, note=note)
    return _without(facts, shortage)


def _without(facts: OrderFacts, shortage: Shortage) -> OrderFacts:
    """The order becomes smaller; what was held of it leaves the hold in the same commit."""
    facts = replace(facts, shortages=(*facts.shortages, shortage))
    facts = facts.told(EventKind.SHORTAGE_REPORTED, shortage.reported_at, shortage.id)
    hold = facts.reservation
    if hold is None or not hold.holds_goods:
        return facts
    sold = hold.state is ReservationState.CONFIRMED
    return facts.returned(shortage.pieces, sold=sold, written_off=shortage.written_off)


def _voided(facts: OrderFacts, choice: RefundChoice, now: datetime) -> OrderFacts:
    if choice.is_everything:
        return facts.closed(ClosingReason.MERCHANT, now)
    payment = facts.live_payment
    state = facts.order.state if facts.order.is_closed_unpaid or payment is None else payment.state
    raise PaymentNotCaptured(order_id=facts.order.id, state=state.value)


def _is_captured(facts: OrderFacts, payment: Payment) -> bool:
    return payment.state is PaymentState.CAPTURED and not facts.order.is_closed_unpaid


def _require_amount(choice: RefundChoice, facts: OrderFacts) -> None:
    expected = facts.order.total.currency.code
    if choice.amount is not None and choice.amount.currency.code != expected:
        found = choice.amount.currency.code
        raise CurrencyMismatch(expected=expected, found=found, path="/amount/currency")
    if choice.amount is not None:
        require_chargeable(choice.amount, "/amount/minor")


def _require_out(facts: OrderFacts, lines: Sequence[RefundedLine], path: str) -> None:
    """A piece that was sold goes back to stock at most once."""
    out = facts.sale.pieces_out()
    for index, line in enumerate(lines):
        if line.line_id not in out:
            raise UnknownLine(path=f"{path}/{index}/line_id", line_id=line.line_id)
        if not 0 < line.quantity <= out[line.line_id]:
            where = f"{path}/{index}/quantity"
            raise TooManyPieces(path=where, line_id=line.line_id, left=out[line.line_id])
        out[line.line_id] -= line.quantity


def _why_too_late(facts: OrderFacts) -> str | None:
    """Why the sum to capture stands fast; None while it can still be made smaller."""
    payment = facts.live_payment
    if facts.order.state is not OrderState.OPEN:
        state: str = facts.order.state.value
        return state
    if facts.order.capture_method is CaptureMethod.AUTOMATIC:
        return "automatic_capture"
    if payment is not None and payment.state is PaymentState.CAPTURED:
        return "captured"
    if payment is not None and payment.arrives_by is not None:
        return "on_its_way"
    return "capturing" if any(a.operation is Operation.CAPTURE for a in facts.attempts) else None
