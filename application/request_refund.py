"""Story: money goes back to the shopper. Its row and its key exist before the provider is asked."""

from dataclasses import dataclass

from application.advance_order import AdvanceOrder
from domain.giving_back import RefundChoice, refund_asked
from domain.identifiers import OrderId, RefundId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.refund import RefundedLine
from ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Nothing chosen means everything that is left.

    Either an `amount`, spread over what is left; or pieces of `lines` and the `delivery`, each with its tax.
    `restock` names the pieces that go back to stock: a decision apart from the money's.
    """

    order_id: OrderId
    refund_id: RefundId
    amount: Money | None = None
    lines: tuple[RefundedLine, ...] = ()
    delivery: bool = False
    restock: tuple[RefundedLine, ...] = ()
    note: str | None = None


class RequestRefund:
    """Idempotent by `refund_id`: asking again changes nothing."""

    def __init__(self, advance: AdvanceOrder, clock: Clock) -> None:
        self._advance = advance
        self._clock = clock

    async def __call__(self, request: RefundRequest) -> OrderFacts:
        """Before the capture everything is a void: the order is cancelled, and no refund comes of it.

        Raises UnknownOrder, RefundExceedsBalance, PaymentNotCaptured for a part of what was not taken yet,
        PaymentDisputed, UnknownLine, TooManyPieces, CurrencyMismatch, and FieldRefused for an amount with
        lines.
        """
        return await self._advance.record(request.order_id, lambda facts: self._asked(facts, request))

    def _asked(self, facts: OrderFacts, request: RefundRequest) -> OrderFacts:
        choice = RefundChoice(amount=request.amount, lines=request.lines, delivery=request.delivery)
        now = self._clock.now()
        return refund_asked(
            facts, request.refund_id, choice, restock=request.restock, note=request.note, now=now
        )
