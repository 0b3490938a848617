"""`fastcart cases` and `fastcart parked`: from the list to the decision, without any vendor's key."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest

from adapters.postgres.connections import Connections
from adapters.postgres.pool import open_pool
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.case import CaseAction, CaseReason, CaseState
from domain.events import EventKind, MessageKind, OutgoingMessage
from domain.identifiers import CaseId, OrderId
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState
from domain.values import replace
from tests.builders import NOW, a_case, a_payment, a_refund, an_order, new_id
from tests.cli.conftest import Run

T = TypeVar("T")
ACT = ("--as", "Kim", "--why", "the card was renewed")
Told = tuple[EventKind, str | None, str | None]


def on_database(url: str, work: Callable[[Connections], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_pool(url, 2) as pool:
            return await work(pool)

    return asyncio.run(run())


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A database with one paid order: its refund has failed, and its confirmation is parked."""

    url: str
    case_id: CaseId
    message_id: str
    order_id: OrderId

    def order(self) -> OrderFacts:
        async def read(pool: Connections) -> OrderFacts:
            async with PostgresUnitOfWork(pool) as uow:
                facts = await uow.orders.get(self.order_id)
            assert facts is not None
            return facts

        return on_database(self.url, read)

    def told(self) -> list[Told]:
        """What people did, who they are, and why."""

        async def read(pool: Connections) -> list[Told]:
            events = await PostgresQueries(pool).timeline(self.order_id)
            return [(event.kind, event.by, event.why) for event in events if event.by is not None]

        return on_database(self.url, read)


@pytest.fixture
def desk(new_database_url: Callable[[], str]) -> Desk:
    url, message_id = new_database_url(), new_id("msg")
    order = an_order(state=OrderState.COMPLETED)
    payment = a_payment(order, state=PaymentState.CAPTURED, captured=order.total, reference="pi_1")
    refund = a_refund(payment, state=RefundState.FAILED)
    case = a_case(refund.id, reason=CaseReason.REFUND_FAILED)
    facts = OrderFacts(order=order, payments=(payment,), refunds=(refund,), cases=(case,))
    message = OutgoingMessage(id=message_id, kind=MessageKind.ORDER_CONFIRMATION, order_id=order.id)
    facts = replace(facts, news=replace(facts.news, messages=(message,)))

    async def fill(pool: Connections) -> None:
        async with PostgresUnitOfWork(pool) as uow:
            await uow.orders.add(facts, None)
            await uow.commit()
        async with PostgresUnitOfWork(pool) as uow:
            await uow.outbox.park(message_id, "recipient_refused", NOW + timedelta(minutes=1))
            await uow.commit()

    on_database(url, fill)
    return Desk(url=url, case_id=case.id, message_id=message_id, order_id=order.id)


def test_the_list_shows_who_waits_for_what(desk: Desk, run: Run) -> None:
    said = run("cases", "list", DATABASE_URL=desk.url)
    assert said.code == 0
    for shown in (desk.case_id, desk.order_id, "refund failed", "retry, accept", f"{NOW:%Y-%m-%d %H:%M}"):
        assert shown in said.told
    for chosen in ("--state", "assigned"), ("--reason", "dispute"), ("--order", "ord_none"):
        assert run("cases", "list", *chosen, DATABASE_URL=desk.url).told == "No such cases."


def test_ids_can_be_copied_from_a_narrow_window(desk: Desk, run: Run) -> None:
    for command, ids in (
        (["cases", "list"], (desk.case_id, desk.order_id)),
        (["cases", "show", desk.case_id], (f"resolve {desk.case_id} ACTION --as NAME --why REASON",)),
        (["parked", "list"], (desk.message_id, desk.order_id)),
    ):
        out = run(*command, DATABASE_URL=desk.url, COLUMNS="80").out
        assert all(whole in out for whole in ids), out


def test_a_case_is_shown_with_what_each_decision_would_do(desk: Desk, run: Run) -> None:
    before = desk.order()
    said = run("cases", "show", desk.case_id, DATABASE_URL=desk.url)
    assert said.code == 0
    for shown in ("A refund failed", "nobody yet", "20.23 EUR goes back", "submit refund", "accept"):
        assert shown in said.told
    assert desk.order() == before


def test_a_case_is_given_to_somebody(desk: Desk, run: Run) -> None:
    said = run("cases", "assign", desk.case_id, "--to", "Robin", *ACT, DATABASE_URL=desk.url)
    assert (said.code, said.told) == (0, f"{desk.case_id} is looked after by Robin.")
    assert desk.order().cases[0].assigned_to == "Robin"
    said = run("cases", "assign", desk.case_id, *ACT, DATABASE_URL=desk.url)
    assert said.told == f"{desk.case_id} is looked after by Kim."
    assert desk.told() == [(EventKind.CASE_ASSIGNED, "Kim", "the card was renewed")] * 2


def test_a_decision_is_recorded_and_left_to_a_worker(desk: Desk, run: Run) -> None:
    said = run("cases", "resolve", desk.case_id, "retry", *ACT, DATABASE_URL=desk.url)
    assert said.code == 0
    assert said.told.startswith(f"{desk.case_id} is resolved: retry. See order {desk.order_id}")
    facts = desk.order()
    assert [refund.state for refund in facts.refunds] == [RefundState.FAILED, RefundState.REQUESTED]
    case = facts.cases[0]
    assert (case.state, case.decided) == (CaseState.RESOLVED, CaseAction.RETRY)
    assert desk.told() == [(EventKind.CASE_RESOLVED, "Kim", "the card was renewed")]
    again = run("cases", "resolve", desk.case_id, "retry", *ACT, DATABASE_URL=desk.url)
    assert again.code == 0
    assert desk.order() == facts
    shown = run("cases", "show", desk.case_id, DATABASE_URL=desk.url)
    assert "resolved: retry" in shown.told
    assert "Kim: the card was renewed" in shown.told
    assert run("cases", "list", DATABASE_URL=desk.url).told == "Nothing waits for a person."
    assert "resolved: retry" in run("cases", "list", "--state", "resolved", DATABASE_URL=desk.url).told


def test_what_can_not_be_done_is_said_and_nothing_changes(desk: Desk, run: Run) -> None:
    before = desk.order()
    said = run("cases", "resolve", desk.case_id, "cancel", *ACT, DATABASE_URL=desk.url)
    assert said.code == 2
    assert "cancel would do nothing here. Possible: retry, accept." in said.told
    for command in (["assign", desk.case_id], ["resolve", desk.case_id, "accept"]):
        said = run("cases", *command, "--as", " ", "--why", "x", DATABASE_URL=desk.url)
        assert (said.code, said.told) == (2, "Nothing was changed: --as may not be empty.")
        said = run("cases", *command, "--as", "Kim", "--why", "", DATABASE_URL=desk.url)
        assert (said.code, said.told) == (2, "Nothing was changed: --why may not be empty.")
    assert desk.order() == before


def test_a_case_that_was_decided_otherwise_is_left_alone(desk: Desk, run: Run) -> None:
    run("cases", "resolve", desk.case_id, "accept", *ACT, DATABASE_URL=desk.url)
    said = run("cases", "resolve", desk.case_id, "retry", *ACT, DATABASE_URL=desk.url)
    assert (said.code, "resolved already" in said.told) == (2, True)
    said = run("cases", "assign", desk.case_id, *ACT, DATABASE_URL=desk.url)
    assert (said.code, "this case is resolved" in said.told) == (2, True)


@pytest.mark.parametrize("command", [["show"], ["assign", *ACT], ["resolve", "accept", *ACT]])
def test_a_case_that_there_is_not_is_said_to_be_unknown(desk: Desk, run: Run, command: list[str]) -> None:
    said = run("cases", command[0], "case_none", *command[1:], DATABASE_URL=desk.url)
    assert said.code == 2
    assert "There is no case with this id. `fastcart cases list`" in said.told


def test_parked_work_is_listed_and_replayed(desk: Desk, run: Run) -> None:
    said = run("parked", "list", DATABASE_URL=desk.url)
    for shown in (desk.message_id, "order confirmation", "recipient_refused", desk.order_id):
        assert shown in said.told
    said = run("parked", "replay", desk.message_id, *ACT, DATABASE_URL=desk.url)
    assert (said.code, said.told) == (0, f"{desk.message_id} is tried again.")
    assert run("parked", "list", DATABASE_URL=desk.url).told == "Nothing is parked."
    assert desk.told() == [(EventKind.WORK_REPLAYED, "Kim", "the card was renewed")]
    said = run("parked", "replay", desk.message_id, *ACT, DATABASE_URL=desk.url)
    assert (said.code, "Nothing with this id is parked." in said.told) == (2, True)
