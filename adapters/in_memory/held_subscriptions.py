"""What the simulated provider holds of a subscription, and how it bills one."""

from datetime import datetime, timedelta

from adapters.in_memory.cards import ASKS_BANK, WORKS
from domain.identifiers import SubscriptionId
from domain.invoice import InvoiceSnapshot, InvoiceState
from domain.money import Money, portion
from domain.payment import NextAction
from domain.period import Period
from domain.plan import PlanTerms
from domain.standing import SubscriptionSnapshot, SubscriptionState
from domain.values import replace, value


@value
class HeldSubscription:
    """`prorated` waits for the next invoice; `method` pays by itself."""

    reference: str
    subscription_id: SubscriptionId
    customer_reference: str
    terms: PlanTerms
    period: Period
    prorated: Money
    state: SubscriptionState = SubscriptionState.INCOMPLETE
    method: str | None = None
    ends_at_period_end: bool = False
    ended_at: datetime | None = None
    next_action: NextAction | None = None
    invoices: tuple[InvoiceSnapshot, ...] = ()

    @property
    def snapshot(self) -> SubscriptionSnapshot:
        return SubscriptionSnapshot(
            reference=self.reference,
            subscription_id=self.subscription_id,
            state=self.state,
            price_reference=self.terms.price_reference,
            period=self.period,
            ends_at_period_end=self.ends_at_period_end,
            ended_at=self.ended_at,
            next_action=self.next_action,
            price=self.terms.price,
        )

    @property
    def is_over(self) -> bool:
        return self.state is SubscriptionState.ENDED

    def unused(self, now: datetime) -> Money:
        """What was paid for the rest of the period."""
        whole, left = self.period.until - self.period.since, max(self.period.until - now, timedelta(0))
        return portion(self.terms.price, int(left.total_seconds()), int(whole.total_seconds()))


def period_from(since: datetime, terms: PlanTerms) -> Period:
    return Period(since=since, until=terms.interval.after(since, terms.interval_count))


def billed(reference: str, total: Money, period: Period, now: datetime) -> InvoiceSnapshot:
    """A new invoice, still to be paid; one that asks for nothing is paid by itself."""
    nothing = Money.zero(total.currency)
    return InvoiceSnapshot(
        reference=reference,
        state=InvoiceState.OPEN if total.minor > 0 else InvoiceState.PAID,
        total=total,
        tax=nothing,
        paid=nothing,
        failed_tries=0,
        created_at=now,
        bills_from=period.since,
        bills_until=period.until,
    )


def tried(invoice: InvoiceSnapshot, method: str | None) -> InvoiceSnapshot:
    """The invoice after a try to collect it; only one that is open is tried."""
    if invoice.state is not InvoiceState.OPEN or method is None:
        return invoice
    if method in WORKS:
        return replace(invoice, state=InvoiceState.PAID, paid=invoice.total)
    return replace(invoice, failed_tries=invoice.failed_tries + 1)


def asks_bank(method: str | None) -> bool:
    return method in ASKS_BANK
