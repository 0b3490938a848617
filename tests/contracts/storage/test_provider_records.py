"""What a provider has told: what both storages promise."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from adapters.in_memory.provider_records import InMemoryProviderRecords
from adapters.postgres.pool import open_pool
from adapters.postgres.provider_records import PostgresProviderRecords
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.identifiers import PaymentId
from domain.period import Period
from ports.payments import WebhookNotice
from ports.provider_records import ProviderAnswer, ProviderRecords, Told
from tests.builders import NOW

PAYMENT, ANOTHER = PaymentId("pay_1"), PaymentId("pay_2")
TODAY = Period(since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1))
Deliver = Callable[[WebhookNotice, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    records: ProviderRecords
    deliver: Deliver


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    if request.param == "memory":
        memory = InMemoryProviderRecords()

        async def handed_in(notice: WebhookNotice, at: datetime) -> None:
            memory.deliver(notice, at)

        yield Kept(records=memory, deliver=handed_in)
        return
    async with open_pool(request.getfixturevalue("new_database_url")(), 4) as pool:

        async def stored(notice: WebhookNotice, at: datetime) -> None:
            """And handled: what was kept outlives that."""
            webhook_id = f"whk_{notice.event_id}"
            async with PostgresUnitOfWork(pool) as uow:
                await uow.inbox.add(webhook_id, notice, b"the whole of it", at)
                await uow.inbox.done(webhook_id, at)
                await uow.commit()

        yield Kept(records=PostgresProviderRecords(pool), deliver=stored)


def answer(
    name: str,
    payment_id: PaymentId = PAYMENT,
    reference: str | None = None,
    at: datetime = NOW,
    body: bytes = b"{}",
) -> ProviderAnswer:
    return ProviderAnswer(id=name, payment_id=payment_id, reference=reference, told_at=at, body=body)


def event(
    event_id: str, reference: str | None, provider: str = "adyen", kept: bytes | None = b"{}"
) -> WebhookNotice:
    return WebhookNotice(
        provider=provider,
        event_id=event_id,
        event_type="CAPTURE",
        payment_reference=reference,
        kept=kept,
    )


async def ids(kept: Kept, payment_id: PaymentId = PAYMENT) -> list[str]:
    return [record.id for record in await kept.records.of_payment("adyen", payment_id)]


async def test_answers_and_webhooks_of_a_payment_are_read_in_their_order(kept: Kept) -> None:
    await kept.records.keep("adyen", answer("att_1", at=NOW, body=b"begun"))
    await kept.records.keep("adyen", answer("att_2", reference="PSP1", at=NOW + timedelta(seconds=2)))
    await kept.deliver(event("by_our_id", PAYMENT, kept=b"first"), NOW + timedelta(seconds=1))
    await kept.deliver(event("by_theirs", "PSP1", kept=b"last"), NOW + timedelta(seconds=3))
    records = await kept.records.of_payment("adyen", PAYMENT)
    assert [(r.id, r.told, r.body) for r in records] == [
        ("att_1", Told.ANSWER, b"begun"),
        ("by_our_id", Told.WEBHOOK, b"first"),
        ("att_2", Told.ANSWER, b"{}"),
        ("by_theirs", Told.WEBHOOK, b"last"),
    ]
    assert records[0].told_at == NOW


async def test_a_webhook_that_came_before_the_answer_is_found_by_it(kept: Kept) -> None:
    await kept.deliver(event("early", "PSP1"), NOW)
    assert await ids(kept) == []
    await kept.records.keep("adyen", answer("att_1", reference="PSP1"))
    assert set(await ids(kept)) == {"early", "att_1"}


async def test_the_first_answer_under_a_key_stays(kept: Kept) -> None:
    await kept.records.keep("adyen", answer("att_1", body=b"first"))
    await kept.records.keep("adyen", answer("att_1", body=b"second"))
    assert [record.body for record in await kept.records.of_payment("adyen", PAYMENT)] == [b"first"]


async def test_a_payment_is_known_by_the_name_that_an_answer_gave(kept: Kept) -> None:
    await kept.records.keep("adyen", answer("att_1", reference="PSP1"))
    assert await kept.records.payment_named("adyen", "PSP1") == PAYMENT
    assert await kept.records.payment_named("adyen", "PSP2") is None
    assert await kept.records.payment_named("another", "PSP1") is None


async def test_others_payments_and_providers_are_left_out(kept: Kept) -> None:
    await kept.records.keep("adyen", answer("att_1", reference="PSP1"))
    await kept.records.keep("adyen", answer("att_2", ANOTHER, reference="PSP2"))
    await kept.records.keep("another", answer("att_3"))
    await kept.deliver(event("theirs", "PSP2"), NOW)
    await kept.deliver(event("elsewhere", "PSP1", provider="another"), NOW)
    await kept.deliver(event("nobodys", None), NOW)
    await kept.deliver(event("not_kept", "PSP1", kept=None), NOW)
    assert await ids(kept) == ["att_1"]


async def test_a_period_has_the_payments_that_anything_was_told_of(kept: Kept) -> None:
    long_ago = NOW - timedelta(days=9)
    await kept.records.keep("adyen", answer("att_1", reference="PSP1", at=long_ago))
    await kept.records.keep("adyen", answer("att_2", ANOTHER, reference="PSP2", at=NOW))
    told = await kept.records.told_within("adyen", TODAY)
    assert (list(told.ours), told.others) == ([ANOTHER], 0)
    await kept.deliver(event("refunded", "PSP1"), NOW)
    for name in ("a", "b"):
        await kept.deliver(event(f"foreign_{name}", f"FOREIGN_{name}"), NOW)
        await kept.deliver(event(f"again_{name}", f"FOREIGN_{name}"), NOW)
    told = await kept.records.told_within("adyen", TODAY)
    assert (list(told.ours), told.others) == ([ANOTHER, PAYMENT], 2)
