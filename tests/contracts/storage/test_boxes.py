"""Inbox and outbox: nothing is lost, nothing is in two hands at once, nothing that is finished comes back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.events import MessageKind, OutgoingMessage
from domain.order_facts import OrderFacts
from ports.payments import Subject, WebhookNotice
from ports.unit_of_work import WaitingMessage
from tests.builders import NOW, placed_facts
from tests.contracts.storage.conftest import Storage

LEASE = timedelta(seconds=25)
NOTICE = WebhookNotice(
    provider="stripe", event_id="evt_1", event_type="payment_intent.succeeded", payment_reference="pi_1"
)


async def receive(storage: Storage, webhook_id: str, notice: WebhookNotice = NOTICE) -> bool:
    async with storage.unit_of_work() as uow:
        is_new = await uow.inbox.add(webhook_id, notice, b'{"id": "evt_1"}', NOW)
        await uow.commit()
    return is_new


@pytest.mark.parametrize("about", Subject)
async def test_what_an_event_is_about_is_kept(storage: Storage, about: Subject) -> None:
    await receive(storage, "whk_1", replace(NOTICE, about=about))
    async with storage.unit_of_work() as uow:
        webhook = await uow.inbox.take("whk_1", NOW + LEASE, NOW)
    assert webhook is not None
    assert webhook.notice.about is about


async def test_an_event_is_stored_once(storage: Storage) -> None:
    assert await receive(storage, "whk_1")
    assert not await receive(storage, "whk_2")
    assert await receive(storage, "whk_3", replace(NOTICE, event_id="evt_2"))
    assert await receive(storage, "whk_4", replace(NOTICE, provider="adyen"))
    async with storage.unit_of_work() as uow:
        assert list(await uow.inbox.due(NOW, 10)) == ["whk_1", "whk_3", "whk_4"]
        assert list(await uow.inbox.due(NOW, 2)) == ["whk_1", "whk_3"]
        assert list(await uow.inbox.due(NOW - timedelta(seconds=1), 2)) == []


async def test_a_webhook_is_in_one_pair_of_hands_until_the_lease_ends(storage: Storage) -> None:
    await receive(storage, "whk_1")
    async with storage.unit_of_work() as uow:
        taken = await uow.inbox.take("whk_1", NOW + LEASE, NOW)
        await uow.commit()
    assert taken is not None
    assert (taken.id, taken.notice, taken.tries) == ("whk_1", NOTICE, 1)
    async with storage.unit_of_work() as uow:
        assert await uow.inbox.take("whk_1", NOW + LEASE, NOW) is None
        assert list(await uow.inbox.due(NOW, 10)) == []
        assert list(await uow.inbox.due(NOW + LEASE, 10)) == ["whk_1"]
        again = await uow.inbox.take("whk_1", NOW + 2 * LEASE, NOW + LEASE)
    assert again is not None
    assert again.tries == 2


async def test_an_unknown_webhook_cannot_be_taken(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        assert await uow.inbox.take("whk_none", NOW + LEASE, NOW) is None


async def test_a_webhook_that_is_done_never_comes_back(storage: Storage) -> None:
    await receive(storage, "whk_1")
    async with storage.unit_of_work() as uow:
        await uow.inbox.take("whk_1", NOW + LEASE, NOW)
        await uow.inbox.done("whk_1", NOW)
        await uow.inbox.later("whk_1", NOW)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.inbox.due(NOW + LEASE, 10)) == []
        assert await uow.inbox.take("whk_1", NOW + 2 * LEASE, NOW + LEASE) is None
    assert not await receive(storage, "whk_2")


async def test_a_webhook_can_be_tried_later(storage: Storage) -> None:
    await receive(storage, "whk_1")
    at = NOW + timedelta(minutes=5)
    async with storage.unit_of_work() as uow:
        await uow.inbox.take("whk_1", NOW + LEASE, NOW)
        await uow.inbox.later("whk_1", at)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.inbox.due(at - timedelta(seconds=1), 10)) == []
        assert await uow.inbox.take("whk_1", at + LEASE, at - timedelta(seconds=1)) is None
        assert list(await uow.inbox.due(at, 10)) == ["whk_1"]


async def test_a_parked_webhook_stays_stored_and_is_not_tried_again(storage: Storage) -> None:
    await receive(storage, "whk_1")
    async with storage.unit_of_work() as uow:
        await uow.inbox.take("whk_1", NOW + LEASE, NOW)
        await uow.inbox.park("whk_1", "no_such_payment", NOW)
        await uow.inbox.later("whk_1", NOW)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.inbox.due(NOW + LEASE, 10)) == []
        assert await uow.inbox.take("whk_1", NOW + 2 * LEASE, NOW + LEASE) is None
    assert not await receive(storage, "whk_2")


def told(facts: OrderFacts, *message_ids: str) -> OrderFacts:
    messages = tuple(
        OutgoingMessage(id=message_id, kind=MessageKind.ORDER_CONFIRMATION, order_id=facts.order.id)
        for message_id in message_ids
    )
    return replace(facts, news=replace(facts.news, messages=messages))


async def taken(storage: Storage, now: datetime, limit: int = 10) -> list[str]:
    async with storage.unit_of_work() as uow:
        messages = await uow.outbox.take_due(now, now + LEASE, limit)
        await uow.commit()
    return [message.id for message in messages]


async def test_messages_get_in_with_their_order(storage: Storage) -> None:
    before = await storage.keep(told(placed_facts(), "msg_1"))
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, told(before, "msg_2", "msg_3"), None)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        messages = await uow.outbox.take_due(NOW, NOW + LEASE, 10)
    assert [message.id for message in messages] == ["msg_1", "msg_2", "msg_3"]
    kind, order_id = MessageKind.ORDER_CONFIRMATION, before.order.id
    assert messages == [
        WaitingMessage(id=message.id, kind=kind, order_id=order_id, tries=1) for message in messages
    ]


async def test_no_more_messages_are_taken_than_wanted_and_the_rest_is_left_to_others(
    storage: Storage,
) -> None:
    await storage.keep(told(placed_facts(), "msg_1", "msg_2", "msg_3"))
    assert await taken(storage, NOW, limit=2) == ["msg_1", "msg_2"]
    assert await taken(storage, NOW, limit=2) == ["msg_3"]


async def test_a_message_is_in_one_pair_of_hands_until_the_lease_ends(storage: Storage) -> None:
    await storage.keep(told(placed_facts(), "msg_1"))
    assert await taken(storage, NOW) == ["msg_1"]
    assert await taken(storage, NOW) == []
    async with storage.unit_of_work() as uow:
        again = await uow.outbox.take_due(NOW + LEASE, NOW + 2 * LEASE, 10)
    assert [message.tries for message in again] == [2]


async def test_messages_that_were_sent_or_parked_never_come_back(storage: Storage) -> None:
    await storage.keep(told(placed_facts(), "msg_1", "msg_2", "msg_3"))
    async with storage.unit_of_work() as uow:
        await uow.outbox.done(["msg_1", "msg_3"], NOW)
        await uow.outbox.park("msg_2", "mailbox_full", NOW)
        await uow.outbox.later("msg_1", NOW)
        await uow.outbox.later("msg_2", NOW)
        await uow.commit()
    assert await taken(storage, NOW + LEASE) == []


async def test_a_message_can_be_tried_later(storage: Storage) -> None:
    await storage.keep(told(placed_facts(), "msg_1"))
    at = NOW + timedelta(minutes=1)
    await taken(storage, NOW)
    async with storage.unit_of_work() as uow:
        await uow.outbox.later("msg_1", at)
        await uow.commit()
    assert await taken(storage, at - timedelta(seconds=1)) == []
    assert await taken(storage, at) == ["msg_1"]
