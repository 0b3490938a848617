"""Orders: everything comes back as it was written, once, against the version that was read."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.attempt import AttemptState
from domain.case import CaseReason, Resolution
from domain.dispute import DisputeSnapshot, DisputeState
from domain.disputing import dispute_observed
from domain.events import EventKind
from domain.holding import hold_requested
from domain.identifiers import DisputeId, OrderId, ReturnId
from domain.journal import Account
from domain.money import Money
from domain.order import ClosingReason
from domain.order_facts import OrderFacts
from domain.payment import (
    Decline,
    DeclineReason,
    Instrument,
    NextAction,
    NextActionKind,
    PaymentSnapshot,
    PaymentState,
)
from domain.payment_method import method_named
from domain.refund import RefundedLine, RefundSnapshot, RefundState
from domain.reservation import ReservationState
from domain.shop import StockKeeper
from ports.errors import CheckoutHasOrder, ConcurrentChange
from ports.unit_of_work import UnitOfWork
from tests.builders import (
    NOW,
    a_cart_line,
    a_case,
    a_dispute,
    a_payment,
    a_refund,
    a_reservation,
    a_service_hold,
    a_share,
    a_shortage,
    a_snapshot,
    an_address,
    an_attempt,
    an_order,
    eur,
    placed_facts,
    priced,
)
from tests.contracts.storage.conftest import Storage

SOON = NOW + timedelta(seconds=25)


async def save(storage: Storage, before: OrderFacts, after: OrderFacts) -> OrderFacts:
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, SOON)
        await uow.commit()
    return await storage.load(after.order.id)


async def test_an_order_comes_back_as_it_was_added_without_its_news(storage: Storage) -> None:
    facts = placed_facts()
    assert await storage.keep(facts, SOON) == facts.as_stored(1)


async def test_an_order_with_everything_in_it_comes_back(storage: Storage) -> None:
    order = an_order(
        lines=(priced(a_cart_line()), priced(a_cart_line(title="Tëa – 茶 'quoted' \"twice\"", quantity=3))),
        email=None,
        name=None,
        billing_address=an_address(line2="Hinterhaus", phone="+49 30 1234"),
        discount_code="WELCOME",
        closing_reason=ClosingReason.SHOPPER,
        closed_at=NOW,
    )
    payment = a_payment(
        order,
        state=PaymentState.AWAITING_ACTION,
        reference="pi_everything",
        client_secret="pi_secret",
        next_action=NextAction(kind=NextActionKind.REDIRECT, url="https://bank.example/3ds?a=1&b=2"),
        decline=Decline(reason=DeclineReason.INSUFFICIENT_FUNDS, code="insufficient_funds"),
        offered=Instrument(token="pm_card"),
        return_url="https://shop.example/back",
        return_id=ReturnId("rtn_1"),
        returned_at=NOW,
        captured=eur(1),
        seen_at=NOW + timedelta(microseconds=1),
    )
    facts = OrderFacts(
        order=order,
        reservation=a_reservation(order),
        payments=(payment, a_payment(order, state=PaymentState.CAPTURED, was_over=True)),
        attempts=(
            an_attempt(payment, state=AttemptState.UNKNOWN, tries=3, detail="timeout", tries_forgiven=2),
        ),
        refunds=(
            a_refund(payment, amount=eur(5), reference="re_1", seen_at=NOW),
            a_refund(payment, amount=eur(6)),
            a_refund(
                payment,
                shares=(a_share(order.lines[0].id), a_share(None, 0, 5, 1)),
                restocked=(RefundedLine(line_id=order.lines[0].id, quantity=1),),
                note="brökën",
            ),
        ),
        shortages=(a_shortage(order), a_shortage(order, written_off=True, note="not on the shelf")),
        disputes=(a_dispute(payment), a_dispute(payment, state=DisputeState.LOST, withdrawn=False)),
        cases=(
            a_case(payment.id, resolution=Resolution(at=NOW)),
            a_case(payment.id, reason=CaseReason.CAPTURED_TWICE, assigned_to="Kim", detail="of_two"),
        ),
    )
    assert await storage.keep(facts) == facts


async def test_each_thing_that_takes_money_back_is_kept_when_it_comes_alone(storage: Storage) -> None:
    """A single row travels in another form than several."""
    facts = await storage.keep(placed_facts())
    payment, line = facts.payments[0], facts.order.lines[0]
    refund = a_refund(
        payment, shares=(a_share(line.id),), restocked=(RefundedLine(line_id=line.id, quantity=1),)
    )
    facts = await save(storage, facts, facts.refund_requested(refund))
    assert facts.refunds == (refund,)
    shortage = a_shortage(facts.order, note="lost")
    facts = await save(storage, facts, replace(facts, shortages=(shortage,)))
    assert facts.shortages == (shortage,)
    told = DisputeSnapshot(reference="dp_1", state=DisputeState.OPEN, amount=payment.amount, withdrawn=True)
    facts = await save(storage, facts, dispute_observed(facts, payment.id, told, DisputeId("dsp_1"), NOW))
    lost = dispute_observed(
        facts, payment.id, replace(told, state=DisputeState.LOST), DisputeId("dsp_2"), NOW + timedelta(days=9)
    )
    facts = await save(storage, facts, lost)
    assert facts.disputes == lost.disputes
    balances = {row.account: row.minor for row in await storage.queries.balances(facts.order.id)}
    assert balances == {
        Account.PROVIDER: -payment.amount.minor,
        Account.DISPUTED: 0,
        Account.WRITTEN_OFF: payment.amount.minor,
    }


async def test_an_unknown_order_is_none(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        assert await uow.orders.get(placed_facts().order.id) is None


async def test_a_save_is_what_the_next_load_gives_in_a_higher_version(storage: Storage) -> None:
    before = await storage.keep(placed_facts())
    snapshot = PaymentSnapshot(
        reference="pi_1",
        state=PaymentState.AUTHORIZED,
        amount=before.order.total,
        received=Money.zero(before.order.total.currency),
    )
    payment = before.payments[0]
    after = before.payment_observed(payment.id, snapshot, NOW).stock_confirmed(NOW)
    after = after.attempt_ended(before.attempts[0].succeeded(), NOW)
    after = after.attempt_started(an_attempt(payment), NOW).refund_requested(a_refund(payment))
    after = replace(after, cases=(a_case(payment.id),), order=after.order.completed())
    assert await save(storage, before, after) == after.as_stored(2)


@pytest.mark.parametrize("method", ["sepa_debit", "nobody_knows_it"])
async def test_what_is_paid_with_and_until_when_it_is_expected_are_kept(
    storage: Storage, method: str
) -> None:
    before = await storage.keep(placed_facts())
    payment, total = before.payments[0], before.order.total
    told = a_snapshot(total, state=PaymentState.PROCESSING, method=method_named(method))
    on_its_way = await save(storage, before, before.payment_observed(payment.id, told, NOW))
    assert on_its_way.payments[0].method == method_named(method)
    assert on_its_way.payments[0].expected_by == NOW + method_named(method).arrives_within
    paid = replace(told, state=PaymentState.CAPTURED, received=total)
    arrived = await save(storage, on_its_way, on_its_way.payment_observed(payment.id, paid, NOW))
    assert (arrived.payments[0].method, arrived.payments[0].expected_by) == (method_named(method), None)


async def test_existing_records_change_and_settled_attempts_are_left_out(storage: Storage) -> None:
    facts = placed_facts()
    payment = facts.payments[0]
    facts = replace(facts, refunds=(a_refund(payment),), cases=(a_case(payment.id),))
    before = await storage.keep(facts)
    refund = before.refunds[0]
    seen = RefundSnapshot(reference="re_1", state=RefundState.SUCCEEDED, amount=refund.amount)
    after = before.refund_observed(refund.id, seen, NOW).hold_extended(NOW + timedelta(hours=2), NOW)
    after = after.attempt_ended(before.attempts[0].rejected("card_declined"), NOW)
    after = replace(after, cases=(after.cases[0].settled(NOW),))
    loaded = await save(storage, before, after)
    assert loaded == after.as_stored(2)
    assert loaded.attempts == ()


async def test_attempts_come_back_in_the_order_in_which_they_started(storage: Storage) -> None:
    facts = placed_facts()
    second, first = an_attempt(facts.payments[0], started_at=NOW + timedelta(seconds=1)), facts.attempts[0]
    loaded = await storage.keep(replace(facts, attempts=(second, first)))
    assert loaded.attempts == (first, second)


async def test_a_new_hold_takes_the_place_of_a_released_one(storage: Storage) -> None:
    before = await storage.keep(placed_facts())
    released = await save(storage, before, before.stock_released(NOW))
    held_again = released.stock_held(a_reservation(released.order), NOW)
    assert (await save(storage, released, held_again)).reservation == held_again.reservation


async def test_a_hold_that_was_lost_and_found_in_one_go_is_the_new_one(storage: Storage) -> None:
    before = await storage.keep(placed_facts())
    after = before.stock_released(NOW).stock_held(a_reservation(before.order), NOW)
    assert (await save(storage, before, after)).reservation == after.reservation


async def test_saving_over_an_outdated_version_is_refused_and_writes_nothing(storage: Storage) -> None:
    before = await storage.keep(placed_facts())
    current = await save(storage, before, before.told(EventKind.HOLD_EXTENDED, NOW, "first"))
    outdated = before.closed(ClosingReason.SHOPPER, NOW)
    with pytest.raises(ConcurrentChange):
        await save(storage, before, outdated)
    assert await storage.load(before.order.id) == current
    assert [event.subject_id for event in await storage.queries.timeline(before.order.id)][-1] == "first"


async def test_two_runners_saving_at_once_are_told_apart(storage: Storage) -> None:
    before = await storage.keep(placed_facts())

    async def run() -> bool:
        try:
            async with storage.unit_of_work() as uow:
                await uow.orders.save(before, before.told(EventKind.HOLD_EXTENDED, NOW, "x"), SOON)
                await uow.commit()
        except ConcurrentChange:
            return False
        return True

    assert sorted(await asyncio.gather(run(), run())) == [False, True]


async def test_saving_facts_that_did_not_change_writes_nothing(storage: Storage) -> None:
    facts = placed_facts()
    await storage.keep(facts, SOON)
    async with storage.unit_of_work() as uow:
        loaded = await uow.orders.get(facts.order.id)
        assert loaded is not None
        await uow.orders.save(loaded, loaded, SOON)
        await uow.commit()
    assert (await storage.load(facts.order.id)).order.version == 1


async def test_another_time_to_look_at_it_is_a_change(storage: Storage) -> None:
    facts = placed_facts()
    await storage.keep(facts, None)
    async with storage.unit_of_work() as uow:
        loaded = await uow.orders.get(facts.order.id)
        assert loaded is not None
        await uow.orders.save(loaded, loaded, NOW)
        await uow.commit()
        assert await due(uow, NOW, SOON) == [facts.order.id]


async def test_a_checkout_becomes_one_order(storage: Storage) -> None:
    facts = placed_facts()
    await storage.keep(facts)
    with pytest.raises(CheckoutHasOrder):
        await storage.keep(placed_facts(checkout_id=facts.order.checkout_id))
    async with storage.unit_of_work() as uow:
        assert await uow.orders.id_of_checkout(facts.order.checkout_id) == facts.order.id


async def test_fifty_placements_of_one_checkout_make_one_order(storage: Storage) -> None:
    checkout_id = placed_facts().order.checkout_id

    async def place() -> bool:
        try:
            async with storage.unit_of_work() as uow:
                await uow.orders.add(placed_facts(checkout_id=checkout_id), None)
                await uow.commit()
        except CheckoutHasOrder:
            return False
        return True

    assert sum(await asyncio.gather(*(place() for _ in range(50)))) == 1


async def test_a_forgotten_commit_leaves_nothing(storage: Storage) -> None:
    facts = placed_facts()
    async with storage.unit_of_work() as uow:
        await uow.orders.add(facts, NOW)
        assert await uow.orders.get(facts.order.id) == facts.as_stored(1)
    async with storage.unit_of_work() as uow:
        assert await uow.orders.get(facts.order.id) is None
        assert await uow.orders.id_of_checkout(facts.order.checkout_id) is None
        assert await uow.orders.due(NOW, SOON, 10) == []


async def test_nobody_else_sees_what_is_not_committed(storage: Storage) -> None:
    facts = placed_facts()
    async with storage.unit_of_work() as uow:
        await uow.orders.add(facts, None)
        async with storage.unit_of_work() as other:
            assert await other.orders.get(facts.order.id) is None
        await uow.commit()
    assert await storage.load(facts.order.id) == facts.as_stored(1)


async def test_an_order_is_found_by_its_payments_reference(storage: Storage) -> None:
    facts = placed_facts()
    await storage.keep(replace(facts, payments=(replace(facts.payments[0], reference="pi_found"),)))
    async with storage.unit_of_work() as uow:
        assert await uow.orders.id_of_payment("stripe", "pi_found") == facts.order.id
        assert await uow.orders.id_of_payment("adyen", "pi_found") is None
        assert await uow.orders.id_of_payment("stripe", "pi_other") is None


async def due(uow: UnitOfWork, now: datetime, lease_until: datetime) -> list[OrderId]:
    return [order.id for order in await uow.orders.due(now, lease_until, 10)]


async def test_orders_are_due_earliest_first_and_leased(storage: Storage) -> None:
    first, second, third, settled = (placed_facts() for _ in range(4))
    await storage.keep(second, NOW - timedelta(seconds=1))
    await storage.keep(first, NOW - timedelta(seconds=2))
    await storage.keep(third, NOW + timedelta(seconds=1))
    await storage.keep(settled, None)
    async with storage.unit_of_work() as uow:
        assert await due(uow, NOW, SOON) == [first.order.id, second.order.id]
        await uow.commit()
    async with storage.unit_of_work() as uow:
        taken = await due(uow, NOW + timedelta(seconds=2), SOON + timedelta(seconds=2))
        assert taken == [third.order.id]
        await uow.commit()
    async with storage.unit_of_work() as uow:
        again = await due(uow, SOON, SOON + timedelta(seconds=25))
    assert set(again) == {first.order.id, second.order.id}


async def test_an_order_that_waits_longer_is_not_due_at_its_earlier_time(storage: Storage) -> None:
    before = await storage.keep(placed_facts(), NOW)
    later = NOW + timedelta(minutes=5)
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, before.told(EventKind.HOLD_EXTENDED, NOW, "x"), later)
        await uow.commit()
    for moment, expected in ((SOON, []), (later - timedelta(microseconds=1), []), (later, [before.order.id])):
        async with storage.unit_of_work() as uow:
            assert await due(uow, moment, later + timedelta(minutes=1)) == expected
            await uow.commit()


async def test_an_order_that_is_needed_earlier_is_due_earlier(storage: Storage) -> None:
    before = await storage.keep(placed_facts(), NOW + timedelta(hours=1))
    after = before.told(EventKind.HOLD_EXTENDED, NOW, "x")
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, NOW)
        await uow.commit()
        assert await due(uow, NOW, SOON) == [before.order.id]


async def test_at_most_so_many_orders_are_taken(storage: Storage) -> None:
    for _ in range(3):
        await storage.keep(placed_facts(), NOW)
    async with storage.unit_of_work() as uow:
        assert len(await uow.orders.due(NOW, SOON, 2)) == 2
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert len(await uow.orders.due(NOW, SOON, 2)) == 1


async def test_a_checkout_whose_goods_could_not_be_had_becomes_one_other_order(storage: Storage) -> None:
    refused = placed_facts()
    async with storage.unit_of_work() as uow:
        await uow.orders.add(refused, SOON)
        await uow.commit()
    stored = refused.as_stored(1)
    await save(storage, stored, stored.closed(ClosingReason.OUT_OF_STOCK, NOW))
    checkout_id = refused.order.checkout_id
    async with storage.unit_of_work() as uow:
        assert await uow.orders.id_of_checkout(checkout_id) is None
    another, third = placed_facts(checkout_id=checkout_id), placed_facts(checkout_id=checkout_id)
    async with storage.unit_of_work() as uow:
        await uow.orders.add(another, SOON)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert await uow.orders.id_of_checkout(checkout_id) == another.order.id
    async with storage.unit_of_work() as uow:
        await uow.orders.add(third, SOON)
        with pytest.raises(CheckoutHasOrder):
            await uow.commit()


async def test_a_hold_at_a_service_that_ran_out_makes_room_for_another(storage: Storage) -> None:
    order = an_order(stock_keeper=StockKeeper.SERVICE)
    before = replace(placed_facts(), order=order, reservation=a_service_hold(order))
    async with storage.unit_of_work() as uow:
        await uow.orders.add(before, SOON)
        await uow.commit()
    asked = a_service_hold(order, state=ReservationState.REQUESTED)
    after = hold_requested(before.as_stored(1), asked, NOW)
    stored = await save(storage, before.as_stored(1), after)
    assert (stored.reservation, stored.order.stock_keeper) == (asked, StockKeeper.SERVICE)


async def test_many_orders_are_read_at_once(storage: Storage) -> None:
    first = await storage.keep(placed_facts())
    async with storage.unit_of_work() as uow:
        found = await uow.orders.get_all({first.order.id, OrderId("ord_unknown")})
    assert found == {first.order.id: first}
