"""Parked work is found by a person, and tried again when they say so: once for each time that they do."""

from dataclasses import replace
from datetime import timedelta

from domain.act import Act
from domain.events import MessageKind, OutgoingMessage
from domain.order_facts import OrderFacts
from ports.payments import WebhookNotice
from ports.queries import Box, ParkedWork
from tests.builders import NOW, placed_facts
from tests.contracts.storage.conftest import Storage

LATER = NOW + timedelta(minutes=30)
LEASE = timedelta(seconds=25)
ACT = Act(by="Kim", why="the mailbox has room again", at=LATER)
ABOUT_NOTHING = WebhookNotice(
    provider="stripe", event_id="evt_1", event_type="charge.updated", payment_reference=None
)
ABOUT_A_PAYMENT = WebhookNotice(
    provider="stripe", event_id="evt_2", event_type="charge.refunded", payment_reference="pi_1"
)


async def one_of_each(storage: Storage) -> OrderFacts:
    """A message, a webhook about the same order, and one about nothing: all tried once, and parked."""
    facts = placed_facts()
    message = OutgoingMessage(id="msg_1", kind=MessageKind.ORDER_CONFIRMATION, order_id=facts.order.id)
    facts = replace(
        facts,
        payments=(replace(facts.payments[0], reference="pi_1"),),
        news=replace(facts.news, messages=(message,)),
    )
    kept = await storage.keep(facts)
    async with storage.unit_of_work() as uow:
        await uow.inbox.add("whk_1", ABOUT_NOTHING, b"{}", NOW)
        await uow.inbox.add("whk_2", ABOUT_A_PAYMENT, b"{}", NOW)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        await uow.outbox.take_due(NOW, NOW + LEASE, 10)
        for webhook_id in ("whk_1", "whk_2"):
            await uow.inbox.take(webhook_id, NOW + LEASE, NOW)
            await uow.inbox.park(webhook_id, "no_such_payment", LATER)
        await uow.outbox.park("msg_1", "mailbox_full", LATER)
        await uow.commit()
    return kept


async def test_parked_work_is_listed_page_by_page(storage: Storage) -> None:
    order_id = (await one_of_each(storage)).order.id
    parked = {"parked_at": LATER, "tries": 1, "replays": ()}
    expected = [
        ParkedWork(
            id="msg_1",
            box=Box.OUTBOX,
            kind="order_confirmation",
            order_id=order_id,
            because="mailbox_full",
            **parked,  # type: ignore[arg-type]
        ),
        ParkedWork(
            id="whk_1",
            box=Box.INBOX,
            kind="charge.updated",
            order_id=None,
            because="no_such_payment",
            **parked,  # type: ignore[arg-type]
        ),
        ParkedWork(
            id="whk_2",
            box=Box.INBOX,
            kind="charge.refunded",
            order_id=order_id,
            because="no_such_payment",
            **parked,  # type: ignore[arg-type]
        ),
    ]
    assert list(await storage.queries.parked(None, 2)) == expected[:2]
    assert list(await storage.queries.parked("whk_1", 2)) == expected[2:]
    for work in expected:
        assert await storage.queries.parked_work(work.id) == work
    assert await storage.queries.parked_work("whk_none") is None


async def test_what_was_finished_meanwhile_is_not_parked(storage: Storage) -> None:
    """By somebody who had it in hand before, and whose lease is over."""
    facts = placed_facts()
    message = OutgoingMessage(id="msg_1", kind=MessageKind.ORDER_CONFIRMATION, order_id=facts.order.id)
    await storage.keep(replace(facts, news=replace(facts.news, messages=(message,))))
    async with storage.unit_of_work() as uow:
        await uow.outbox.done(["msg_1"], NOW)
        await uow.outbox.park("msg_1", "mailbox_full", LATER)
        await uow.commit()
    assert not await storage.queries.parked(None, 10)


async def test_replayed_work_is_due_at_once_with_all_its_tries(storage: Storage) -> None:
    await one_of_each(storage)
    async with storage.unit_of_work() as uow:
        assert await uow.inbox.replay("whk_1", ACT)
        assert await uow.outbox.replay("msg_1", ACT)
        await uow.commit()
    assert [work.id for work in await storage.queries.parked(None, 10)] == ["whk_2"]
    async with storage.unit_of_work() as uow:
        assert list(await uow.inbox.due(LATER, 10)) == ["whk_1"]
        webhook = await uow.inbox.take("whk_1", LATER + LEASE, LATER)
        messages = await uow.outbox.take_due(LATER, LATER + LEASE, 10)
    assert webhook is not None
    assert webhook.tries == 1
    assert [(message.id, message.tries) for message in messages] == [("msg_1", 1)]


async def test_what_is_not_parked_is_not_replayed(storage: Storage) -> None:
    await one_of_each(storage)
    async with storage.unit_of_work() as uow:
        assert await uow.inbox.replay("whk_1", ACT)
        assert not await uow.inbox.replay("whk_1", ACT)
        assert not await uow.inbox.replay("whk_none", ACT)
        assert await uow.outbox.replay("msg_1", ACT)
        assert not await uow.outbox.replay("msg_1", ACT)
        assert not await uow.outbox.replay("msg_none", ACT)


async def test_who_had_it_tried_again_and_why_stays_with_it(storage: Storage) -> None:
    await one_of_each(storage)
    again = replace(ACT, why="and again", at=LATER + LEASE)
    for act in (ACT, again):
        async with storage.unit_of_work() as uow:
            assert await uow.inbox.replay("whk_2", act)
            await uow.inbox.park("whk_2", "no_such_payment", act.at)
            assert await uow.outbox.replay("msg_1", act)
            await uow.outbox.park("msg_1", "mailbox_full", act.at)
            await uow.commit()
    for work_id in ("whk_2", "msg_1"):
        work = await storage.queries.parked_work(work_id)
        assert work is not None
        assert (work.replays, work.parked_at) == ((ACT, again), again.at)
