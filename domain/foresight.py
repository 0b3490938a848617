"""What a person's decision about a case would do, said before it is done."""

import re

from domain.act import Act
from domain.case import Case, CaseAction
from domain.decision import decide
from domain.errors import CaseAlreadyResolved
from domain.identifiers import RefundId
from domain.journal import Account, balance
from domain.money import Money, total_of
from domain.order import OrderState, SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.resolving import case_resolved
from domain.steps import Complete
from domain.values import value

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


@value
class Foresight:
    """`money_back` goes back to the shopper, `written_off` is given up; `goods_freed` can be sold again.

    `payment_stopped`: a payment that has not collected anything yet is voided. `next_step` is what FastCart
    does next, in the words of `domain.steps`.
    """

    action: CaseAction
    order_state: OrderState
    money_back: Money
    written_off: Money
    goods_freed: tuple[SkuQuantity, ...]
    payment_stopped: bool
    next_step: str


def foresee(facts: OrderFacts, case: Case, action: CaseAction, act: Act) -> Foresight:
    """Changes nothing. Raises CaseAlreadyResolved and ActionNotPossible."""
    if case.resolution is not None:
        raise CaseAlreadyResolved(case_id=case.id)
    after = case_resolved(facts, case.id, action, act, RefundId("foreseen"))
    step = decide(after, act.at)
    completes = isinstance(step, Complete)
    called_off = after.order.is_closed_unpaid and not facts.order.is_closed_unpaid
    hold, currency = after.reservation, facts.order.total.currency
    # Where it completes with less than agreed, the loss is written off then.
    last = after.completed("foreseen", act.at) if completes else after
    given_up = balance(last.news.entries[len(facts.news.entries) :], Account.WRITTEN_OFF)
    new = (refund.amount for refund in after.refunds if refund not in facts.refunds)
    return Foresight(
        action=action,
        order_state=OrderState.COMPLETED if completes else after.order.state,
        money_back=total_of(new, currency),
        written_off=Money(minor=given_up, currency=currency),
        goods_freed=after.sale.goods_out() if called_off and hold is not None and hold.holds_goods else (),
        payment_stopped=called_off
        and any(p.is_open or p.state is PaymentState.AUTHORIZED for p in after.payments),
        next_step=_WORD_START.sub("_", type(step).__name__).lower(),
    )
