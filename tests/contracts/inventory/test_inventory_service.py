"""What every inventory service does: holds what there is, once for a key, and says of each hold what became
of it.
"""

from datetime import timedelta

import pytest

from domain.identifiers import AttemptId, OrderId, Sku
from domain.reservation import HoldSnapshot, ReservationState
from ports.errors import OutcomeUnknown, Rejected
from ports.inventory import HoldRequest
from tests.builders import new_id, pieces
from tests.contracts.inventory.conftest import Inventory

TEA, MUG = Sku("TEA"), Sku("MUG")
ORDER, OTHER_ORDER = OrderId("ord_1"), OrderId("ord_2")


def key() -> AttemptId:
    return AttemptId(new_id("att"))


def a_request(order_id: OrderId = ORDER, minutes: float = 40, **goods: int) -> HoldRequest:
    wanted = tuple(pieces(**(goods or {"TEA": 2})))
    return HoldRequest(order_id=order_id, goods=wanted, duration=timedelta(minutes=minutes))


async def held(inventory: Inventory, request: HoldRequest | None = None) -> str:
    """The service's name for a hold that was made."""
    inventory.shelves.receive(TEA, 5)
    hold = await inventory.service.reserve(request or a_request(), key())
    assert hold.state is ReservationState.HELD
    assert hold.reference is not None
    return hold.reference


async def test_what_is_held_is_not_free_and_the_hold_says_until_when(inventory: Inventory) -> None:
    inventory.shelves.receive(TEA, 5)
    hold = await inventory.service.reserve(a_request(minutes=40), key())
    assert (hold.state, hold.short_of) == (ReservationState.HELD, ())
    assert hold.expires_at is not None
    lasts = hold.expires_at - inventory.shelves.now()
    assert timedelta(minutes=39, seconds=55) < lasts <= timedelta(minutes=40)
    assert inventory.shelves.count(TEA) == (2, 0, 3)
    assert await inventory.service.available([TEA, MUG]) == {TEA: 3, MUG: 0}


async def test_a_part_of_a_minute_is_a_minute(inventory: Inventory) -> None:
    reference = await held(inventory, a_request(minutes=0.5))
    inventory.shelves.let_pass(timedelta(seconds=20))
    confirmed = await inventory.service.confirm(reference, ORDER, key())
    assert confirmed.state is ReservationState.CONFIRMED


async def test_a_repeat_under_its_key_holds_nothing_more(inventory: Inventory) -> None:
    inventory.shelves.receive(TEA, 5)
    request, once = a_request(), key()
    first = await inventory.service.reserve(request, once)
    again = await inventory.service.reserve(request, once)
    assert (again.state, again.reference) == (first.state, first.reference)
    assert inventory.shelves.count(TEA) == (2, 0, 3)


async def test_another_key_is_another_hold(inventory: Inventory) -> None:
    first = await held(inventory)
    second = await inventory.service.reserve(a_request(), key())
    assert second.reference != first
    assert inventory.shelves.count(TEA) == (4, 0, 1)


async def test_other_goods_under_a_key_that_was_used_are_a_doubt_and_hold_nothing(
    inventory: Inventory,
) -> None:
    inventory.shelves.receive(TEA, 5)
    once = key()
    await inventory.service.reserve(a_request(TEA=2), once)
    with pytest.raises(OutcomeUnknown):
        await inventory.service.reserve(a_request(TEA=1), once)
    assert inventory.shelves.count(TEA) == (2, 0, 3)


async def test_what_there_is_too_little_of_is_named_and_the_rest_is_held(inventory: Inventory) -> None:
    inventory.shelves.receive(TEA, 1)
    inventory.shelves.receive(MUG, 3)
    hold = await inventory.service.reserve(a_request(TEA=2, MUG=3), key())
    assert (hold.state, hold.short_of) == (ReservationState.PARTIAL, (TEA,))
    assert hold.reference is not None
    assert (inventory.shelves.count(TEA), inventory.shelves.count(MUG)) == ((1, 0, 0), (3, 0, 0))
    assert (await inventory.service.release(hold.reference, key())).state is ReservationState.RELEASED
    assert (inventory.shelves.count(TEA), inventory.shelves.count(MUG)) == ((0, 0, 1), (0, 0, 3))


async def test_where_there_is_nothing_nothing_is_held(inventory: Inventory) -> None:
    inventory.shelves.receive(TEA, 0)
    hold = await inventory.service.reserve(a_request(TEA=1), key())
    assert hold == HoldSnapshot(state=ReservationState.REFUSED, short_of=(TEA,))


async def test_goods_that_the_service_does_not_carry_cannot_be_had(inventory: Inventory) -> None:
    hold = await inventory.service.reserve(a_request(NOWHERE=1), key())
    assert (hold.state, hold.short_of) == (ReservationState.REFUSED, (Sku("NOWHERE"),))


async def test_a_confirmed_hold_is_sold_once_however_often_it_is_confirmed(inventory: Inventory) -> None:
    reference, once = await held(inventory), key()
    for again in (once, once, key()):
        confirmed = await inventory.service.confirm(reference, ORDER, again)
        assert confirmed.state is ReservationState.CONFIRMED
    assert inventory.shelves.count(TEA) == (0, 2, 3)


async def test_a_hold_is_released_once_however_often_it_is_released(inventory: Inventory) -> None:
    reference, once = await held(inventory), key()
    for again in (once, once, key()):
        released = await inventory.service.release(reference, again)
        assert released.state is ReservationState.RELEASED
    assert inventory.shelves.count(TEA) == (0, 0, 5)


async def test_an_expired_hold_is_told_from_an_unknown_and_from_a_released_one(inventory: Inventory) -> None:
    expired, released = await held(inventory), await held(inventory)
    await inventory.service.release(released, key())
    inventory.shelves.let_pass(timedelta(minutes=41))
    states = [
        (await inventory.service.confirm(reference, ORDER, key())).state
        for reference in (expired, "never_heard_of", released)
    ]
    assert states == [ReservationState.EXPIRED, ReservationState.LOST, ReservationState.RELEASED]
    states = [
        (await inventory.service.release(reference, key())).state
        for reference in (expired, "never_heard_of", released)
    ]
    assert states == [ReservationState.EXPIRED, ReservationState.LOST, ReservationState.RELEASED]
    assert inventory.shelves.count(TEA) == (0, 0, 10)


async def test_what_was_sold_is_not_released(inventory: Inventory) -> None:
    reference = await held(inventory)
    await inventory.service.confirm(reference, ORDER, key())
    assert (await inventory.service.release(reference, key())).state is ReservationState.CONFIRMED
    assert inventory.shelves.count(TEA) == (0, 2, 3)


async def test_another_order_cannot_confirm_a_hold(inventory: Inventory) -> None:
    reference = await held(inventory)
    with pytest.raises(Rejected):
        await inventory.service.confirm(reference, OTHER_ORDER, key())
    assert inventory.shelves.count(TEA) == (2, 0, 3)


async def test_a_hold_that_was_forgotten_is_unknown(inventory: Inventory) -> None:
    reference = await held(inventory)
    inventory.shelves.forget(ORDER)
    assert (await inventory.service.confirm(reference, ORDER, key())).state is ReservationState.LOST


async def test_all_holds_of_an_order_are_found_and_those_of_no_other(inventory: Inventory) -> None:
    sold, released = await held(inventory), await held(inventory)
    await held(inventory, a_request(OTHER_ORDER))
    await inventory.service.confirm(sold, ORDER, key())
    await inventory.service.release(released, key())
    found = {hold.reference: hold for hold in await inventory.service.find(ORDER)}
    assert {reference: hold.state for reference, hold in found.items()} == {
        sold: ReservationState.CONFIRMED,
        released: ReservationState.RELEASED,
    }
    assert found[sold].goods == tuple(pieces(TEA=2))


async def test_many_who_want_the_last_piece_do_not_get_it_twice(inventory: Inventory) -> None:
    inventory.shelves.receive(TEA, 3)
    for number in range(6):
        await inventory.service.reserve(a_request(OrderId(f"ord_{number}"), TEA=1), key())
    assert inventory.shelves.count(TEA) == (3, 0, 0)
