"""Subscription: a customer's plan as the provider bills it, what is wanted of the provider next, and what the
customer is entitled to.

What the provider says is only ever taken from a reading of its present state; a webhook says no more than
that there is something to read.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.attempt import Attempt, Operation
from domain.errors import CurrencyMismatch, StaleVersion, SubscriptionBusy, SubscriptionOver
from domain.events import Event, EventKind
from domain.identifiers import AttemptId, CustomerId, InvoiceId, PlanId, SubscriptionId, derived
from domain.invoice import Invoice, InvoiceSnapshot, InvoiceState, invoice_paid
from domain.journal import JournalEntry
from domain.letter import Letter, LetterKind
from domain.payment import Instrument, NextAction
from domain.period import Period
from domain.plan import PlanTerms
from domain.standing import (
    OVER,
    OWING,
    CancellationTime,
    Entitlement,
    SubscriptionSnapshot,
    SubscriptionState,
)
from domain.values import replace, value
from domain.wish import Wish

# The customer is there and sees for themselves that the first payment did not go through.
_BEGINNING: Final = frozenset({SubscriptionState.NEW, SubscriptionState.INCOMPLETE})
_CANCELLING: Final = {
    CancellationTime.NOW: Operation.CANCEL_NOW,
    CancellationTime.PERIOD_END: Operation.CANCEL_AT_PERIOD_END,
}


@value
class SubscriptionNews:
    """What has happened since it was loaded: written with the commit."""

    events: tuple[Event, ...] = ()
    entries: tuple[JournalEntry, ...] = ()
    letters: tuple[Letter, ...] = ()


@value
class Subscription:
    """`grace_until` is set while a payment is owed. `stale`: the provider knows more than was read at
    `seen_at`. `refusal` is the provider's word for what it last said no to.
    """

    id: SubscriptionId
    customer_id: CustomerId
    provider: str
    customer_reference: str
    terms: PlanTerms
    created_at: datetime
    instrument: Instrument | None = None
    state: SubscriptionState = SubscriptionState.NEW
    entitlement: Entitlement = Entitlement.NONE
    wish: Wish | None = None
    reference: str | None = None
    period: Period | None = None
    billed_price: str | None = None
    ends_at_period_end: bool = False
    grace_until: datetime | None = None
    ended_at: datetime | None = None
    seen_at: datetime | None = None
    stale: bool = False
    next_action: NextAction | None = None
    refusal: str | None = None
    invoices: tuple[Invoice, ...] = ()
    version: int = 0
    news: SubscriptionNews = SubscriptionNews()

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def wanted_plan(self) -> PlanId | None:
        """The plan that it is to go over to."""
        return self.wish.terms.plan_id if self.wish and self.wish.terms else None

    def require_version(self, version: int | None) -> None:
        """Raises StaleVersion unless it is the one that somebody has read; None: they don't care."""
        if version is not None and version != self.version:
            raise StaleVersion(expected=version, current=self.version)

    def as_stored(self, version: int) -> "Subscription":
        return replace(self, version=version, news=SubscriptionNews())

    # what the merchant asks for

    def requested(self, now: datetime) -> "Subscription":
        """A new one, to be made at the provider."""
        wish = Wish(operation=Operation.SUBSCRIBE, asked_at=now, terms=self.terms)
        asked = replace(self, wish=wish)
        return asked.told(EventKind.SUBSCRIPTION_REQUESTED, now, self.id, self.terms.plan_id)

    def plan_change_asked(self, terms: PlanTerms, now: datetime) -> "Subscription":
        """Raises SubscriptionOver, SubscriptionBusy, CurrencyMismatch. Asking again changes nothing."""
        if self.is_over:
            raise SubscriptionOver(subscription_id=self.id, state=self.state.value)
        if terms.price.currency != self.terms.price.currency:
            raise CurrencyMismatch(
                expected=self.terms.price.currency.code, found=terms.price.currency.code, path="/plan_id"
            )
        wanted = self.wish.terms if self.wish and self.wish.terms else self.terms
        if wanted == terms:
            return self
        wish = Wish(operation=Operation.CHANGE_PLAN, asked_at=now, terms=terms)
        return self._wishing(wish).told(EventKind.PLAN_CHANGE_REQUESTED, now, self.id, terms.plan_id)

    def cancellation_asked(self, when: CancellationTime, now: datetime) -> "Subscription":
        """One that is over stays as it is; one that certainly never reached the provider is over at once.

        Raises SubscriptionBusy while another wish may be happening.
        """
        operation = _CANCELLING[when]
        if self.is_over or (self.wish is not None and self.wish.operation is operation):
            return self
        if when is CancellationTime.PERIOD_END and self.ends_at_period_end and self.wish is None:
            return self
        asked = self._wishing(Wish(operation=operation, asked_at=now))
        asked = asked.told(EventKind.CANCELLATION_REQUESTED, now, self.id, when.value)
        return asked if self.reference is not None else asked._ended_unbegun(now)

    def _wishing(self, wish: Wish) -> "Subscription":
        """One wish at a time: it takes the place of one that certainly has not happened."""
        begins = self.wish is not None and self.wish.operation is Operation.SUBSCRIBE
        if self.wish is not None and (
            self.wish.may_happen_unseen(wish.asked_at) or (begins and wish.operation is Operation.CHANGE_PLAN)
        ):
            raise SubscriptionBusy(subscription_id=self.id)
        return replace(self, wish=wish, refusal=None)

    def _ended_unbegun(self, now: datetime) -> "Subscription":
        over = replace(self, wish=None, state=SubscriptionState.ENDED, ended_at=now)
        return over.told(EventKind.SUBSCRIPTION_ADVANCED, now, self.id, over.state.value)

    # what became of it at the provider

    def attempt_started(self, attempt: Attempt, now: datetime) -> "Subscription":
        """Written before the provider is called."""
        if self.wish is None:
            return self
        called = replace(self, wish=replace(self.wish, attempt=attempt))
        return called.told(EventKind.VENDOR_CALLED, now, attempt.id, attempt.operation.value)

    def holds_lease(self, attempt_id: AttemptId, tries: int) -> bool:
        """Whether the runner that made this try may still record its outcome."""
        attempt = self.wish.attempt if self.wish else None
        return (
            attempt is not None and (attempt.id, attempt.tries) == (attempt_id, tries) and attempt.is_doubtful
        )

    def attempt_ended(self, attempt: Attempt, now: datetime) -> "Subscription":
        """What came of a try that is not over: the wish stays, unless the subscription is over."""
        if self.wish is None:
            return self
        kept = None if self.is_over and not attempt.is_doubtful else replace(self.wish, attempt=attempt)
        return replace(self, wish=kept)._answered(attempt, now)

    def begun(self, reference: str, attempt: Attempt, now: datetime) -> "Subscription":
        """The provider has made it, under this id of its own; how it stands is to be read."""
        begun = replace(self, wish=None, reference=reference, stale=True)
        return begun._answered(attempt.succeeded(), now)

    def wish_done(self, attempt: Attempt, now: datetime) -> "Subscription":
        """A change or a cancellation has happened; what it came to is to be read."""
        wish = self.wish
        done = replace(self, wish=None, stale=True)._answered(attempt.succeeded(), now)
        if wish is None or wish.terms is None:
            return done
        return replace(done, terms=wish.terms).told(EventKind.PLAN_CHANGED, now, self.id, wish.terms.plan_id)

    def wish_refused(self, attempt: Attempt, code: str, now: datetime) -> "Subscription":
        """The provider said no: a new one is over with that, any other goes on as it was."""
        refused = replace(self, wish=None, refusal=code)._answered(attempt.rejected(code), now)
        refused = refused.told(EventKind.PROVIDER_REFUSED, now, attempt.id, code)
        if self.reference is not None:
            return replace(refused, stale=True)
        over = replace(refused, state=SubscriptionState.REFUSED, ended_at=now)
        return over.told(EventKind.SUBSCRIPTION_ADVANCED, now, self.id, over.state.value)

    def _answered(self, attempt: Attempt, now: datetime) -> "Subscription":
        detail = f"{attempt.operation.value} {attempt.state.value}"
        return self.told(EventKind.VENDOR_ANSWERED, now, attempt.id, detail)

    # what the provider tells

    def heard_of(self, event_type: str, now: datetime) -> "Subscription":
        """A webhook says that something has moved."""
        return replace(self, stale=True).told(EventKind.WEBHOOK_RECEIVED, now, self.id, event_type)

    def observed(
        self,
        snapshot: SubscriptionSnapshot,
        invoices: Sequence[InvoiceSnapshot],
        grace: timedelta,
        now: datetime,
    ) -> "Subscription":
        """As it was just read. One that has ended stays so; its invoices may still be paid."""
        seen = replace(self, seen_at=now, stale=False)
        if self.state is not SubscriptionState.ENDED:
            seen = seen._standing(snapshot, now)
        return seen._billed(invoices, now)._in_grace(grace, now)._entitled(now)

    def _standing(self, snapshot: SubscriptionSnapshot, now: datetime) -> "Subscription":
        state = snapshot.state or self.state
        ended = state is SubscriptionState.ENDED
        seen = replace(
            self,
            state=state,
            period=snapshot.period or self.period,
            ends_at_period_end=snapshot.ends_at_period_end,
            ended_at=(snapshot.ended_at or now) if ended else None,
            next_action=None if ended else snapshot.next_action,
            billed_price=snapshot.price_reference,
            wish=None if ended and self.wish and not self.wish.is_doubtful else self.wish,
        )
        if snapshot.price_reference != self.billed_price and not self._agreed_to(snapshot):
            seen = seen.told(EventKind.PRICE_DIFFERS, now, self.id, snapshot.price_reference)
        if state is not self.state:
            seen = seen.told(EventKind.SUBSCRIPTION_ADVANCED, now, self.id, state.value)
        return seen

    def _agreed_to(self, snapshot: SubscriptionSnapshot) -> bool:
        """Whether it bills what the subscriber has agreed to, or wishes for."""
        wanted = self.wish.terms if self.wish is not None else None
        return any(
            terms is not None
            and terms.price_reference == snapshot.price_reference
            and snapshot.price in (None, terms.price)
            for terms in (self.terms, wanted)
        )

    def _billed(self, snapshots: Sequence[InvoiceSnapshot], now: datetime) -> "Subscription":
        billed = self
        for snapshot in snapshots:
            billed = billed._with_invoice(snapshot, now)
        return billed

    def _with_invoice(self, snapshot: InvoiceSnapshot, now: datetime) -> "Subscription":
        before = next((each for each in self.invoices if each.said.reference == snapshot.reference), None)
        known = before or Invoice(
            id=InvoiceId(derived("inv", self.id, snapshot.reference)),
            said=replace(snapshot, state=InvoiceState.DRAFT, failed_tries=0),
        )
        after = known.observed(snapshot)
        if after == before:
            return self
        kept = tuple(after if each.id == after.id else each for each in self.invoices)
        changed = replace(self, invoices=kept if before is not None else (*kept, after))
        if before is None or after.said.state is not known.said.state:
            changed = changed.told(EventKind.INVOICE_ADVANCED, now, after.id, after.said.state.value)
        if after.is_paid:
            return changed._booked(*invoice_paid(after, now))
        if after.said.failed_tries > known.said.failed_tries:
            return changed._unpaid(after, now)
        return changed

    def _unpaid(self, invoice: Invoice, now: datetime) -> "Subscription":
        """Told once for each vain try; of several that were missed, the last is enough."""
        tries = invoice.said.failed_tries
        told = self.told(EventKind.INVOICE_UNPAID, now, invoice.id, str(tries))
        if invoice.said.state is not InvoiceState.OPEN or self.is_over or self.state in _BEGINNING:
            return told
        return told._sending(LetterKind.INVOICE_UNPAID, f"{invoice.id} {tries}", invoice.id)

    def _in_grace(self, grace: timedelta, now: datetime) -> "Subscription":
        """It begins when the debt is first seen, and ends with the debt."""
        until = (self.grace_until or now + grace) if self.state in OWING else None
        return replace(self, grace_until=until)

    # what the customer may have

    def downgraded(self, now: datetime) -> "Subscription":
        """The grace is over and nothing was paid. Changes nothing before that."""
        return self._entitled(now)

    def _entitled(self, now: datetime) -> "Subscription":
        entitlement = self._entitlement_at(now)
        if entitlement is self.entitlement:
            return self
        changed = replace(self, entitlement=entitlement)
        changed = changed.told(EventKind.ENTITLEMENT_CHANGED, now, self.id, entitlement.value)
        if entitlement is Entitlement.NONE:
            changed = changed._sending(LetterKind.DOWNGRADED, f"downgraded {self.version}")
        return changed

    def _entitlement_at(self, now: datetime) -> Entitlement:
        if self.state is SubscriptionState.ACTIVE:
            return Entitlement.FULL
        # A grace that is over stays over until the debt is paid, whatever fails meanwhile.
        in_time = self.grace_until is not None and now < self.grace_until
        return Entitlement.GRACE if self.state in OWING and in_time else Entitlement.NONE

    # news

    def told(
        self, kind: EventKind, now: datetime, subject_id: str, detail: str | None = None
    ) -> "Subscription":
        event = Event(kind=kind, at=now, subject_id=subject_id, detail=detail)
        return replace(self, news=replace(self.news, events=(*self.news.events, event)))

    def _booked(self, *entries: JournalEntry) -> "Subscription":
        return replace(self, news=replace(self.news, entries=(*self.news.entries, *entries)))

    def _sending(self, kind: LetterKind, fact: str, about: str | None = None) -> "Subscription":
        letter = Letter(id=derived("msg", self.id, fact), kind=kind, subscription_id=self.id, about=about)
        return replace(self, news=replace(self.news, letters=(*self.news.letters, letter)))
