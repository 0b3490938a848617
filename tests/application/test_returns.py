"""A shopper comes back from the bank: the order goes on, once, and the shopper goes on to the shop."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from application.cancel_order import Cancellation
from application.cart_draft import CartDraft
from application.place_order import Placement
from domain.checkout import Origin
from domain.errors import UnknownReturn
from domain.events import EventKind
from domain.identifiers import OrderId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import NextActionKind
from ports.errors import OutcomeUnknown, PortError, Unavailable
from tests.application.shop import ASKS_BANK, EUR, LACKS_FUNDS, TOTAL_MINOR, WORKS, Shop, draft

BACK = "https://shop.example/back?cart=1"
CANCELLED = "https://shop.example/cancelled"


def address_of(facts: OrderFacts) -> tuple[OrderId, str]:
    """What the bank was given to send the shopper to, taken apart."""
    action = facts.payments[0].next_action
    assert action is not None
    assert action.kind is NextActionKind.REDIRECT
    assert action.url is not None
    order_id, _, return_id = urlsplit(action.url).path.removeprefix("/returns/").partition(".")
    return OrderId(order_id), return_id


async def at_the_bank(shop: Shop) -> OrderFacts:
    return await shop.tries(await shop.placed(), ASKS_BANK, BACK)


def reference_of(facts: OrderFacts) -> str:
    reference = facts.payments[0].reference
    assert reference is not None
    return reference


async def told(shop: Shop, order_id: OrderId) -> int:
    events = shop.storage.orders[order_id].events
    return sum(event.kind is EventKind.SHOPPER_RETURNED for event in events)


async def test_the_order_is_paid_when_the_shopper_is_back_without_any_webhook(shop: Shop) -> None:
    asked = await at_the_bank(shop)
    shop.provider.complete_authentication(reference_of(asked))
    assert await shop.return_from_bank(*address_of(asked)) == BACK
    facts = await shop.facts(asked.order.id)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR


async def test_a_second_use_shows_the_same_way_and_does_nothing(shop: Shop) -> None:
    asked = await at_the_bank(shop)
    assert await shop.return_from_bank(*address_of(asked)) == BACK
    before = await shop.facts(asked.order.id)
    shop.faults.planned.append(("retrieve", "before", AssertionError("nobody is asked")))  # type: ignore[arg-type]
    shop.clock.advance(timedelta(minutes=1))
    assert await shop.return_from_bank(*address_of(asked)) == BACK
    assert await shop.facts(asked.order.id) == before
    assert await told(shop, asked.order.id) == 1


async def test_many_uses_at_once_count_once(shop: Shop) -> None:
    asked = await at_the_bank(shop)
    shop.provider.complete_authentication(reference_of(asked))
    ways = await asyncio.gather(*(shop.return_from_bank(*address_of(asked)) for _ in range(10)))
    assert set(ways) == {BACK}
    assert await told(shop, asked.order.id) == 1
    assert shop.collected(await shop.facts(asked.order.id)) == TOTAL_MINOR


async def test_a_shopper_who_said_no_goes_back_too_and_may_try_again(shop: Shop) -> None:
    asked = await at_the_bank(shop)
    shop.provider.fail_authentication(reference_of(asked))
    assert await shop.return_from_bank(*address_of(asked)) == BACK
    facts = await shop.facts(asked.order.id)
    assert facts.order.state is OrderState.OPEN
    assert facts.payments[0].decline is not None
    assert (await shop.tries(facts, WORKS)).order.state is OrderState.COMPLETED


async def test_an_address_works_once_more_for_the_next_try(shop: Shop) -> None:
    asked = await at_the_bank(shop)
    shop.provider.fail_authentication(reference_of(asked))
    await shop.return_from_bank(*address_of(asked))
    again = await shop.tries(await shop.facts(asked.order.id), ASKS_BANK, BACK)
    assert address_of(again) == address_of(asked)
    shop.provider.complete_authentication(reference_of(asked))
    await shop.return_from_bank(*address_of(again))
    assert (await shop.facts(asked.order.id)).order.state is OrderState.COMPLETED
    assert await told(shop, asked.order.id) == 2


@pytest.mark.parametrize("error", [Unavailable("refused"), OutcomeUnknown("timeout")])
async def test_a_provider_that_is_away_keeps_no_shopper(shop: Shop, error: PortError) -> None:
    asked = await at_the_bank(shop)
    shop.provider.complete_authentication(reference_of(asked))
    shop.faults.planned.append(("retrieve", "before", error))
    assert await shop.return_from_bank(*address_of(asked)) == BACK
    assert await told(shop, asked.order.id) == 1
    later = await shop.after(asked.order.id, timedelta(minutes=6))
    assert later.order.state is OrderState.COMPLETED


async def test_a_shopper_whose_order_has_ended_goes_to_the_page_for_that(shop: Shop) -> None:
    opened = await shop.open(EUR, with_origin(Origin(return_url=BACK, cancel_url=CANCELLED)))
    asked = await shop.place_order(
        Placement(
            checkout_id=opened.checkout.id,
            version=opened.checkout.version,
            accepted_total_minor=TOTAL_MINOR,
            instrument=ASKS_BANK,
        )
    )
    await shop.cancel(Cancellation(order_id=asked.order.id, reason=ClosingReason.SHOPPER))
    for _ in range(2):
        assert await shop.return_from_bank(*address_of(asked)) == CANCELLED


async def test_an_order_that_ends_after_the_return_changes_no_way(shop: Shop) -> None:
    opened = await shop.open(EUR, with_origin(Origin(return_url=BACK, cancel_url=CANCELLED)))
    asked = await shop.place_order(
        Placement(
            checkout_id=opened.checkout.id,
            version=opened.checkout.version,
            accepted_total_minor=TOTAL_MINOR,
            instrument=ASKS_BANK,
        )
    )
    assert await shop.return_from_bank(*address_of(asked)) == BACK
    shop.clock.advance(timedelta(seconds=1))
    await shop.cancel(Cancellation(order_id=asked.order.id, reason=ClosingReason.SHOPPER))
    assert await shop.return_from_bank(*address_of(asked)) == BACK


def with_origin(origin: Origin) -> CartDraft:
    plain = draft()
    return CartDraft(
        lines=plain.lines,
        email=plain.email,
        name=plain.name,
        shipping_address=plain.shipping_address,
        delivery_option_id=plain.delivery_option_id,
        origin=origin,
    )


async def test_an_address_that_nobody_was_given_is_unknown(shop: Shop) -> None:
    asked = await at_the_bank(shop)
    order_id, return_id = address_of(asked)
    other = await shop.placed()
    for unknown in ((order_id, ""), (order_id, return_id[:-1]), (order_id, "é"), (other.order.id, return_id)):
        with pytest.raises(UnknownReturn):
            await shop.return_from_bank(*unknown)
    with pytest.raises(UnknownReturn):
        await shop.return_from_bank(OrderId("ord_none"), return_id)


async def test_a_call_that_is_repeated_under_its_key_names_the_same_address(shop: Shop) -> None:
    placed = await shop.placed()
    shop.faults.planned.append(("confirm", "after", OutcomeUnknown("timeout")))
    shop.faults.planned.append(("retrieve", "before", Unavailable("refused")))
    await shop.tries(placed, ASKS_BANK, BACK)
    await shop.after(placed.order.id, timedelta(seconds=30))
    facts = await shop.after(placed.order.id, timedelta(seconds=30))
    address_of(facts)  # it was adopted, not refused as another question under the same key
    shop.faults.planned.append(("confirm", "before", Unavailable("refused")))
    shop.provider.fail_authentication(reference_of(facts))
    await shop.return_from_bank(*address_of(facts))
    await shop.tries(await shop.facts(placed.order.id), ASKS_BANK, BACK)
    facts = await shop.after(placed.order.id, timedelta(seconds=30))
    assert facts.payments[0].next_action is not None


async def test_a_try_without_a_page_to_go_back_to_has_no_address(shop: Shop) -> None:
    facts = await shop.tries(await shop.placed(), ASKS_BANK)
    assert facts.payments[0].return_id is None
    facts = await shop.tries(await shop.placed(), LACKS_FUNDS)
    assert facts.payments[0].return_id is None
