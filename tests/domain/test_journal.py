"""The journal: whatever a provider says, in whatever order, every entry balances and the accounts say what
really happened.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import journal
from domain.errors import CurrencyMismatch, RefundExceedsBalance, TotalsDoNotAddUp
from domain.journal import Account, JournalEntry, Movement, Posting, balance
from domain.money import Money
from domain.order import ClosingReason
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState, require_refundable
from tests.builders import (
    NOW,
    a_payment,
    a_refund,
    a_refund_snapshot,
    a_snapshot,
    an_order,
    eur,
    totals_of,
)
from tests.domain.carts import Cart, carts

LATER = NOW + timedelta(minutes=1)
MEMO = (Account.AUTHORIZED, Account.AUTHORIZATIONS)


def facts_with_payments(count: int) -> OrderFacts:
    order = an_order()
    return OrderFacts(order=order, payments=tuple(a_payment(order) for _ in range(count)))


def disagreements(facts: OrderFacts, entries: Sequence[JournalEntry]) -> list[str]:
    """Where the accounts and the facts differ; empty when the books are right."""
    promised = sum(p.amount.minor for p in facts.payments if p.state is PaymentState.AUTHORIZED)
    captured = sum(payment.captured.minor for payment in facts.payments)
    refunded = sum(r.amount.minor for r in facts.refunds if r.state is RefundState.SUCCEEDED)
    sold = facts.order.total.minor if any(e.movement is Movement.SOLD for e in entries) else 0
    expected = {
        Account.AUTHORIZED: promised,
        Account.AUTHORIZATIONS: -promised,
        Account.PROVIDER: captured - refunded,
        Account.SHOPPER: sold - captured + refunded,
    }
    wrong = [account.value for account, amount in expected.items() if balance(entries, account) != amount]
    if any(sum(posting.amount.minor for posting in entry.postings) for entry in entries):
        wrong.append("an entry")
    if sum(balance(entries, account) for account in Account):
        wrong.append("the whole")
    return wrong


@st.composite
def lives(draw: st.DrawFn) -> OrderFacts:
    """An order about which a provider says anything at all, in any order, while refunds are asked for."""
    facts = facts_with_payments(draw(st.integers(1, 2)))
    for _ in range(draw(st.integers(0, 15))):
        payment = draw(st.sampled_from(facts.payments))
        match draw(st.sampled_from(["payment", "payment", "refund", "bank", "complete", "close"])):
            case "payment":
                state, received = draw(st.sampled_from(PaymentState)), draw(st.integers(0, 3000))
                snapshot = a_snapshot(payment.amount, state=state, received=eur(received))
                facts = facts.payment_observed(payment.id, snapshot, LATER)
            case "refund":
                facts = _refund_asked_for(facts, payment.id, draw(st.integers(1, 3000)))
            case "bank" if facts.refunds:
                refund = draw(st.sampled_from(facts.refunds))
                told = a_refund_snapshot(refund.amount, state=draw(st.sampled_from(RefundState)))
                facts = facts.refund_observed(refund.id, told, LATER)
            case "complete":
                facts = facts.completed("msg_1", LATER) if not facts.order.is_closed_unpaid else facts
            case _ if not any(entry.movement is Movement.SOLD for entry in facts.news.entries):
                facts = facts.closed(ClosingReason.NOT_PAID_IN_TIME, LATER)
    return facts


def _refund_asked_for(facts: OrderFacts, payment_id: str, minor: int) -> OrderFacts:
    payment = facts.payment(payment_id)
    try:
        require_refundable(
            eur(minor), payment.captured, [r for r in facts.refunds if r.payment_id == payment_id]
        )
    except RefundExceedsBalance:
        return facts
    return facts.refund_requested(a_refund(payment, amount=eur(minor)))


@given(facts=lives())
def test_the_accounts_say_what_happened(facts: OrderFacts) -> None:
    assert disagreements(facts, facts.news.entries) == []


@given(facts=lives(), data=st.data())
def test_a_missing_or_doubled_entry_would_be_noticed(facts: OrderFacts, data: st.DataObject) -> None:
    entries = list(facts.news.entries)
    if entries:
        index = data.draw(st.integers(0, len(entries) - 1))
        without = entries[:index] + entries[index + 1 :]
        assert entries[index].movement is Movement.SOLD or disagreements(facts, without)
        assert disagreements(facts, [*entries, entries[index]])


@given(facts=lives())
def test_once_every_payment_has_ended_no_promise_of_money_is_left(facts: OrderFacts) -> None:
    for payment in facts.payments:
        for state in (PaymentState.AUTHORIZED, PaymentState.VOIDED):
            facts = facts.payment_observed(payment.id, a_snapshot(payment.amount, state=state), LATER)
    assert [balance(facts.news.entries, account) for account in MEMO] == [0, 0]


@given(facts=lives())
def test_hearing_everything_again_books_nothing(facts: OrderFacts) -> None:
    booked = facts.news.entries
    for payment in facts.payments:
        again = a_snapshot(payment.amount, state=payment.state, received=payment.captured)
        facts = facts.payment_observed(payment.id, again, LATER)
    for refund in facts.refunds:
        facts = facts.refund_observed(refund.id, a_refund_snapshot(refund.amount, state=refund.state), LATER)
    assert facts.news.entries == booked


def test_a_sale_by_example() -> None:
    facts = facts_with_payments(1)
    (payment,) = facts.payments
    authorized = a_snapshot(payment.amount, state=PaymentState.AUTHORIZED)
    captured = a_snapshot(payment.amount, state=PaymentState.CAPTURED, received=payment.amount)
    facts = facts.payment_observed(payment.id, authorized, NOW)
    assert [balance(facts.news.entries, account) for account in MEMO] == [2023, -2023]
    facts = facts.payment_observed(payment.id, captured, NOW).completed("msg_1", NOW)
    movements = [entry.movement.value for entry in facts.news.entries]
    assert movements == ["authorized", "authorization_ended", "captured", "sold"]
    balances = {account.value: balance(facts.news.entries, account) for account in Account}
    assert {name: amount for name, amount in balances.items() if amount} == {
        "provider": 2023,
        "sales": -1200,
        "delivery": -500,
        "tax": -323,
    }


def test_a_refund_that_a_bank_sends_back_is_the_providers_again() -> None:
    facts = facts_with_payments(1)
    (payment,) = facts.payments
    captured = a_snapshot(payment.amount, state=PaymentState.CAPTURED, received=payment.amount)
    refund = a_refund(payment, amount=eur(700))
    facts = facts.payment_observed(payment.id, captured, NOW).refund_requested(refund)
    held = []
    for state in (RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED, RefundState.FAILED):
        told = a_refund_snapshot(refund.amount, state=state)
        facts = facts.refund_observed(refund.id, told, NOW)
        held.append(balance(facts.news.entries, Account.PROVIDER))
    assert held == [2023, 1323, 2023, 2023]


@given(cart=carts())
def test_a_sale_is_booked_to_the_cent_for_any_cart(cart: Cart) -> None:
    totals = cart.quote().totals
    entry = journal.sold("ord_1", totals, NOW)
    assert balance([entry], Account.SHOPPER) == totals.total.minor
    assert balance([entry], Account.SALES) == (totals.discount - totals.subtotal).minor
    assert balance([entry], Account.DELIVERY) == -totals.delivery.minor
    assert balance([entry], Account.TAX) == -totals.tax.minor


def _entry(*postings: tuple[Account, Money]) -> JournalEntry:
    return JournalEntry(
        movement=Movement.CAPTURED,
        subject_id="pay_1",
        at=NOW,
        postings=tuple(Posting(account=account, amount=amount) for account, amount in postings),
    )


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(TotalsDoNotAddUp):
        _entry((Account.PROVIDER, eur(100)), (Account.SHOPPER, eur(-99)))
    with pytest.raises(TotalsDoNotAddUp):
        _entry((Account.PROVIDER, eur(100)))


def test_an_entry_without_postings_cannot_be_made() -> None:
    with pytest.raises(TotalsDoNotAddUp):
        _entry()


def test_dollars_do_not_balance_euros() -> None:
    with pytest.raises(CurrencyMismatch):
        _entry((Account.PROVIDER, eur(100)), (Account.SHOPPER, Money.of(-100, "USD")))


def test_accounts_that_nothing_was_booked_to_are_empty() -> None:
    assert [balance([], account) for account in Account] == [0] * len(Account)


def test_nothing_is_booked_for_free_delivery() -> None:
    totals = Cart(currency=eur(0).currency, lines=(), code=None, delivery=None, tax=None).quote().totals
    assert [posting.account for posting in journal.sold("ord_1", totals, NOW).postings] == [Account.SHOPPER]
    assert len(journal.sold("ord_1", totals_of(()), NOW).postings) == 3
