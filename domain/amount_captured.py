"""What was captured beside what had been agreed, and what is owed again since a capture failed."""

from domain.case import CaseAction, CaseReason, was_decided
from domain.holding import wants_goods
from domain.money import Money, total_of
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.refund import RefundState


def differs_from_agreed(facts: OrderFacts, payment: Payment) -> bool:
    """Another amount was captured; less because a capture failed is told as that."""
    if payment.state is not PaymentState.CAPTURED:
        return False
    excess = facts.sale.excess(payment).minor
    return excess > 0 or (excess < 0 and payment.failed is None)


def lacks_money(facts: OrderFacts, payment: Payment) -> bool:
    """Less was captured than agreed, and nobody has accepted that."""
    return (
        payment.state is PaymentState.CAPTURED
        and facts.sale.excess(payment).minor < 0
        and not is_accepted(facts, payment)
    )


def is_accepted(facts: OrderFacts, payment: Payment) -> bool:
    """Whether a person has accepted that another amount was captured than agreed, or that so much failed: who
    did without a little did not do without all.
    """
    if payment.failed is None:
        return was_decided(facts.cases, CaseAction.ACCEPT, payment.id, CaseReason.CAPTURED_AMOUNT_DIFFERS)
    loss = loss_told(facts, payment)
    return was_decided(facts.cases, CaseAction.ACCEPT, payment.id, CaseReason.CAPTURE_FAILED, loss)


def loss_told(facts: OrderFacts, payment: Payment) -> str:
    """How much has failed in all, and how much is lost, given up or not, where that differs."""
    lost = owed_again(facts, payment) + payment.given_up
    return str(payment.failed) if lost == payment.failed else f"{payment.failed}, {lost} lost"


def owed_again(facts: OrderFacts, payment: Payment) -> Money:
    """What of a failed capture nothing makes up for; zero where everything does, or a person does without.

    Disputes, and refunds of parts of the sale, are no part of it: the sale itself is smaller by them. Money
    that went back beyond the sale is; where there was none, as of an order that was called off, all of it.
    """
    zero = Money.zero(payment.amount.currency)
    if payment.failed is None or payment.state is not PaymentState.CAPTURED:
        return zero
    sold = facts.order.state is OrderState.COMPLETED
    sells = sold or wants_goods(facts)
    due = facts.sale.to_capture(payment) if sells and payment is facts.live_payment else zero
    gone = [r for r in facts.sale.refunds_of(payment) if r.state is RefundState.SUCCEEDED]
    beyond = total_of((refund.beyond(sold=sold) for refund in gone), zero.currency)
    return max(zero, min(payment.failed, due + beyond - payment.captured - payment.given_up))
