"""Story: a server (or a client that has no provider's form) pays an order with the provider's token for a
card.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.advance_order import AdvanceOrder
from domain.attempt import AttemptState, Operation
from domain.errors import OrderNotPayable
from domain.identifiers import OrderId, ReturnId
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from domain.shop import ShopRules
from ports.clock import Clock
from ports.errors import Unavailable

_SHORTEST_WAIT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTry:
    order_id: OrderId
    instrument: Instrument
    return_url: str | None = None
    token_hash: str | None = None


class ConfirmPayment:
    """A decline is no error: it stands in the payment that comes back, and the order stays payable."""

    def __init__(self, advance: AdvanceOrder, clock: Clock, rules: ShopRules) -> None:
        self._advance = advance
        self._clock = clock
        self._rules = rules

    async def __call__(self, attempt: PaymentTry) -> OrderFacts:
        """Raises UnknownOrder; OrderNotPayable when the order is over or a payment is at work; and
        Unavailable while the provider, which was away, has nothing yet that could be paid.
        """

        new_return_id = ReturnId(self._clock.new_secret())

        def offered(facts: OrderFacts) -> OrderFacts:
            facts.order.require_token(attempt.token_hash)
            now = self._clock.now()
            facts.order.require_payable(now)
            live = facts.live_payment
            _require_begun(facts, live, now)
            if live is None or not live.takes_instruments:
                raise OrderNotPayable(
                    order_id=facts.order.id, state=live.state.value if live else "no_payment"
                )
            url = attempt.return_url or facts.order.origin.return_url
            return facts.instrument_offered(
                live.id, attempt.instrument, url, self._rules, now, return_id=new_return_id
            )

        return await self._advance.record(attempt.order_id, offered)


def _require_begun(facts: OrderFacts, live: Payment | None, now: datetime) -> None:
    """Raises Unavailable for a payment that certainly doesn't exist at the provider, with the time until it
    is asked again. One that may exist is waited for like any other that is at work.
    """
    if live is None or live.state is not PaymentState.NEW:
        return
    attempt = facts.open_attempt(Operation.CREATE_PAYMENT, live.id)
    if attempt is not None and attempt.state in (AttemptState.UNAVAILABLE, AttemptState.SPENT):
        wait = max(attempt.due_at - now, _SHORTEST_WAIT)
        raise Unavailable("payment_not_begun", retry_after_seconds=-(-wait // timedelta(seconds=1)))
