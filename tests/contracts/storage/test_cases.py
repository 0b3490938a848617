"""Cases as operators find them: one list over all orders, by state, reason and order, oldest first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.act import Act
from domain.case import CaseAction, CaseReason, CaseState
from domain.events import Event, EventKind
from domain.identifiers import CaseId, OrderId
from domain.order_facts import OrderFacts
from ports.errors import ConcurrentChange
from ports.queries import CaseChoice, ListedCase
from tests.builders import NOW, a_case, placed_facts
from tests.contracts.storage.conftest import Storage

LATER = NOW + timedelta(minutes=30)
UNRESOLVED = frozenset({CaseState.OPEN, CaseState.ASSIGNED})
EVERY = frozenset(CaseState)
ACT = Act(by="Kim", why="the shopper called", at=LATER)


async def with_cases(storage: Storage, *reasons: CaseReason) -> OrderFacts:
    facts = placed_facts()
    payment_id = facts.payments[0].id
    return await storage.keep(
        replace(facts, cases=tuple(a_case(payment_id, reason=reason) for reason in reasons))
    )


async def saved(storage: Storage, before: OrderFacts, after: OrderFacts) -> OrderFacts:
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, None)
        await uow.commit()
    return await storage.load(before.order.id)


async def listed(storage: Storage, states: frozenset[CaseState], **choice: object) -> list[str]:
    chosen = CaseChoice(states=states, **choice)  # type: ignore[arg-type]
    return [found.case.id for found in await storage.queries.cases(None, 100, chosen)]


async def test_cases_are_listed_oldest_first_page_by_page(storage: Storage) -> None:
    first = await with_cases(storage, CaseReason.DISPUTE, CaseReason.REFUND_FAILED)
    second = await with_cases(storage, CaseReason.DISPUTE)
    expected = [
        *(ListedCase(case=case, order_id=first.order.id) for case in first.cases),
        ListedCase(case=second.cases[0], order_id=second.order.id),
    ]
    page = list(await storage.queries.cases(None, 2, CaseChoice(states=UNRESOLVED)))
    assert page == expected[:2]
    rest = await storage.queries.cases(page[-1].case.id, 2, CaseChoice(states=UNRESOLVED))
    assert list(rest) == expected[2:]


async def test_cases_are_chosen_by_state_reason_and_order(storage: Storage) -> None:
    before = await with_cases(storage, *list(CaseReason)[:4])
    other = await with_cases(storage, CaseReason.DISPUTE)
    opened, assigned, decided, settled = before.cases
    after = before.with_case(assigned.assigned("Kim"))
    after = after.with_case(decided.resolved(CaseAction.ACCEPT, ACT)).with_case(settled.settled(LATER))
    await saved(storage, before, after)
    by_state = {
        CaseState.OPEN: [opened.id, other.cases[0].id],
        CaseState.ASSIGNED: [assigned.id],
        CaseState.RESOLVED: [decided.id, settled.id],
    }
    for state, expected in by_state.items():
        assert await listed(storage, frozenset({state})) == expected
    assert await listed(storage, EVERY) == sorted(id_ for ids in by_state.values() for id_ in ids)
    assert await listed(storage, EVERY, order_id=other.order.id) == [other.cases[0].id]
    assert await listed(storage, EVERY, order_id=OrderId("ord_none")) == []
    assert await listed(storage, UNRESOLVED, reason=assigned.reason) == [assigned.id]
    assert await listed(storage, UNRESOLVED, reason=decided.reason) == []


async def test_a_case_is_found_by_its_id_with_all_that_was_decided(storage: Storage) -> None:
    before = await with_cases(storage, CaseReason.TRIES_USED_UP)
    case = replace(before.cases[0].assigned("Robin"), detail="read_timeout")
    case = case.resolved(CaseAction.RETRY, ACT)
    after = await saved(storage, before, before.with_case(replace(case, detail=None)))
    found = await storage.queries.case(case.id)
    assert found == ListedCase(case=after.cases[0], order_id=before.order.id)
    assert await storage.queries.case(CaseId("case_none")) is None


async def test_the_same_trouble_again_is_another_case_once_the_first_is_resolved(storage: Storage) -> None:
    before = await with_cases(storage, CaseReason.TRIES_USED_UP)
    first = before.cases[0]
    before = await saved(storage, before, before.with_case(first.resolved(CaseAction.RETRY, ACT)))
    after = before.case_opened(CaseId("case_again"), first.reason, first.subject_id, LATER, detail="again")
    loaded = await saved(storage, before, after)
    assert [(case.id, case.state, case.detail) for case in loaded.cases] == [
        (first.id, CaseState.RESOLVED, None),
        ("case_again", CaseState.OPEN, "again"),
    ]


async def test_two_runners_open_one_case(storage: Storage) -> None:
    before = await storage.keep(placed_facts())
    await saved(storage, before, before.case_opened(CaseId("case_1"), CaseReason.DISPUTE, "dsp_1", NOW))
    with pytest.raises(ConcurrentChange):
        await saved(storage, before, before.case_opened(CaseId("case_2"), CaseReason.DISPUTE, "dsp_1", NOW))


async def test_what_people_did_is_in_the_timeline_with_their_reasons(storage: Storage) -> None:
    before = await storage.keep(placed_facts())
    after = before.told(EventKind.CASE_OPENED, NOW, "dsp_1", "dispute")
    after = after.told_act(EventKind.CASE_ASSIGNED, ACT, "case_1", "Robin")
    after = after.told_act(EventKind.CASE_RESOLVED, replace(ACT, at=NOW), "case_1", "accept")
    await saved(storage, before, after)
    told = list(await storage.queries.timeline(before.order.id))
    assert told[-3:] == list(after.news.events)
    assert told[-2] == Event(
        kind=EventKind.CASE_ASSIGNED,
        at=LATER,
        subject_id="case_1",
        detail="Robin",
        by="Kim",
        why="the shopper called",
    )


async def test_failures_of_an_order_are_counted_until_it_recovers(storage: Storage) -> None:
    facts = await storage.keep(placed_facts(), NOW)
    order_id = facts.order.id
    async with storage.unit_of_work() as uow:
        assert [await uow.orders.failed(order_id) for _ in range(3)] == [1, 2, 3]
        assert await uow.orders.failed(OrderId("ord_none")) == 0
        await uow.commit()
    await saved(storage, facts, facts.told(EventKind.STOCK_CONFIRMED, NOW, "rsv_1"))
    async with storage.unit_of_work() as uow:
        await uow.orders.put_off(order_id, NOW)
        assert [due.failures for due in await uow.orders.due(NOW, LATER, 10)] == [3]
        await uow.orders.recovered(order_id)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert [due.failures for due in await uow.orders.due(LATER, LATER, 10)] == [0]


async def test_an_order_that_is_put_off_is_not_looked_at_before(storage: Storage) -> None:
    facts = await storage.keep(placed_facts(), NOW)
    until = NOW + timedelta(hours=1)
    async with storage.unit_of_work() as uow:
        await uow.orders.put_off(facts.order.id, until)
        await uow.commit()
    assert await storage.queries.next_look(facts.order.id) == until
    assert await storage.queries.next_look(OrderId("ord_none")) is None
    async with storage.unit_of_work() as uow:
        assert await uow.orders.due(until - timedelta(seconds=1), until, 10) == []
        assert [due.id for due in await uow.orders.due(until, until + timedelta(seconds=1), 10)] == [
            facts.order.id
        ]
