"""Subscriptions: what may be asked of one, and what each thing that the provider says makes of it."""

from datetime import timedelta

import pytest

from domain.attempt import AttemptState, Operation
from domain.errors import CurrencyMismatch, SubscriptionBusy, SubscriptionOver
from domain.events import EventKind
from domain.invoice import InvoiceState
from domain.journal import Account
from domain.letter import LetterKind
from domain.money import Money
from domain.standing import CancellationTime, Entitlement, SubscriptionState
from domain.subscription import Subscription
from domain.values import replace
from domain.wish import Wish
from tests.builders import NOW
from tests.subscribers import (
    GRACE,
    REFERENCE,
    a_new_subscription,
    a_subscription,
    an_attempt,
    invoiced,
    said,
    terms,
)

ACTIVE, PAST_DUE = SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE
INCOMPLETE, ENDED = SubscriptionState.INCOMPLETE, SubscriptionState.ENDED
LATER = NOW + timedelta(days=1)


def kinds(subscription: Subscription) -> list[EventKind]:
    return [event.kind for event in subscription.news.events]


def letters(subscription: Subscription) -> list[LetterKind]:
    return [letter.kind for letter in subscription.news.letters]


def in_flight(subscription: Subscription, state: AttemptState = AttemptState.IN_FLIGHT) -> Subscription:
    assert subscription.wish is not None
    attempt = an_attempt(subscription.wish.operation, state)
    return replace(subscription, wish=replace(subscription.wish, attempt=attempt))


def test_a_new_one_is_wished_for_and_gives_nothing_yet() -> None:
    new = a_new_subscription()
    assert new.wish is not None
    assert (new.wish.operation, new.state) == (Operation.SUBSCRIBE, SubscriptionState.NEW)
    assert new.entitlement is Entitlement.NONE


def test_one_that_is_paid_entitles_and_books_its_invoice() -> None:
    begun = a_new_subscription().begun(REFERENCE, an_attempt(), NOW)
    assert begun.stale
    paid = begun.observed(said(ACTIVE), [invoiced()], GRACE, NOW)
    assert (paid.state, paid.entitlement, paid.stale) == (ACTIVE, Entitlement.FULL, False)
    (entry,) = paid.news.entries
    assert {posting.account: posting.amount.minor for posting in entry.postings} == {
        Account.PROVIDER: 1900,
        Account.SUBSCRIPTIONS: -1900,
    }
    assert EventKind.ENTITLEMENT_CHANGED in kinds(paid)


def test_the_same_said_again_changes_nothing() -> None:
    once = a_subscription().observed(said(ACTIVE), [invoiced()], GRACE, NOW).as_stored(2)
    again = once.observed(said(ACTIVE), [invoiced()], GRACE, NOW)
    assert again == once


def test_tax_and_the_subscriber_s_credit_have_their_own_postings() -> None:
    invoice = invoiced(minor=2000, tax=Money.of(320, "EUR"), paid=Money.of(1500, "EUR"))
    booked = a_subscription().observed(said(ACTIVE), [invoice], GRACE, NOW)
    (entry,) = booked.news.entries
    assert {posting.account: posting.amount.minor for posting in entry.postings} == {
        Account.PROVIDER: 1500,
        Account.SHOPPER: 500,
        Account.SUBSCRIPTIONS: -1680,
        Account.TAX: -320,
    }


def test_an_invoice_about_nothing_is_not_booked() -> None:
    assert a_subscription().observed(said(ACTIVE), [invoiced(minor=0)], GRACE, NOW).news.entries == ()


def test_what_is_owed_to_the_subscriber_is_booked_as_theirs() -> None:
    booked = a_subscription().observed(said(ACTIVE), [invoiced(minor=-700)], GRACE, NOW)
    (entry,) = booked.news.entries
    assert {posting.account: posting.amount.minor for posting in entry.postings} == {
        Account.SHOPPER: -700,
        Account.SUBSCRIPTIONS: 700,
    }


def test_a_failed_payment_is_told_and_leaves_a_grace() -> None:
    failed = a_subscription().observed(said(PAST_DUE), [invoiced(InvoiceState.OPEN, tries=1)], GRACE, NOW)
    assert (failed.state, failed.entitlement, failed.grace_until) == (
        PAST_DUE,
        Entitlement.GRACE,
        NOW + GRACE,
    )
    assert letters(failed) == [LetterKind.INVOICE_UNPAID]
    assert failed.news.letters[0].about == failed.invoices[0].id
    assert failed.news.entries == ()


def test_each_vain_try_is_told_once_and_the_grace_runs_from_the_first() -> None:
    subscription = a_subscription()
    told = []
    for day, tries in enumerate((1, 1, 2, 2, 3)):
        at = NOW + timedelta(days=day)
        open_invoice = [invoiced(InvoiceState.OPEN, tries=tries)]
        subscription = subscription.observed(said(PAST_DUE), open_invoice, GRACE, at)
        told += [letter.id for letter in subscription.news.letters]
        assert subscription.grace_until == NOW + GRACE
        subscription = subscription.as_stored(day + 2)
    assert len(told) == len(set(told)) == 3


def test_of_several_vain_tries_that_were_missed_the_last_is_told() -> None:
    failed = a_subscription().observed(said(PAST_DUE), [invoiced(InvoiceState.OPEN, tries=3)], GRACE, NOW)
    assert letters(failed) == [LetterKind.INVOICE_UNPAID]


def test_news_of_a_vain_try_that_comes_after_the_payment_tells_nobody() -> None:
    paid = a_subscription().observed(said(ACTIVE), [invoiced(InvoiceState.PAID, tries=2)], GRACE, NOW)
    assert letters(paid) == []
    late = paid.as_stored(2).observed(said(ACTIVE), [invoiced(InvoiceState.OPEN, tries=2)], GRACE, NOW)
    assert (letters(late), late.invoices) == ([], paid.invoices)


def test_a_first_payment_that_fails_is_seen_by_the_customer_who_is_there() -> None:
    begun = a_new_subscription().begun(REFERENCE, an_attempt(), NOW)
    failed = begun.observed(said(INCOMPLETE), [invoiced(InvoiceState.OPEN, tries=1)], GRACE, NOW)
    assert (letters(failed), failed.entitlement) == ([], Entitlement.NONE)


def test_a_payment_within_the_grace_restores_everything() -> None:
    owing = a_subscription(PAST_DUE)
    paid = owing.observed(said(ACTIVE), [invoiced()], GRACE, LATER)
    assert (paid.entitlement, paid.grace_until) == (Entitlement.FULL, None)


def test_without_a_payment_the_grace_s_end_takes_the_plan_away_once() -> None:
    owing = a_subscription(PAST_DUE)
    assert owing.downgraded(NOW + GRACE - timedelta(seconds=1)) == owing
    down = owing.downgraded(NOW + GRACE)
    assert (down.entitlement, letters(down)) == (Entitlement.NONE, [LetterKind.DOWNGRADED])
    assert down.as_stored(2).downgraded(NOW + 2 * GRACE) == down.as_stored(2)


def test_another_vain_try_gives_nothing_back_but_a_payment_does() -> None:
    down = a_subscription(PAST_DUE).downgraded(NOW + GRACE).as_stored(2)
    at = NOW + GRACE + timedelta(days=1)
    still = down.observed(said(PAST_DUE), [invoiced(InvoiceState.OPEN, tries=4)], GRACE, at)
    assert still.entitlement is Entitlement.NONE
    assert still.observed(said(ACTIVE), [invoiced()], GRACE, at).entitlement is Entitlement.FULL


def test_an_end_at_the_provider_downgrades_at_once() -> None:
    over = a_subscription().observed(said(ENDED, ended_at=LATER), [invoiced()], GRACE, LATER)
    assert (over.state, over.entitlement, over.ended_at) == (ENDED, Entitlement.NONE, LATER)
    assert letters(over) == [LetterKind.DOWNGRADED]


@pytest.mark.parametrize("state", SubscriptionState)
def test_what_has_ended_stays_so_but_its_invoices_may_still_be_paid(state: SubscriptionState) -> None:
    over = a_subscription(ENDED)
    after = over.observed(said(state), [invoiced()], GRACE, LATER)
    assert (after.state, after.entitlement, letters(after)) == (ENDED, Entitlement.NONE, [])
    assert len(after.news.entries) == 1


def test_a_status_that_nobody_knows_changes_nothing() -> None:
    seen = a_subscription(PAST_DUE).observed(said(None), [], GRACE, LATER)
    assert (seen.state, seen.entitlement) == (PAST_DUE, Entitlement.GRACE)


def test_a_price_that_is_not_ours_is_told_once() -> None:
    seen = a_subscription().observed(said(price_reference="price_x"), [], GRACE, NOW)
    assert EventKind.PRICE_DIFFERS in kinds(seen)
    again = seen.as_stored(2).observed(said(price_reference="price_x"), [], GRACE, LATER)
    assert EventKind.PRICE_DIFFERS not in kinds(again)


def test_a_price_that_is_another_amount_at_the_provider_is_told_when_it_is_first_billed() -> None:
    begun = a_new_subscription().begun(REFERENCE, an_attempt(), NOW).as_stored(2)
    right, wrong = terms().price, Money.of(19_000, "EUR")
    assert EventKind.PRICE_DIFFERS not in kinds(begun.observed(said(price=right), [], GRACE, NOW))
    seen = begun.observed(said(price=wrong), [], GRACE, NOW)
    assert EventKind.PRICE_DIFFERS in kinds(seen)
    assert EventKind.PRICE_DIFFERS not in kinds(seen.as_stored(3).observed(said(price=wrong), [], GRACE, NOW))


def test_a_change_of_plan_is_wished_for_once_and_agreed_when_it_has_happened() -> None:
    silver = terms("silver", 900)
    asked = a_subscription().plan_change_asked(silver, NOW)
    assert asked.plan_change_asked(silver, LATER) == asked
    assert asked.terms == terms()
    done = in_flight(asked).wish_done(an_attempt(Operation.CHANGE_PLAN), NOW)
    assert (done.terms, done.wish, done.stale) == (silver, None, True)
    assert done.plan_change_asked(silver, LATER) == done


def test_a_refused_change_leaves_the_plan_as_it_was() -> None:
    asked = in_flight(a_subscription().plan_change_asked(terms("silver", 900), NOW))
    refused = asked.wish_refused(an_attempt(Operation.CHANGE_PLAN), "card_declined", NOW)
    assert (refused.terms, refused.wish, refused.refusal) == (terms(), None, "card_declined")
    assert (refused.state, refused.entitlement) == (ACTIVE, Entitlement.FULL)


def test_a_refused_beginning_is_the_end() -> None:
    refused = in_flight(a_new_subscription()).wish_refused(an_attempt(), "resource_missing", NOW)
    assert (refused.state, refused.ended_at, refused.refusal) == (
        SubscriptionState.REFUSED,
        NOW,
        "resource_missing",
    )
    with pytest.raises(SubscriptionOver):
        refused.plan_change_asked(terms("silver"), NOW)


def test_one_thing_is_wished_for_at_a_time() -> None:
    asked = a_subscription().plan_change_asked(terms("silver", 900), NOW)
    for doubtful in (AttemptState.IN_FLIGHT, AttemptState.UNKNOWN):
        with pytest.raises(SubscriptionBusy):
            in_flight(asked, doubtful).cancellation_asked(CancellationTime.NOW, NOW)
    waiting = in_flight(asked, AttemptState.UNAVAILABLE)
    assert waiting.wish is not None
    assert waiting.wish.attempt is not None
    long_ago = replace(waiting.wish.attempt, started_at=NOW - timedelta(hours=1))
    in_vain = replace(waiting, wish=replace(waiting.wish, attempt=long_ago))
    cancelled = in_vain.cancellation_asked(CancellationTime.NOW, NOW)
    assert cancelled.wish is not None
    assert cancelled.wish.operation is Operation.CANCEL_NOW


def test_a_plan_in_another_currency_is_another_subscription() -> None:
    with pytest.raises(CurrencyMismatch):
        a_subscription().plan_change_asked(terms("gold", 2100, "USD"), NOW)


def test_one_that_certainly_never_reached_the_provider_ends_without_asking_it() -> None:
    over = a_new_subscription().cancellation_asked(CancellationTime.PERIOD_END, NOW)
    assert (over.state, over.wish, over.ended_at) == (ENDED, None, NOW)
    for state in (AttemptState.IN_FLIGHT, AttemptState.UNAVAILABLE):
        with pytest.raises(SubscriptionBusy):
            in_flight(a_new_subscription(), state).cancellation_asked(CancellationTime.NOW, NOW)


def test_cancelling_again_changes_nothing() -> None:
    asked = a_subscription().cancellation_asked(CancellationTime.PERIOD_END, NOW)
    assert asked.cancellation_asked(CancellationTime.PERIOD_END, LATER) == asked
    ending = a_subscription(ends_at_period_end=True)
    assert ending.cancellation_asked(CancellationTime.PERIOD_END, NOW) == ending
    over = a_subscription(ENDED)
    assert over.cancellation_asked(CancellationTime.NOW, NOW) == over


def test_an_end_fulfils_whatever_else_was_wished_for() -> None:
    wish = Wish(operation=Operation.CHANGE_PLAN, asked_at=NOW, terms=terms("silver"))
    over = a_subscription(wish=wish).observed(said(ENDED), [], GRACE, NOW)
    assert over.wish is None


def test_only_the_runner_whose_try_it_was_may_tell_its_outcome() -> None:
    asked = in_flight(a_new_subscription())
    assert asked.wish is not None
    assert asked.wish.attempt is not None
    attempt = asked.wish.attempt
    assert asked.holds_lease(attempt.id, attempt.tries)
    assert not asked.holds_lease(attempt.id, attempt.tries + 1)
    assert not a_subscription().holds_lease(attempt.id, attempt.tries)
