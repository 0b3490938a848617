"""The main stories, each played by one shopper with nobody else about, so that one call at a time can be
broken.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import Any, Final

from application.request_refund import RefundRequest
from domain.errors import OrderNotPayable
from domain.identifiers import RefundId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, PaymentState
from domain.refund import RefundedLine
from domain.shop import ShopRules
from tests.simulation.faults import Faults
from tests.simulation.goods import shelves, stock_up
from tests.simulation.operators import Banks, Operator
from tests.simulation.playing import Played, played, quiet
from tests.simulation.shoppers import ASKS_BANK, LACKS_FUNDS, TAKES_DAYS, WORKS, Shopper
from tests.simulation.world import World

_SEED: Final = 1
# Long after the time to pay, and some looks at the provider later.
_LONG_SECONDS: Final = 5 * 3_600.0
# By then a provider that tells later has done so.
_MONEY_IS_TAKEN_SECONDS: Final = 1_000.0


async def pays_by_card(shopper: Shopper) -> None:
    await _offers(shopper, await shopper.orders_in_steps(), WORKS)


async def pays_with_3d_secure(shopper: Shopper) -> None:
    """The bank asks, the shopper says yes, and comes back."""
    facts = await shopper.orders_in_steps()
    await _offers(shopper, facts, ASKS_BANK)
    payment = await shopper.payment_in(facts, PaymentState.AWAITING_ACTION)
    assert payment is not None
    assert payment.reference is not None
    await shopper.wait(5, 5)
    shopper.world.provider.complete_authentication(payment.reference)
    await shopper.comes_back(facts.order.id, payment)


async def pays_by_debit(shopper: Shopper) -> None:
    """The bank pays long after the time to pay."""
    facts = await shopper.orders_in_steps()
    await _offers(shopper, facts, TAKES_DAYS)
    payment = await shopper.payment_in(facts, PaymentState.PROCESSING)
    assert payment is not None
    assert payment.reference is not None
    await shopper.wait(_LONG_SECONDS, _LONG_SECONDS)
    shopper.world.provider.settle(payment.reference)


async def calls_off_a_debit(shopper: Shopper) -> None:
    """Too late to stop it: it is paid long after, and goes back."""
    facts = await shopper.orders_in_steps()
    await _offers(shopper, facts, TAKES_DAYS)
    payment = await shopper.payment_in(facts, PaymentState.PROCESSING)
    assert payment is not None
    assert payment.reference is not None
    await shopper.cancels(facts.order.id, ClosingReason.SHOPPER)
    await shopper.wait(_LONG_SECONDS, _LONG_SECONDS)
    shopper.world.provider.settle(payment.reference)


async def is_declined_and_takes_another_card(shopper: Shopper) -> None:
    facts = await shopper.orders_in_steps()
    await _offers(shopper, facts, LACKS_FUNDS)
    await shopper.wait(60, 60)
    await _offers(shopper, facts, WORKS)


async def walks_away(shopper: Shopper) -> None:
    await shopper.orders_in_steps()


async def gets_everything_back(shopper: Shopper) -> None:
    """Pays, sends all of it back, and gets the money; the goods return to the shelf."""
    facts = await shopper.orders_in_steps()
    await _offers(shopper, facts, WORKS)
    await shopper.wait(_MONEY_IS_TAKEN_SECONDS, _MONEY_IS_TAKEN_SECONDS)
    await shopper.looks_until_over(facts)
    request = RefundRequest(
        order_id=facts.order.id,
        refund_id=RefundId(shopper.world.clock.new_id("ref")),
        restock=tuple(RefundedLine(line_id=line.id, quantity=line.quantity) for line in facts.order.lines),
    )
    await shopper.ask("refund", lambda app: app.request_refund(request))


async def _offers(shopper: Shopper, facts: OrderFacts, card: Instrument) -> None:
    """A repeat may find that the first was heard after all."""
    with suppress(OrderNotPayable):
        await shopper.tries(facts, card)


Story = Callable[[Shopper], Coroutine[Any, Any, None]]

# What becomes of the order, and how much of its total the provider keeps in the end.
ENDS: Final[dict[Story, tuple[OrderState, int]]] = {
    pays_by_card: (OrderState.COMPLETED, 1),
    pays_with_3d_secure: (OrderState.COMPLETED, 1),
    pays_by_debit: (OrderState.COMPLETED, 1),
    calls_off_a_debit: (OrderState.CANCELLED, 0),
    is_declined_and_takes_another_card: (OrderState.COMPLETED, 1),
    walks_away: (OrderState.EXPIRED, 0),
    gets_everything_back: (OrderState.COMPLETED, 0),
}


def play_story(story: Story, faults: Faults, *, tells_later: bool = False) -> Played:
    """From the first click until all is settled, whatever the one fault was; with either kind of provider."""

    async def visit(world: World) -> None:
        await stock_up(world, shelves(last_pieces=1))
        world.start()
        shopper = Shopper("shopper", world, Random(_SEED), 0)
        world.clients = [shopper]
        await world.begin(story(shopper))
        operator = Operator("operator", world, Random(_SEED), 0)
        await quiet(world, Banks(world, Random(_SEED), 0), operator)

    return played(_SEED, faults, ShopRules(), visit, tells_later=tells_later)


def unexpected(story: Story, ended: Played) -> list[str]:
    """Where the story ended otherwise than it does in calm weather."""
    (record,) = ended.world.storage.orders.values()
    state, keeps = ENDS[story]
    order = record.facts.order
    kept = sum(ended.world.provider.held_minor(payment.id) for payment in record.facts.payments)
    found = [f"the order is {order.state.value}"] if order.state is not state else []
    return [*found, *([f"{kept} is kept"] if kept != keeps * order.total.minor else [])]
