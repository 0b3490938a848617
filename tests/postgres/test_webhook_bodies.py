"""A webhook's body is personal data that nobody reads once it was handled: it goes with the handling."""

import asyncpg

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.payments import WebhookNotice
from tests.builders import NOW, new_id

NOTICE = WebhookNotice(
    provider="stripe", event_id="evt_1", event_type="payment_intent.succeeded", payment_reference="pi_1"
)
BODY = b'{"receipt_email": "ada@example.com"}'


async def test_the_body_goes_when_the_webhook_is_done_and_not_before(database_url: str) -> None:
    webhook_id = new_id("whk")
    asking = await asyncpg.connect(database_url)
    async with open_pool(database_url, 1) as pool:
        async with PostgresUnitOfWork(pool) as uow:
            await uow.inbox.add(webhook_id, NOTICE, BODY, NOW)
            await uow.commit()
        body = "SELECT body FROM inbox WHERE id = $1"
        kept = await asking.fetchval(body, webhook_id)
        assert kept
        async with PostgresUnitOfWork(pool) as uow:
            await uow.inbox.park(webhook_id, "defect", NOW)
            await uow.commit()
        assert await asking.fetchval(body, webhook_id) == kept
        async with PostgresUnitOfWork(pool) as uow:
            await uow.inbox.done(webhook_id, NOW)
            await uow.commit()
        assert await asking.fetchval(body, webhook_id) == b""
    await asking.close()
