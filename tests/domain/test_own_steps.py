"""Our own steps, taken one after the other: they come to an end, and do nothing twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import decide
from domain.order import Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.steps import Capture, ConfirmStock, CreatePayment, ExtendHold, HoldStock, Settled, Step
from tests.builders import NOW, a_payment, a_reservation, an_order, any_facts, eur, moments
from tests.domain import decision_laws as laws
from tests.domain.combinations import COMBINATIONS, TIMES, orders
from tests.domain.own_steps import GoesInCircles, after, all_own_steps

END = TIMES[-2]


@pytest.mark.parametrize("in_stock", [True, False], ids=["in stock", "sold out"])
@pytest.mark.parametrize("combinations", COMBINATIONS)
@pytest.mark.parametrize("order", orders(), ids=lambda order: order.state.value)
def test_own_steps_come_to_an_end_and_break_no_law_on_the_way(
    order: Order, combinations: Callable[[Order], Iterator[OrderFacts]], in_stock: bool
) -> None:
    for facts, now in product(combinations(order), (NOW, END)):
        rested, steps = all_own_steps(decide, facts, now, in_stock=in_stock)
        assert not laws.broken_laws(rested, now, steps[-1])
        assert len(set(steps)) == len(steps)


@given(facts=any_facts(), now=moments, in_stock=st.booleans())
def test_own_steps_come_to_an_end_whatever_is_known(facts: OrderFacts, now: datetime, in_stock: bool) -> None:
    known = facts
    rested, steps = all_own_steps(decide, facts, now, in_stock=in_stock)
    assert laws.broken_laws(rested, now, steps[-1]) == []
    for step in steps[:-1]:
        assert laws.broken_laws(known, now, step) == []
        known = after(step, known, now, in_stock=in_stock) or known


def test_circles_would_be_noticed() -> None:
    order = an_order()
    facts = OrderFacts(order=order, reservation=a_reservation(order))

    def extends_for_ever(facts: OrderFacts, now: datetime) -> Step:
        return ExtendHold(until=now + timedelta(minutes=5))

    with pytest.raises(GoesInCircles):
        all_own_steps(extends_for_ever, facts, NOW, in_stock=True)


def test_a_new_order_holds_its_goods_and_makes_a_payment_before_anybody_is_called() -> None:
    facts, steps = all_own_steps(decide, OrderFacts(order=an_order()), NOW, in_stock=True)
    assert isinstance(steps[0], HoldStock)
    assert isinstance(steps[-1], CreatePayment)
    assert [payment.state for payment in facts.payments] == [PaymentState.NEW]


def test_a_new_order_without_goods_is_cancelled_without_a_payment() -> None:
    facts, steps = all_own_steps(decide, OrderFacts(order=an_order()), NOW, in_stock=False)
    assert isinstance(steps[-1], Settled)
    assert (facts.order.state, facts.payments) == (OrderState.CANCELLED, ())


def test_an_authorized_payment_goes_as_far_as_its_capture() -> None:
    order = an_order()
    facts = OrderFacts(
        order=order,
        reservation=a_reservation(order),
        payments=(a_payment(order, state=PaymentState.AUTHORIZED),),
    )
    _facts, steps = all_own_steps(decide, facts, NOW, in_stock=True)
    assert [type(step) for step in steps] == [ConfirmStock, Capture]


@pytest.mark.parametrize(("in_stock", "state"), [(True, OrderState.COMPLETED), (False, OrderState.CANCELLED)])
def test_money_for_an_open_order_whose_hold_was_lost(in_stock: bool, state: OrderState) -> None:
    order = an_order()
    paid = a_payment(order, state=PaymentState.CAPTURED, captured=order.total)
    facts, _steps = all_own_steps(decide, OrderFacts(order=order, payments=(paid,)), NOW, in_stock=in_stock)
    assert facts.order.state is state
    back = sum(refund.amount.minor for refund in facts.refunds)
    assert eur(back) == (eur(0) if in_stock else order.total)
