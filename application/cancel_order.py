"""Story: an order is called off before it is paid."""

from dataclasses import dataclass

from application.advance_order import AdvanceOrder
from domain.errors import OrderAlreadyPaid
from domain.identifiers import OrderId
from domain.order import ClosingReason
from domain.order_facts import OrderFacts
from ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """`reason` says who called it off: the shopper or the merchant."""

    order_id: OrderId
    reason: ClosingReason
    token_hash: str | None = None


class CancelOrder:
    """Repeating it changes nothing.

    The payment is stopped and the goods are released; money that arrives goes back.
    """

    def __init__(self, advance: AdvanceOrder, clock: Clock) -> None:
        self._advance = advance
        self._clock = clock

    async def __call__(self, cancellation: Cancellation) -> OrderFacts:
        """Raises UnknownOrder, and OrderAlreadyPaid once money was captured: that would have to be a
        refund.
        """

        def closed(facts: OrderFacts) -> OrderFacts:
            facts.order.require_token(cancellation.token_hash)
            if facts.live_payment is not None and facts.live_payment.has_collected:
                raise OrderAlreadyPaid(order_id=facts.order.id)
            return facts.closed(cancellation.reason, self._clock.now())

        return await self._advance.record(cancellation.order_id, closed)
