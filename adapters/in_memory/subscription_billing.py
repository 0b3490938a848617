"""A provider that bills subscriptions, in memory: keys replay, periods end, cards fail and are tried
again.
"""

from collections.abc import Callable, Sequence
from typing import Final

from adapters.in_memory.cards import ASKS_BANK, CHARGES_FAIL, DECLINES, WORKS
from adapters.in_memory.faults import Fault, no_fault
from adapters.in_memory.held_subscriptions import (
    HeldSubscription,
    asks_bank,
    billed,
    period_from,
    tried,
)
from adapters.in_memory.payment_webhooks import ProviderEvent
from domain.identifiers import AttemptId, SubscriptionId
from domain.invoice import InvoiceSnapshot, InvoiceState
from domain.money import Money
from domain.payment import NextAction, NextActionKind
from domain.plan import PlanTerms
from domain.standing import CancellationTime, SubscriptionSnapshot, SubscriptionState
from domain.values import replace
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected
from ports.payments import Subject
from ports.subscription_billing import SubscriptionRequest

_METHODS: Final = DECLINES.keys() | WORKS | ASKS_BANK | CHARGES_FAIL
_PAYS: Final = "pm_card_visa"


class InMemorySubscriptionBilling:
    """Implements `ports.subscription_billing.SubscriptionBilling`; the rest is for whoever plays the passing
    of time, the customer's bank, and the provider's own desk.
    """

    provider = "simulated"

    def __init__(
        self,
        clock: Clock,
        fault: Fault = no_fault,
        tell: Callable[[ProviderEvent], None] = lambda event: None,
        *,
        knows_customer: Callable[[str], bool] = lambda reference: True,
        knows_price: Callable[[str], bool] = lambda reference: True,
    ) -> None:
        """`tell` hears of everything that moves, as a webhook endpoint would; it must not raise."""
        self._clock = clock
        self._fault = fault
        self._tell = tell
        self._knows_customer = knows_customer
        self._knows_price = knows_price
        self._held: dict[str, HeldSubscription] = {}
        self._answers: dict[AttemptId, tuple[object, str]] = {}

    async def subscribe(self, request: SubscriptionRequest, key: AttemptId) -> str:
        return self._once("subscribe", key, request, lambda: self._subscribe(request))

    async def change_plan(self, reference: str, terms: PlanTerms, key: AttemptId) -> None:
        self._once("change_plan", key, (reference, terms), lambda: self._change(reference, terms))

    async def cancel(self, reference: str, when: CancellationTime, key: AttemptId) -> None:
        self._once("cancel", key, (reference, when), lambda: self._cancel(reference, when))

    async def retrieve(self, reference: str) -> SubscriptionSnapshot:
        self._fault("retrieve_subscription", "before")
        return self._of(reference).snapshot

    async def find(self, subscription_id: SubscriptionId, customer_reference: str) -> str | None:
        self._fault("find_subscription", "before")
        for held in self._held.values():
            if (held.subscription_id, held.customer_reference) == (subscription_id, customer_reference):
                return held.reference
        return None

    async def invoices(self, reference: str) -> Sequence[InvoiceSnapshot]:
        self._fault("invoices", "before")
        return list(self._held[reference].invoices) if reference in self._held else []

    # What only time, the customer's bank, or a person at the provider's own desk can do.

    def bill_next_period(self, reference: str) -> None:
        """The period ends, and the next one is billed; or the subscription ends with it."""
        held = self._of(reference)
        if held.ends_at_period_end:
            self._end(held)
        elif not held.is_over:
            period = period_from(held.period.until, held.terms)
            total = held.terms.price + held.prorated
            invoice = self._invoice(total, replace(held, period=period))
            nothing = Money.zero(total.currency)
            self._collect(replace(held, period=period, prorated=nothing, invoices=(*held.invoices, invoice)))

    def retry(self, reference: str) -> None:
        """The provider tries once more to collect what is open."""
        self._collect(self._of(reference))

    def use_method(self, reference: str, token: str) -> None:
        """The customer has another card taken from now on."""
        self._keep(replace(self._of(reference), method=token))

    def pay_open(self, reference: str) -> None:
        """The customer pays what is open, in the page or at the provider."""
        held = self._of(reference)
        self._collect(replace(held, method=_PAYS))

    def give_up(self, reference: str) -> None:
        """The provider stops trying, and ends the subscription."""
        self._end(self._of(reference))

    def everything(self) -> Sequence[HeldSubscription]:
        """All subscriptions, in the order in which they were made."""
        return tuple(self._held.values())

    def _once(self, operation: str, key: AttemptId, asked: object, effect: Callable[[], str]) -> str:
        """The effect, or under a key that was used before the answer of then. Another question has none."""
        self._fault(operation, "before")
        if key in self._answers:
            first_asked, answer = self._answers[key]
            if first_asked != asked:
                raise OutcomeUnknown("idempotency_key_reused")
            return answer
        answer = effect()
        self._answers[key] = (asked, answer)
        self._fault(operation, "after")
        return answer

    def _subscribe(self, request: SubscriptionRequest) -> str:
        token = request.instrument.token if request.instrument else None
        if not self._knows_customer(request.customer_reference):
            raise Rejected("no_such_customer")
        if token is not None and token not in _METHODS:
            raise Rejected("no_such_payment_method")
        self._require_price(request.terms)
        held = HeldSubscription(
            reference=self._clock.new_id("simsub"),
            subscription_id=request.subscription_id,
            customer_reference=request.customer_reference,
            terms=request.terms,
            period=period_from(self._clock.now(), request.terms),
            prorated=Money.zero(request.terms.price.currency),
            method=token,
        )
        invoice = self._invoice(request.terms.price, held)
        self._say("customer.subscription.created", held.reference)
        self._collect(replace(held, invoices=(invoice,)))
        return held.reference

    def _change(self, reference: str, terms: PlanTerms) -> str:
        held, now = self._of(reference), self._clock.now()
        self._require_price(terms)
        if held.is_over:
            raise Rejected("subscription_ended")
        if terms.price.currency != held.terms.price.currency:
            raise Rejected("currency_mismatch")
        unused = held.unused(now)
        changed = replace(held, terms=terms)
        if (terms.interval, terms.interval_count) == (held.terms.interval, held.terms.interval_count):
            prorated = held.prorated + changed.unused(now) - unused
            self._keep(replace(changed, prorated=prorated))
        else:
            changed = replace(changed, period=period_from(now, terms))
            invoice = self._invoice(terms.price - unused, changed)
            self._collect(replace(changed, invoices=(*held.invoices, invoice)))
        self._say("customer.subscription.updated", reference)
        return reference

    def _cancel(self, reference: str, when: CancellationTime) -> str:
        held = self._of(reference)
        if when is CancellationTime.NOW:
            self._end(held)
        elif not held.is_over:
            self._keep(replace(held, ends_at_period_end=True))
            self._say("customer.subscription.updated", reference)
        return reference

    def _end(self, held: HeldSubscription) -> None:
        if held.is_over:
            return
        over = replace(held, state=SubscriptionState.ENDED, ended_at=self._clock.now(), next_action=None)
        self._keep(over)
        self._say("customer.subscription.deleted", held.reference)

    def _invoice(self, total: Money, held: HeldSubscription) -> InvoiceSnapshot:
        return billed(self._clock.new_id("simin"), total, held.period, self._clock.now())

    def _collect(self, held: HeldSubscription) -> None:
        """Every open invoice is tried; how the subscription stands follows from what is left open."""
        invoices = tuple(tried(invoice, held.method) for invoice in held.invoices)
        is_open = any(invoice.state is InvoiceState.OPEN for invoice in invoices)
        after = replace(
            held,
            invoices=invoices,
            state=held.state if held.is_over else _state(held, is_open=is_open),
            next_action=_next_action(held) if is_open and not held.is_over else None,
        )
        self._keep(after)
        self._say("customer.subscription.updated", held.reference)
        for before, invoice in zip(held.invoices, invoices, strict=True):
            if invoice.state is not before.state:
                self._say("invoice.paid", held.reference)
            elif invoice.failed_tries > before.failed_tries:
                self._say("invoice.payment_failed", held.reference)

    def _require_price(self, terms: PlanTerms) -> None:
        if not self._knows_price(terms.price_reference):
            raise Rejected("no_such_price")

    def _of(self, reference: str) -> HeldSubscription:
        try:
            return self._held[reference]
        except KeyError:
            raise Rejected("no_such_subscription") from None

    def _keep(self, held: HeldSubscription) -> None:
        self._held[held.reference] = held

    def _say(self, event_type: str, reference: str) -> None:
        self._tell(
            ProviderEvent(
                event_id=self._clock.new_id("simevt"),
                event_type=event_type,
                payment_reference=None,
                about=Subject.SUBSCRIPTION,
                subscription_reference=reference,
            )
        )


def _state(held: HeldSubscription, *, is_open: bool) -> SubscriptionState:
    if not is_open:
        return SubscriptionState.ACTIVE
    begins = held.state is SubscriptionState.INCOMPLETE
    return SubscriptionState.INCOMPLETE if begins else SubscriptionState.PAST_DUE


def _next_action(held: HeldSubscription) -> NextAction:
    """A bank that asks, or another card, both in the provider's own form."""
    secret = f"{held.reference}_secret{'_bank' if asks_bank(held.method) else ''}"
    return NextAction(
        kind=NextActionKind.IN_PAGE, provider=InMemorySubscriptionBilling.provider, payload=secret
    )
