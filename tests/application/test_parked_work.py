"""Parked letters and webhooks are replayed by a person, under their name, and then finished like others."""

from datetime import timedelta

import pytest

from domain.act import Act
from domain.errors import UnknownParkedWork
from domain.events import EventKind
from domain.order_facts import OrderFacts
from ports.errors import Rejected
from ports.payments import WebhookNotice
from tests.application.shop import Shop

WHY = "the address was corrected"


async def with_parked_letter(shop: Shop) -> tuple[OrderFacts, str]:
    shop.faults.planned.append(("send", "before", Rejected("recipient_refused")))
    facts = await shop.bought()
    assert not (await shop.sweep()).failures
    (parked,) = await shop.queries.parked(None, 10)
    assert (parked.because, parked.order_id) == ("recipient_refused", facts.order.id)
    return facts, parked.id


async def test_a_letter_that_was_parked_is_sent_once_a_person_says_so(shop: Shop) -> None:
    facts, letter = await with_parked_letter(shop)
    shop.clock.advance(timedelta(days=1))
    assert not shop.mail.sent
    await shop.replay_parked_work(letter, by="Kim", why=WHY)
    assert not (await shop.sweep()).failures
    assert [mail.message_id for mail in shop.mail.sent] == [letter]
    assert list(await shop.queries.parked(None, 10)) == []
    with pytest.raises(UnknownParkedWork):
        await shop.replay_parked_work(letter, by="Kim", why=WHY)
    told = [e for e in await shop.queries.timeline(facts.order.id) if e.kind is EventKind.WORK_REPLAYED]
    assert [(e.subject_id, e.detail, e.by, e.why) for e in told] == [
        (letter, "order_confirmation", "Kim", WHY)
    ]


async def test_what_fails_again_is_parked_again_and_remembers_who_tried(shop: Shop) -> None:
    _, letter = await with_parked_letter(shop)
    shop.faults.planned.append(("send", "before", Rejected("recipient_refused")))
    await shop.replay_parked_work(letter, by="Kim", why=WHY)
    assert not (await shop.sweep()).failures
    (parked,) = await shop.queries.parked(None, 10)
    assert (parked.id, parked.tries) == (letter, 1)
    assert parked.replays == (Act(by="Kim", why=WHY, at=shop.clock.now()),)


async def test_a_webhook_about_no_order_is_replayed_too(shop: Shop) -> None:
    notice = WebhookNotice(provider="stripe", event_id="evt_1", event_type="x", payment_reference=None)
    async with shop.unit_of_work() as uow:
        await uow.inbox.add("whk_1", notice, b"", shop.clock.now())
        await uow.inbox.park("whk_1", "KeyError", shop.clock.now())
        await uow.commit()
    await shop.replay_parked_work("whk_1", by="Kim", why=WHY)
    assert not (await shop.sweep()).failures
    assert list(await shop.queries.parked(None, 10)) == []
    assert shop.storage.inbox["whk_1"].due_at is None


@pytest.mark.parametrize("work_id", ["msg_none", "whk_none"])
async def test_what_is_not_parked_is_refused(shop: Shop, work_id: str) -> None:
    with pytest.raises(UnknownParkedWork):
        await shop.replay_parked_work(work_id, by="Kim", why=WHY)
