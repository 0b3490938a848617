"""A defect of ours keeps an order from going on: a person is told, it is tried rarely, and goes on once it
can.
"""

from datetime import timedelta
from typing import Any

import pytest

from application.explain_order import ExplainOrder, ReadOrder
from application.resolve_case import Decision
from application.set_order_aside import FAILURES_BEFORE_CASE, RARELY
from domain.case import CaseAction, CaseReason, CaseState
from domain.order import OrderState
from domain.order_facts import OrderFacts
from ports.errors import Unavailable
from tests.application.shop import Shop

LEASE = timedelta(seconds=26)


async def sweeps(shop: Shop, wait: timedelta = LEASE) -> list[str]:
    """What fails when this time has passed, by type."""
    shop.clock.advance(wait)
    return [type(failure).__name__ for failure in (await shop.sweep()).failures]


async def due_in(shop: Shop, facts: OrderFacts) -> timedelta:
    due_at = await shop.queries.next_look(facts.order.id)
    assert due_at is not None
    return due_at - shop.clock.now()


@pytest.fixture(params=["deciding", "calling"])
async def broken(shop: Shop, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> OrderFacts:
    """An order that waits for its shopper; from now on it fails where it decides, or where it calls."""
    facts = await shop.placed()

    def defect(*_: Any) -> Any:
        raise KeyError("what nobody thought of")

    if request.param == "deciding":
        monkeypatch.setattr("application.advance_order.decide", defect)
    else:
        monkeypatch.setattr(shop.provider, "retrieve", defect)
    shop.clock.advance(timedelta(minutes=5))
    return facts


async def test_an_order_that_fails_again_and_again_is_shown_to_a_person_and_tried_rarely(
    shop: Shop, broken: OrderFacts
) -> None:
    for _ in range(FAILURES_BEFORE_CASE - 1):
        assert await sweeps(shop) == ["KeyError"]
        assert await due_in(shop, broken) < LEASE
    assert (await shop.facts(broken.order.id)).cases == ()
    assert await sweeps(shop) == ["KeyError"]
    (case,) = (await shop.facts(broken.order.id)).cases
    assert (case.reason, case.subject_id, case.detail) == (
        CaseReason.ADVANCING_FAILED,
        broken.order.id,
        "KeyError",
    )
    for _ in range(3):
        assert await due_in(shop, broken) == RARELY
        assert await sweeps(shop, RARELY - timedelta(seconds=1)) == []
        assert await sweeps(shop, timedelta(seconds=1)) == ["KeyError"]
    assert (await shop.facts(broken.order.id)).cases == (case,)


async def test_once_it_goes_on_its_case_has_settled_itself(
    shop: Shop, broken: OrderFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FAILURES_BEFORE_CASE):
        await sweeps(shop)
    monkeypatch.undo()
    assert await sweeps(shop, RARELY) == []
    facts = await shop.facts(broken.order.id)
    assert [(case.state, case.decided) for case in facts.cases] == [(CaseState.RESOLVED, None)]
    assert await sweeps(shop, shop.rules.payment_window) == []
    assert (await shop.facts(broken.order.id)).order.state is OrderState.EXPIRED


async def test_a_retry_is_recorded_even_though_going_on_fails_and_counts_anew(
    shop: Shop, broken: OrderFacts
) -> None:
    for _ in range(FAILURES_BEFORE_CASE):
        await sweeps(shop)
    (case,) = (await shop.facts(broken.order.id)).cases
    retry = Decision(case_id=case.id, action=CaseAction.RETRY, by="Kim", why="a new release is out")
    await shop.resolve_case(retry)
    assert await sweeps(shop, timedelta(0)) == ["KeyError"]
    for _ in range(FAILURES_BEFORE_CASE - 2):
        assert await sweeps(shop) == ["KeyError"]
        assert len((await shop.facts(broken.order.id)).cases) == 1
    await sweeps(shop)
    states = [known.state for known in (await shop.facts(broken.order.id)).cases]
    assert states == [CaseState.RESOLVED, CaseState.OPEN]


async def test_what_was_accepted_is_tried_rarely_and_told_no_more(shop: Shop, broken: OrderFacts) -> None:
    for _ in range(FAILURES_BEFORE_CASE):
        await sweeps(shop)
    (case,) = (await shop.facts(broken.order.id)).cases
    await shop.resolve_case(Decision(case_id=case.id, action=CaseAction.ACCEPT, by="Kim", why="known"))
    for _ in range(FAILURES_BEFORE_CASE + 2):
        await sweeps(shop)
    assert await due_in(shop, broken) > timedelta(minutes=50)
    assert len((await shop.facts(broken.order.id)).cases) == 1


async def test_a_single_failure_is_forgotten_once_it_goes_on(
    shop: Shop, broken: OrderFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sweeps(shop)
    assert shop.storage.orders[broken.order.id].failures == 1
    monkeypatch.undo()
    assert await sweeps(shop) == []
    assert shop.storage.orders[broken.order.id].failures == 0
    assert (await shop.facts(broken.order.id)).cases == ()


async def test_a_provider_that_is_away_is_no_defect(shop: Shop) -> None:
    facts = await shop.placed()
    shop.faults.planned += [("retrieve", "before", Unavailable("refused"))] * 20
    shop.clock.advance(timedelta(minutes=5))
    for _ in range(FAILURES_BEFORE_CASE + 2):
        assert await sweeps(shop, timedelta(seconds=61)) == []
    assert shop.storage.orders[facts.order.id].failures == 0


async def test_the_timeline_explains_an_order_that_can_not_go_on(shop: Shop, broken: OrderFacts) -> None:
    for _ in range(FAILURES_BEFORE_CASE):
        await sweeps(shop)
    explain = ExplainOrder(ReadOrder(shop.unit_of_work), shop.queries, shop.clock)
    waiting = (await explain(broken.order.id, None)).waiting
    assert (waiting.reason, waiting.since) == ("advancing_failed", shop.clock.now())
    assert waiting.until == shop.clock.now() + RARELY
