"""All that is known about one order, and the transitions that add to it: what `decide` reads and storage
keeps.

A transition returns new facts. What it adds for good (events, journal entries, messages) collects in `news`
until the unit of work writes it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain import journal
from domain.act import Act
from domain.attempt import Attempt, Operation, told_of
from domain.case import ABOUT_THE_AMOUNT, Case, CaseAction, CaseReason, was_decided
from domain.dispute import Dispute
from domain.events import Event, EventKind, MessageKind, OutgoingMessage
from domain.identifiers import CaseId, PaymentId, RefundId, ReturnId
from domain.journal import JournalEntry
from domain.money import Money
from domain.news import News, StockReturn
from domain.order import ClosingReason, Order, OrderState
from domain.payment import PROGRESS, Decline, DeclineReason, Instrument, Payment, PaymentSnapshot
from domain.refund import Refund, RefundedLine, RefundSnapshot, RefundState
from domain.reservation import Reservation, ReservationState
from domain.sale import Sale, count_by_line
from domain.shop import ShopRules, StockKeeper
from domain.shortage import Shortage
from domain.tax_report import tax_report_due
from domain.values import replace, value

_NOTHING_NEW: Final = News()


@value
class OrderFacts:
    """The order with its latest hold, its payments, refunds, disputes, shortages, cases, and the attempts
    that are not settled yet.
    """

    order: Order
    reservation: Reservation | None = None
    payments: tuple[Payment, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    cases: tuple[Case, ...] = ()
    news: News = _NOTHING_NEW

    def payment(self, payment_id: str) -> Payment:
        return next(payment for payment in self.payments if payment.id == payment_id)

    def refund(self, refund_id: str) -> Refund:
        return next(refund for refund in self.refunds if refund.id == refund_id)

    def attempt(self, attempt_id: str) -> Attempt:
        return next(attempt for attempt in self.attempts if attempt.id == attempt_id)

    def open_attempt(self, operation: Operation, subject_id: str) -> Attempt | None:
        """An attempt at exactly this that has no final outcome, so that it is taken up instead of a new
        one.
        """
        for attempt in self.attempts:
            if attempt.operation is operation and attempt.subject_id == subject_id and not attempt.is_settled:
                return attempt
        return None

    def has_case(self, reason: CaseReason, subject_id: str, detail: str | None = None) -> bool:
        """Whether a person was told, so that no other case is opened: see `Case.stands`."""
        return any(
            case.reason is reason and case.subject_id == subject_id and case.stands(detail)
            for case in self.cases
        )

    @property
    def live_payment(self) -> Payment | None:
        """The payment that this order goes by: the one furthest ahead, the earlier of equals; None if all
        are over, or were before their money came.
        """
        ahead: Payment | None = None
        for payment in self.payments:
            if payment.is_over or payment.was_over:
                continue
            if ahead is None or PROGRESS[payment.state] > PROGRESS[ahead.state]:
                ahead = payment
        return ahead

    @property
    def sale(self) -> Sale:
        return Sale(order=self.order, shortages=self.shortages, refunds=self.refunds)

    def as_stored(self, version: int) -> "OrderFacts":
        """What a fresh load would give once these facts were written as this version."""
        unsettled = tuple(attempt for attempt in self.attempts if not attempt.is_settled)
        return replace(
            self, order=replace(self.order, version=version), attempts=unsettled, news=_NOTHING_NEW
        )

    def told(self, kind: EventKind, at: datetime, subject_id: str, detail: str | None = None) -> "OrderFacts":
        """Adds an event to the timeline."""
        return self._with_events((Event(kind=kind, at=at, subject_id=subject_id, detail=detail),))

    def told_act(self, kind: EventKind, act: Act, subject_id: str, detail: str) -> "OrderFacts":
        """Adds what a person did."""
        event = Event(kind=kind, at=act.at, subject_id=subject_id, detail=detail, by=act.by, why=act.why)
        return self._with_events((event,))

    def _with_events(self, events: tuple[Event, ...]) -> "OrderFacts":
        return replace(self, news=replace(self.news, events=self.news.events + events))

    def booked(self, *entries: JournalEntry) -> "OrderFacts":
        """Adds entries to the journal."""
        return replace(self, news=self.news.booking(entries)) if entries else self

    def sending(self, *messages: OutgoingMessage) -> "OrderFacts":
        return replace(self, news=self.news.sending(messages)) if messages else self

    # stock

    def stock_held(self, reservation: Reservation, now: datetime) -> "OrderFacts":
        refused = reservation.state is ReservationState.REFUSED
        kind = EventKind.STOCK_REFUSED if refused else EventKind.STOCK_HELD
        return replace(self, reservation=reservation).told(kind, now, reservation.id)

    def hold_extended(self, until: datetime, now: datetime) -> "OrderFacts":
        reservation = self._hold().extended(until)
        return replace(self, reservation=reservation).told(EventKind.HOLD_EXTENDED, now, reservation.id)

    def stock_confirmed(self, now: datetime) -> "OrderFacts":
        reservation = self._hold().confirmed()
        return replace(self, reservation=reservation).told(EventKind.STOCK_CONFIRMED, now, reservation.id)

    def stock_released(self, now: datetime) -> "OrderFacts":
        reservation = self._hold().released()
        return replace(self, reservation=reservation).told(EventKind.STOCK_RELEASED, now, reservation.id)

    def returned(self, pieces: Sequence[RefundedLine], *, sold: bool, written_off: bool) -> "OrderFacts":
        """Lets pieces go from what is held or, `sold`, from what was sold; at a service, a person has to."""
        if self.order.stock_keeper is StockKeeper.SERVICE:
            return self
        goods = self.order.goods_of(count_by_line(pieces))
        move = StockReturn(goods=goods, sold=sold, written_off=written_off)
        return replace(self, news=replace(self.news, returns=(*self.news.returns, move)))

    def _hold(self) -> Reservation:
        assert self.reservation is not None, "decide names a stock step only where there is a hold"  # noqa: S101
        return self.reservation

    # payments

    def with_payment(self, payment: Payment) -> "OrderFacts":
        return replace(self, payments=(*self.payments, payment))

    def instrument_offered(
        self,
        payment_id: PaymentId,
        instrument: Instrument,
        return_url: str | None,
        rules: ShopRules,
        now: datetime,
        *,
        return_id: ReturnId | None = None,
    ) -> "OrderFacts":
        """The shopper tries this card.

        Raises OrderNotPayable when there is nothing left to pay, or no time to.
        """
        self.order.require_payable(now)
        payment = self.payment(payment_id).offering(instrument, return_url, return_id)
        facts = replace(self, order=self.order.with_payment_try(now, rules))
        return facts._with(payment).told(EventKind.INSTRUMENT_OFFERED, now, payment_id)

    def shopper_returned(self, payment_id: PaymentId, now: datetime) -> "OrderFacts":
        """The shopper came back from the bank. Only the first time counts, until the next try."""
        payment = self.payment(payment_id)
        if payment.returned_at is not None:
            return self
        return self._with(replace(payment, returned_at=now)).told(EventKind.SHOPPER_RETURNED, now, payment_id)

    def payment_observed(
        self, payment_id: PaymentId, snapshot: PaymentSnapshot, now: datetime
    ) -> "OrderFacts":
        """Takes in what the provider says; books what it moved. A stale or repeated fact adds nothing."""
        before = self.payment(payment_id)
        after = before.observed(snapshot, now)
        facts = self._moved(after, now)
        if not snapshot.is_changing and (due := told_of(facts.attempts, payment_id, now)) is not None:
            facts = replace(facts, attempts=due)
        if after.state is not before.state:
            facts = facts.told(EventKind.PAYMENT_ADVANCED, now, payment_id, after.state.value)
            facts = facts._without_moot_attempts(after, now) if facts.attempts else facts
        if after.decline is not None and after.decline != before.decline:
            facts = facts.told(EventKind.PAYMENT_DECLINED, now, payment_id, after.decline.reason.value)
        if facts.cases:
            facts = facts.cases_closed(CaseReason.READ_REFUSED, payment_id, now)
        if facts.cases and after.captured != before.captured and not facts.sale.excess(after):
            for reason in ABOUT_THE_AMOUNT:
                facts = facts.cases_closed(reason, payment_id, now)
        return facts

    def _without_moot_attempts(self, payment: Payment, now: datetime) -> "OrderFacts":
        """What nobody managed to do to it needs no further try, nor a person, once it has ended."""
        facts = self
        for attempt in self.attempts if payment.has_ended else ():
            if attempt.is_moot_after(payment.id):
                facts = facts.attempt_ended(attempt.rejected(payment.state.value), now)
        return facts

    def payment_refused(self, payment_id: PaymentId, now: datetime) -> "OrderFacts":
        """The provider would not take the payment on at all."""
        payment = self.payment(payment_id).refused(now)
        return self._with(payment).told(EventKind.PAYMENT_ADVANCED, now, payment_id, payment.state.value)

    def instrument_submitted(self, payment_id: PaymentId, submitted: Instrument | None) -> "OrderFacts":
        """The provider has answered to this instrument: it is not offered again. One offered since stays."""
        payment = self.payment(payment_id)
        return self._with(replace(payment, offered=None)) if payment.offered == submitted else self

    def instrument_refused(self, payment_id: PaymentId, code: str, now: datetime) -> "OrderFacts":
        """The provider would not try it at all; to the shopper that is a decline like others."""
        decline = Decline(reason=DeclineReason.NOT_ACCEPTED, code=code)
        facts = self._with(replace(self.payment(payment_id), offered=None, decline=decline))
        return facts.told(EventKind.PAYMENT_DECLINED, now, payment_id, decline.reason.value)

    def forgoing(self, payment: Payment, missing: Money, now: datetime) -> "OrderFacts":
        """A person does without so much of its money: a loss, of which no cent is written off again."""
        return self._moved(payment.forgoing(missing), now)

    def _moved(self, after: Payment, now: datetime) -> "OrderFacts":
        entries = journal.payment_entries(self.payment(after.id), after, now)
        return self._with(after).booked(*entries)

    def _with(self, payment: Payment) -> "OrderFacts":
        return replace(self, payments=tuple(payment if p.id == payment.id else p for p in self.payments))

    # refunds

    def refund_requested(self, refund: Refund) -> "OrderFacts":
        """Its row reserves the balance; the pieces that it restocks go back to stock in the same commit."""
        facts = replace(self, refunds=(*self.refunds, refund))
        facts = facts.told(EventKind.REFUND_REQUESTED, refund.created_at, refund.id, refund.reason.value)
        if not refund.restocked:
            return facts
        facts = facts.returned(refund.restocked, sold=True, written_off=False)
        kind = EventKind.RESTOCKED if facts.news.returns else EventKind.RETURN_NOTED
        return facts.told(kind, refund.created_at, refund.id)

    def refund_observed(self, refund_id: RefundId, snapshot: RefundSnapshot, now: datetime) -> "OrderFacts":
        facts = self.cases_closed(CaseReason.READ_REFUSED, refund_id, now) if self.cases else self
        return facts._with_refund(self.refund(refund_id).observed(snapshot, now), now)

    def refund_failed(self, refund_id: RefundId, now: datetime) -> "OrderFacts":
        return self._with_refund(self.refund(refund_id).failed(now), now)

    def _with_refund(self, after: Refund, now: datetime) -> "OrderFacts":
        before = self.refund(after.id)
        facts = replace(
            self, refunds=tuple(after if refund.id == after.id else refund for refund in self.refunds)
        )
        if after.state is before.state:
            return facts
        sold = self.order.state is OrderState.COMPLETED
        if after.state is RefundState.SUCCEEDED:
            facts = facts.booked(journal.refunded(after, now, sold=sold))
        elif before.state is RefundState.SUCCEEDED:
            facts = facts.booked(journal.refund_returned(after, now, sold=sold))
            # What went back beyond the sale, and was given up since its capture failed, is there again.
            came = after.beyond(sold=sold)
            facts = facts._moved(facts.payment(after.payment_id).recovering(came), now)
        if RefundState.SUCCEEDED in (before.state, after.state):
            facts = facts.sending(*tax_report_due(self.order, after.id, after.state.value))
        return facts.told(EventKind.REFUND_ADVANCED, now, after.id, after.state.value)

    # attempts

    def attempt_started(self, attempt: Attempt, now: datetime) -> "OrderFacts":
        """A new attempt, or an old one taken up again; written before the vendor is called."""
        others = tuple(a for a in self.attempts if a.id != attempt.id)
        facts = replace(self, attempts=(*others, attempt))
        return facts.told(EventKind.VENDOR_CALLED, now, attempt.id, attempt.operation.value)

    def attempt_replaced(self, spent: Attempt, replacement: Attempt, now: datetime) -> "OrderFacts":
        """The same intention goes on under another key; the old one is over."""
        over = spent.rejected(spent.detail or "spent")
        others = tuple(over if a.id == spent.id else a for a in self.attempts)
        return replace(self, attempts=others).attempt_started(replacement, now)

    def attempt_ended(self, attempt: Attempt, now: datetime) -> "OrderFacts":
        """What came of a try: the same attempt in its new state."""
        facts = replace(self, attempts=tuple(attempt if a.id == attempt.id else a for a in self.attempts))
        facts = facts._with_events(attempt.answers(now))
        if not attempt.is_settled:
            return facts
        return facts.cases_closed(CaseReason.TRIES_USED_UP, attempt.intention, now)

    # the order itself

    def completed(self, message_id: str, now: datetime) -> "OrderFacts":
        """Paid, and the goods are the shopper's: books the sale and asks for the confirmation to be sent."""
        if self.order.state is OrderState.COMPLETED:
            return self
        message = OutgoingMessage(id=message_id, kind=MessageKind.ORDER_CONFIRMATION, order_id=self.order.id)
        facts = replace(self, order=self.order.completed()).sending(message)
        facts = facts.booked(
            journal.sold(self.order.id, self.order.totals, now),
            *journal.off_the_sale(self.shortages, self.refunds, now),
        )
        live = self.live_payment
        if live is not None and self._has_accepted_amount(live):
            facts = facts.forgoing(live, -self.sale.excess(live) - live.given_up, now)
        facts = facts.sending(*tax_report_due(facts.order, self.order.id, "sold"))
        return facts.told(EventKind.ORDER_COMPLETED, now, self.order.id)

    def _has_accepted_amount(self, payment: Payment) -> bool:
        why = (was_decided(self.cases, CaseAction.ACCEPT, payment.id, reason) for reason in ABOUT_THE_AMOUNT)
        return any(why)

    def closed(self, reason: ClosingReason, now: datetime) -> "OrderFacts":
        """Cancelled or expired. Raises OrderAlreadyPaid; repeating it changes nothing."""
        order = self.order.closed(reason, now)
        if order is self.order:
            return self
        expired = order.state is OrderState.EXPIRED
        kind = EventKind.ORDER_EXPIRED if expired else EventKind.ORDER_CANCELLED
        return replace(self, order=order).told(kind, now, order.id, reason.value)

    def case_opened(
        self, case_id: CaseId, reason: CaseReason, subject_id: str, now: datetime, detail: str | None = None
    ) -> "OrderFacts":
        case = Case(id=case_id, reason=reason, subject_id=subject_id, opened_at=now, detail=detail)
        facts = replace(self, cases=(*self.cases, case))
        return facts.told(EventKind.CASE_OPENED, now, subject_id, reason.value)

    def cases_closed(
        self, reason: CaseReason, subject_id: str, now: datetime, *, why: str | None = None
    ) -> "OrderFacts":
        """What the case was about has settled itself."""
        facts = self
        for case in self.cases:
            if case.reason is reason and case.subject_id == subject_id and case.resolution is None:
                facts = facts.with_case(case.settled(now, why))
                facts = facts.told(EventKind.CASE_RESOLVED, now, case.id, reason.value)
        return facts

    def with_case(self, case: Case) -> "OrderFacts":
        """The order with a case that it has, changed."""
        return replace(self, cases=tuple(case if known.id == case.id else known for known in self.cases))
