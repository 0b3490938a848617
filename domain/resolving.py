"""What a person decides about a case, and what the order makes of it. `decide` takes it further.

A decision stands: deciding the same again changes nothing, deciding otherwise is refused.
"""

from collections.abc import Callable, Mapping
from typing import Final

from domain.act import Act
from domain.amount_captured import owed_again
from domain.attempt import Attempt
from domain.case import ABOUT_THE_AMOUNT, Case, CaseAction, CaseReason
from domain.errors import ActionNotPossible, CaseAlreadyResolved, UnknownCase
from domain.events import EventKind
from domain.giving_back import is_disputed
from domain.holding import wants_goods
from domain.identifiers import RefundId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.refund import Refund, RefundReason, RefundState
from domain.values import replace


def case_of(facts: OrderFacts, case_id: str) -> Case:
    """Raises UnknownCase."""
    for case in facts.cases:
        if case.id == case_id:
            return case
    raise UnknownCase(case_id=case_id)


def possible_actions(facts: OrderFacts, case: Case) -> tuple[CaseAction, ...]:
    """Those of its kind that would do something now; none once it is resolved."""
    if case.resolution is not None:
        return ()
    anybody = Act(by="", why="", at=case.opened_at)
    effects = ((action, _EFFECTS[action](facts, case, anybody, RefundId(""))) for action in case.kind.actions)
    return tuple(action for action, effect in effects if effect is not None)


def case_assigned(facts: OrderFacts, case_id: str, to: str, act: Act) -> OrderFacts:
    """Somebody looks after it from now on. Raises UnknownCase and CaseAlreadyResolved."""
    case = case_of(facts, case_id)
    if case.resolution is not None:
        raise CaseAlreadyResolved(case_id=case_id)
    if case.assigned_to == to:
        return facts
    return facts.with_case(case.assigned(to)).told_act(EventKind.CASE_ASSIGNED, act, case.id, to)


def case_resolved(
    facts: OrderFacts, case_id: str, action: CaseAction, act: Act, refund_id: RefundId
) -> OrderFacts:
    """The order with the decision, and a refund under `refund_id` if that is what it asks for.

    Raises UnknownCase, CaseAlreadyResolved if it was resolved otherwise, and ActionNotPossible.
    """
    case = case_of(facts, case_id)
    if case.decided is action:
        return facts
    if case.resolution is not None:
        raise CaseAlreadyResolved(case_id=case_id)
    after = _EFFECTS[action](facts, case, act, refund_id) if action in case.kind.actions else None
    if after is None:
        possible = tuple(each.value for each in possible_actions(facts, case))
        raise ActionNotPossible(action=action.value, possible=possible)
    after = after.with_case(case.resolved(action, act))
    return after.told_act(EventKind.CASE_RESOLVED, act, case.id, action.value)


# What the order is with the decision; None where there is nothing (left) to do.
_Effect = Callable[[OrderFacts, Case, Act, RefundId], OrderFacts | None]


def _retry(facts: OrderFacts, case: Case, act: Act, refund_id: RefundId) -> OrderFacts | None:
    if case.reason is CaseReason.REFUND_FAILED:
        again = _once_more(facts, facts.refund(case.subject_id), refund_id, act)
        return None if again is None else facts.refund_requested(again)
    if case.reason is CaseReason.TRIES_USED_UP:
        stuck = [a for a in facts.attempts if a.intention == case.subject_id and not a.is_settled]
        return _started_over(facts, stuck[0], act) if stuck else None
    return facts


def _refund(facts: OrderFacts, case: Case, act: Act, refund_id: RefundId) -> OrderFacts | None:
    """All that is left of the payment or, where too much was captured, what exceeds the total.

    Where too little was captured, the order is called off with it.
    """
    payment = facts.payment(case.subject_id)
    amount = facts.sale.refundable(payment)
    if case.reason in ABOUT_THE_AMOUNT:
        excess = facts.sale.excess(payment)
        if excess.minor >= 0:
            amount = min(amount, excess)
        elif facts.order.state is OrderState.COMPLETED:
            return None
        else:
            facts = facts.closed(ClosingReason.MERCHANT, act.at)
    if amount.minor <= 0 or is_disputed(facts, payment):
        return None
    refund = Refund(
        id=refund_id,
        payment_id=payment.id,
        amount=amount,
        state=RefundState.REQUESTED,
        reason=RefundReason.UNUSABLE_PAYMENT,
        created_at=act.at,
        note=act.why,
    )
    return facts.refund_requested(refund)


def _cancel(facts: OrderFacts, case: Case, act: Act, refund_id: RefundId) -> OrderFacts | None:
    """Until money was taken, or when none of it came: otherwise it is a refund."""
    live = facts.live_payment
    paid = live is not None and live.has_collected
    if paid or facts.order.state is not OrderState.OPEN:
        return None
    return facts.closed(ClosingReason.MERCHANT, act.at)


def _accept(facts: OrderFacts, case: Case, act: Act, refund_id: RefundId) -> OrderFacts | None:
    """What a failed capture leaves owing is given up; of an order that isn't complete, when it is."""
    if case.reason is not CaseReason.CAPTURE_FAILED or wants_goods(facts):
        return facts
    payment = facts.payment(case.subject_id)
    return facts.forgoing(payment, owed_again(facts, payment), act.at)


_EFFECTS: Final[Mapping[CaseAction, _Effect]] = {
    CaseAction.RETRY: _retry,
    CaseAction.REFUND: _refund,
    CaseAction.CANCEL: _cancel,
    CaseAction.ACCEPT: _accept,
}


def _started_over(facts: OrderFacts, stuck: Attempt, act: Act) -> OrderFacts:
    anew = stuck.started_over(act.at)
    return replace(facts, attempts=tuple(anew if a.id == stuck.id else a for a in facts.attempts))


def _once_more(facts: OrderFacts, failed: Refund, refund_id: RefundId, act: Act) -> Refund | None:
    """A new refund of the same parts; None if they, or the money, have gone back otherwise.

    What was put back to stock with the first stays there.
    """
    payment = facts.payment(failed.payment_id)
    left = {part.line_id: part for part in facts.sale.left().parts}
    parts_are_left = all(
        share.pieces <= left[share.line_id].pieces
        and share.net <= left[share.line_id].net
        and share.tax <= left[share.line_id].tax
        for share in failed.shares
    )
    if not parts_are_left or facts.sale.refundable(payment) < failed.amount or is_disputed(facts, payment):
        return None
    return Refund(
        id=refund_id,
        payment_id=payment.id,
        amount=failed.amount,
        state=RefundState.REQUESTED,
        reason=failed.reason,
        created_at=act.at,
        shares=failed.shares,
        note=act.why,
    )
