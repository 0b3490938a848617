"""The decision about a subscription: its rules one by one, and its laws over whole lives drawn at random."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attempt import AttemptState, Operation
from domain.errors import DomainRefusal
from domain.invoice import InvoiceState
from domain.journal import Account, JournalEntry
from domain.letter import LetterKind
from domain.period import Period
from domain.standing import CancellationTime, Entitlement, SubscriptionState
from domain.steps import Settled, WaitUntil
from domain.subscribing import (
    AskProvider,
    Downgrade,
    LookUpWish,
    ReadProvider,
    SubscriptionStep,
    next_step,
)
from domain.subscription import Subscription
from domain.values import replace
from domain.wish import Wish
from tests.builders import NOW
from tests.subscribers import (
    GRACE,
    MONTH,
    REFERENCE,
    a_new_subscription,
    a_subscription,
    an_attempt,
    invoiced,
    said,
    terms,
)

ACTIVE, PAST_DUE = SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE
SECOND: Final = timedelta(seconds=1)


def wishing(subscription: Subscription, state: AttemptState | None) -> Subscription:
    attempt = an_attempt(Operation.CANCEL_NOW, state) if state else None
    wish = Wish(operation=Operation.CANCEL_NOW, asked_at=NOW, attempt=attempt)
    return replace(subscription, wish=wish)


@pytest.mark.parametrize("state", [AttemptState.IN_FLIGHT, AttemptState.UNKNOWN])
def test_a_doubt_is_looked_up_when_it_is_due_and_nothing_is_asked_for_before(state: AttemptState) -> None:
    doubtful = wishing(a_subscription(), state)
    assert isinstance(next_step(doubtful, NOW), WaitUntil)
    assert isinstance(next_step(doubtful, NOW + timedelta(seconds=25)), LookUpWish)


@pytest.mark.parametrize("state", [None, AttemptState.UNAVAILABLE, AttemptState.SPENT])
def test_a_wish_that_certainly_did_not_happen_is_asked_for(state: AttemptState | None) -> None:
    assert isinstance(next_step(wishing(a_subscription(), state), NOW + timedelta(seconds=25)), AskProvider)


def test_what_moved_is_read_even_while_a_doubt_waits() -> None:
    moved = wishing(a_subscription(stale=True), AttemptState.UNKNOWN)
    assert isinstance(next_step(moved, NOW), ReadProvider)


def test_a_new_one_is_asked_for_before_anything_is_read() -> None:
    assert isinstance(next_step(a_new_subscription(), NOW), AskProvider)
    begun = a_new_subscription().begun(REFERENCE, an_attempt(), NOW)
    assert isinstance(next_step(begun, NOW), ReadProvider)


@pytest.mark.parametrize("state", [SubscriptionState.ENDED, SubscriptionState.REFUSED])
def test_what_is_over_is_left_alone_but_for_news(state: SubscriptionState) -> None:
    assert isinstance(next_step(a_subscription(state), NOW + 12 * MONTH), Settled)
    assert isinstance(next_step(a_subscription(state, stale=True), NOW), ReadProvider)


def test_a_renewal_that_nobody_told_of_is_looked_for_two_hours_after_it() -> None:
    active = a_subscription(seen_at=NOW + timedelta(days=29))
    renewal = NOW + MONTH + timedelta(hours=2)
    step = next_step(active, NOW + timedelta(days=29))
    assert step == WaitUntil(at=renewal, reason="next_reading")
    assert isinstance(next_step(active, renewal), ReadProvider)


def test_the_grace_s_end_is_waited_for_and_then_the_provider_is_asked_once_more() -> None:
    end = NOW + GRACE
    owing = a_subscription(PAST_DUE, seen_at=end - timedelta(hours=1))
    assert next_step(owing, end - SECOND) == WaitUntil(at=end, reason="grace")
    assert isinstance(next_step(owing, end), ReadProvider)
    assert isinstance(next_step(replace(owing, seen_at=end), end), Downgrade)
    assert isinstance(next_step(owing.downgraded(end), end), WaitUntil)


Act = Callable[["Life"], None]


class Life:
    """A subscription to which things happen, each at its moment, with a provider that has its own view."""

    def __init__(self) -> None:
        self.now = NOW
        self.subscription = a_new_subscription()
        self.entries: list[JournalEntry] = []
        self.told: Counter[str] = Counter()
        self.paid: dict[str, int] = {}

    def keep(self, after: Subscription) -> None:
        before = self.subscription
        if before.state is SubscriptionState.ENDED:
            assert after.state is SubscriptionState.ENDED
        if after.is_over:
            assert after.entitlement is Entitlement.NONE
        if before.entitlement is not Entitlement.NONE and after.entitlement is Entitlement.NONE:
            assert [letter.kind for letter in after.news.letters].count(LetterKind.DOWNGRADED) == 1
        self.entries += after.news.entries
        self.told.update(letter.id for letter in after.news.letters)
        self.subscription = after.as_stored(before.version + 1)

    def ask(self, ask: Callable[[Subscription], Subscription]) -> None:
        with suppress(DomainRefusal):
            self.keep(ask(self.subscription))

    def call(self, outcome: str) -> None:
        """The provider is asked, if that is the next step; it ends in one of the ways that calls end."""
        step = next_step(self.subscription, self.now)
        if not isinstance(step, AskProvider | LookUpWish):
            return
        assert isinstance(step, LookUpWish) == step.wish.is_doubtful
        tried = step.wish.attempt or an_attempt(step.wish.operation, started_at=self.now)
        tried = replace(tried, state=AttemptState.IN_FLIGHT, tries=tried.tries + 1)
        self.keep(self.subscription.attempt_started(tried, self.now))
        present, now = self.subscription, self.now
        match outcome:
            case "done" if present.reference is None:
                self.keep(present.begun(REFERENCE, tried, now))
            case "done":
                self.keep(present.wish_done(tried, now))
            case "refused":
                self.keep(present.wish_refused(tried, "no", now))
            case "away":
                self.keep(present.attempt_ended(tried.unavailable("away", now), now))
            case _:
                self.keep(present.attempt_ended(tried.in_doubt("lost", now), now))

    def see(
        self, state: SubscriptionState | None, invoice_state: InvoiceState, number: int, tries: int
    ) -> None:
        if self.subscription.reference is None:
            return
        invoice = invoiced(invoice_state, number, tries=tries)
        if invoice_state is InvoiceState.PAID:
            self.paid.setdefault(invoice.reference, invoice.paid.minor)
        period = Period(since=self.now, until=self.now + MONTH)
        self.keep(self.subscription.observed(said(state, period=period), [invoice], GRACE, self.now))

    def run(self) -> SubscriptionStep:
        """Takes the steps that need nobody, as far as they lead."""
        for _ in range(5):
            step = next_step(self.subscription, self.now)
            if not isinstance(step, Downgrade):
                return step
            self.keep(self.subscription.downgraded(self.now))
        raise AssertionError("it goes round in circles")


# What a provider can say of an invoice once it was void or paid: nothing else.
SIGHTS = st.tuples(
    st.sampled_from([None, *(s for s in SubscriptionState if s is not SubscriptionState.REFUSED)]),
    st.sampled_from([InvoiceState.DRAFT, InvoiceState.OPEN, InvoiceState.PAID, InvoiceState.UNCOLLECTIBLE]),
    st.integers(1, 3),
    st.integers(0, 4),
)
ACTS = st.one_of(
    st.sampled_from(["done", "refused", "away", "lost"]).map(lambda how: lambda life: life.call(how)),
    SIGHTS.map(lambda sight: lambda life: life.see(*sight)),
    st.sampled_from([terms(), terms("silver", 900)]).map(
        lambda wanted: lambda life: life.ask(lambda s: s.plan_change_asked(wanted, life.now))
    ),
    st.sampled_from(list(CancellationTime)).map(
        lambda when: lambda life: life.ask(lambda s: s.cancellation_asked(when, life.now))
    ),
    st.just(lambda life: life.keep(life.subscription.heard_of("x.y", life.now))),
)
PASSING = st.sampled_from([timedelta(0), timedelta(seconds=30), timedelta(hours=3), timedelta(days=8)])


@given(st.lists(st.tuples(PASSING, ACTS), max_size=30))
@settings(max_examples=400, deadline=None)
def test_whatever_happens_in_whatever_order_the_books_and_the_letters_are_right(
    life_story: list[tuple[timedelta, Act]],
) -> None:
    life = Life()
    for passing, act in life_story:
        life.now += passing
        act(life)
        step = life.run()
        if isinstance(step, WaitUntil):
            assert step.at > life.now
    assert set(life.told.values()) <= {1}
    assert Counter(entry.subject_id for entry in life.entries) == Counter(
        invoice.id for invoice in life.subscription.invoices if invoice.is_paid
    )
    held = sum(p.amount.minor for e in life.entries for p in e.postings if p.account is Account.PROVIDER)
    assert held == sum(life.paid.values())
    until = life.subscription.grace_until
    if life.subscription.entitlement is Entitlement.GRACE and until is not None and life.now >= until:
        # The provider is asked once more before anything is taken away.
        assert isinstance(life.run(), ReadProvider | AskProvider | LookUpWish)
