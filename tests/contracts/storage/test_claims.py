"""Claims to Idempotency-Keys that are made along with what their requests do first."""

import asyncio
from datetime import timedelta

import pytest

from domain.checkout import Checkout
from domain.identifiers import CheckoutId, OrderId
from domain.order_facts import OrderFacts
from ports.idempotency import DEAD_AFTER, Claim, KeyTaken, StoredAnswer
from tests.builders import NOW, a_checkout, placed_facts
from tests.contracts.storage.conftest import Storage

ANSWER = StoredAnswer(status=201, content_type="application/json", body=b'{"id": "chk_1"}')


async def is_taken(storage: Storage) -> bool:
    return not (await storage.idempotency.claim("scope", "key", b"same", NOW)).is_new


async def read(storage: Storage, order_id: OrderId) -> OrderFacts | None:
    async with storage.unit_of_work() as uow:
        return await uow.orders.get(order_id)


async def add(storage: Storage, checkout: Checkout) -> None:
    async with storage.unit_of_work() as uow:
        await uow.checkouts.add(checkout)
        await uow.commit()


async def test_the_first_read_makes_the_claim_and_finds_what_it_finds(storage: Storage) -> None:
    kept = await storage.keep(placed_facts())
    with storage.idempotency.claiming("scope", "key", b"same", NOW) as claim:
        async with storage.unit_of_work() as uow:
            assert await uow.orders.get(kept.order.id) == kept
            assert claim.is_ours
            assert await uow.orders.get(placed_facts().order.id) is None
        await claim.settle()
    assert await is_taken(storage)


async def test_a_first_read_that_finds_nothing_makes_the_claim_too(storage: Storage) -> None:
    with storage.idempotency.claiming("scope", "key", b"same", NOW) as claim:
        async with storage.unit_of_work() as uow:
            assert await uow.checkouts.get(CheckoutId("chk_none"), to_quote=True) is None
        assert claim.is_ours


async def test_the_first_write_makes_the_claim(storage: Storage) -> None:
    checkout = a_checkout()
    with storage.idempotency.claiming("scope", "key", b"same", NOW) as claim:
        await add(storage, checkout)
        assert claim.is_ours
    async with storage.unit_of_work() as uow:
        assert await uow.checkouts.get(checkout.id) == checkout


async def test_who_asked_for_nothing_makes_the_claim_at_the_end(storage: Storage) -> None:
    with storage.idempotency.claiming("scope", "key", b"same", NOW) as claim:
        await claim.settle()
        assert claim.is_ours
    assert await is_taken(storage)


async def test_a_key_that_somebody_has_stops_the_first_read(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"first", NOW)
    with storage.idempotency.claiming("scope", "key", b"other", NOW) as claim:
        with pytest.raises(KeyTaken) as taken:
            await read(storage, placed_facts().order.id)
        await claim.settle()
        assert not claim.is_ours
    assert taken.value.claim == Claim(is_new=False, fingerprint=b"first", answer=None)


async def test_a_key_that_somebody_has_stops_the_first_write(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.keep("scope", "key", NOW, ANSWER)
    checkout = a_checkout()
    with storage.idempotency.claiming("scope", "key", b"same", NOW), pytest.raises(KeyTaken) as taken:
        await add(storage, checkout)
    assert taken.value.claim.answer == ANSWER
    async with storage.unit_of_work() as uow:
        assert await uow.checkouts.get(checkout.id) is None


async def test_a_key_that_somebody_has_is_told_at_the_end_where_nothing_was_asked(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    with storage.idempotency.claiming("scope", "key", b"same", NOW) as claim:
        with pytest.raises(KeyTaken):
            await claim.settle()
        assert not claim.is_ours


async def test_a_key_whose_request_died_is_taken_along(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    with storage.idempotency.claiming("scope", "key", b"same", NOW + DEAD_AFTER) as claim:
        await read(storage, placed_facts().order.id)
        assert claim.is_ours
    assert await is_taken(storage)


async def test_of_fifty_requests_at_once_one_goes_on(storage: Storage) -> None:
    order_id = (await storage.keep(placed_facts())).order.id

    async def ask(number: int) -> bool:
        with storage.idempotency.claiming("scope", "key", b"same", NOW + timedelta(seconds=number % 3)):
            try:
                return await read(storage, order_id) is not None
            except KeyTaken:
                return False

    assert sum(await asyncio.gather(*map(ask, range(50)))) == 1


async def test_a_request_without_a_key_is_nobodys_business(storage: Storage) -> None:
    with storage.idempotency.claiming("scope", "key", b"same", NOW):
        pass
    assert await read(storage, placed_facts().order.id) is None
    assert not await is_taken(storage)
