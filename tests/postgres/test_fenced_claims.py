"""A request that was silent for too long, and the one that has taken its key over since: two transactions
that meet at one row of PostgreSQL.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import pytest

from adapters.postgres.claims import CLAIM, fetched
from adapters.postgres.connections import Connections
from adapters.postgres.idempotency import PostgresIdempotencyStore, _given
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from ports.idempotency import DEAD_AFTER, Claim, PendingClaim, StoredAnswer
from tests.builders import NOW, new_id
from tests.postgres.test_answers_along import an_order

LATE: Final = StoredAnswer(status=409, content_type="application/json", body=b'{"late": true}')
ITS: Final = StoredAnswer(status=201, content_type="application/json", body=b'{"its": true}')
TAKEN_AT: Final = NOW + DEAD_AFTER
IN_FLIGHT: Final = Claim(is_new=False, fingerprint=b"same", answer=None)
_WAITING: Final = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
Late = Callable[[PostgresIdempotencyStore, str], Awaitable[None]]


@asynccontextmanager
async def being_taken_over(pool: Connections, key: str) -> AsyncIterator[None]:
    """The takeover is made, and its transaction still open; it is committed at the end."""
    async with pool.lent() as connection:
        await connection.tell("BEGIN")
        (row,) = await fetched(CLAIM, connection, _given("scope", key, b"same", TAKEN_AT))
        assert row["claim_is_new"]
        yield
        await connection.tell("COMMIT")


async def waits_for_a_lock(pool: Connections) -> None:
    async with pool.lent() as connection:
        for _ in range(1_000):
            if await connection.ask(_WAITING):
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


@asynccontextmanager
async def cancelling(
    pool: Connections, facts: OrderFacts, claim: PendingClaim, answer: StoredAnswer
) -> AsyncIterator[PostgresUnitOfWork]:
    """A write of the order that keeps this answer along, before its commit."""
    claim.answer_of = lambda _: answer
    async with PostgresUnitOfWork(pool) as uow:
        await uow.orders.save(facts, facts.closed(ClosingReason.SHOPPER, NOW), None, is_last=True)
        yield uow


@pytest.mark.parametrize(
    "late",
    [
        lambda store, key: store.keep("scope", key, NOW, LATE),
        lambda store, key: store.give_up("scope", key, NOW),
        lambda store, key: store.renew("scope", key, NOW, TAKEN_AT),
    ],
    ids=["its answer", "giving up", "a sign of life"],
)
async def test_what_comes_late_waits_for_the_takeover_and_then_changes_nothing(
    pool: Connections, late: Late
) -> None:
    store, key = PostgresIdempotencyStore(pool), new_id("key")
    assert (await store.claim("scope", key, b"same", NOW)).is_new
    async with being_taken_over(pool, key):
        coming = asyncio.ensure_future(late(store, key))
        await waits_for_a_lock(pool)
    await coming
    assert await store.claim("scope", key, b"same", TAKEN_AT) == IN_FLIGHT
    await store.keep("scope", key, TAKEN_AT, ITS)
    assert (await store.claim("scope", key, b"same", TAKEN_AT)).answer == ITS


async def test_what_was_done_late_is_done_but_its_answer_is_not_kept(pool: Connections) -> None:
    facts, store, key = await an_order(pool), PostgresIdempotencyStore(pool), new_id("key")
    with store.claiming("scope", key, b"same", NOW) as claim:
        await claim.settle()
        async with cancelling(pool, facts, claim, LATE) as uow:
            assert (await store.claim("scope", key, b"same", TAKEN_AT)).is_new
            await uow.commit()
    async with PostgresUnitOfWork(pool) as uow:
        after = await uow.orders.get(facts.order.id)
    assert after is not None
    assert after.order.state is OrderState.CANCELLED
    assert await store.claim("scope", key, b"same", TAKEN_AT) == IN_FLIGHT


async def test_who_takes_the_key_over_waits_for_an_answer_that_is_being_committed(pool: Connections) -> None:
    facts, store, key = await an_order(pool), PostgresIdempotencyStore(pool), new_id("key")
    with store.claiming("scope", key, b"same", NOW) as claim:
        await claim.settle()
        async with cancelling(pool, facts, claim, LATE) as uow:
            await uow.orders.failed(facts.order.id)
            taking = asyncio.create_task(
                PostgresIdempotencyStore(pool).claim("scope", key, b"same", TAKEN_AT)
            )
            await waits_for_a_lock(pool)
            await uow.commit()
        assert not (await taking).is_new
    assert (await store.claim("scope", key, b"same", TAKEN_AT)).answer == LATE
