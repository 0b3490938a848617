"""Plans, subscriptions and what a provider says of them, for tests that say only what matters to them."""

from datetime import datetime, timedelta
from typing import Any, Final

from domain.attempt import Attempt, AttemptState, Operation
from domain.identifiers import AttemptId, CustomerId, PlanId, SubscriptionId
from domain.invoice import InvoiceSnapshot, InvoiceState
from domain.money import Money
from domain.payment import Instrument
from domain.period import Period
from domain.plan import BillingInterval, Plan, PlanTerms
from domain.standing import Entitlement, SubscriptionSnapshot, SubscriptionState
from domain.subscription import Subscription
from domain.values import replace
from tests.builders import NOW, new_id

GRACE: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)
REFERENCE: Final = "sub_at_provider"


def a_plan(name: str = "gold", minor: int = 1900, **changes: Any) -> Plan:
    given = {"id": PlanId(name), "title": name.title(), "prices": (Money.of(minor, "EUR"),)}
    return Plan(**{**given, "interval": BillingInterval.MONTH, **changes})


def terms(name: str = "gold", minor: int = 1900, currency: str = "EUR") -> PlanTerms:
    return a_plan(name, prices=(Money.of(minor, currency),)).terms(currency, "stripe")


def a_new_subscription(**changes: Any) -> Subscription:
    """Asked for, and not sent to the provider yet."""
    given = {
        "id": SubscriptionId(new_id("sub")),
        "customer_id": CustomerId(new_id("cus")),
        "provider": "stripe",
        "customer_reference": "cus_at_provider",
        "terms": terms(),
        "created_at": NOW,
        "instrument": Instrument(token="pm_1"),
    }
    return Subscription(**{**given, **changes}).requested(NOW).as_stored(1)


def a_subscription(
    state: SubscriptionState = SubscriptionState.ACTIVE, *, at: datetime = NOW, **changes: Any
) -> Subscription:
    """One that the provider has, as it was last seen."""
    has_it = state in (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE, SubscriptionState.UNPAID)
    owes = has_it and state is not SubscriptionState.ACTIVE
    given = {
        "reference": REFERENCE,
        "wish": None,
        "state": state,
        "entitlement": (Entitlement.GRACE if owes else Entitlement.FULL) if has_it else Entitlement.NONE,
        "grace_until": at + GRACE if owes else None,
        "period": Period(since=at, until=at + MONTH),
        "billed_price": "gold",
        "seen_at": at,
        "ended_at": at if state is SubscriptionState.ENDED else None,
    }
    return replace(a_new_subscription(), **{**given, **changes})


def an_attempt(
    operation: Operation = Operation.SUBSCRIBE, state: AttemptState = AttemptState.IN_FLIGHT, **changes: Any
) -> Attempt:
    given = {
        "id": AttemptId(new_id("att")),
        "operation": operation,
        "subject_id": SubscriptionId("sub"),
        "state": state,
        "tries": 1,
        "started_at": NOW,
        "until": NOW + timedelta(seconds=25),
    }
    return Attempt(**{**given, **changes})


def said(
    state: SubscriptionState | None = SubscriptionState.ACTIVE, *, at: datetime = NOW, **changes: Any
) -> SubscriptionSnapshot:
    given = {
        "reference": REFERENCE,
        "subscription_id": "sub",
        "state": state,
        "price_reference": "gold",
        "period": Period(since=at, until=at + MONTH),
        "ends_at_period_end": False,
    }
    return SubscriptionSnapshot(**{**given, **changes})


def invoiced(
    state: InvoiceState = InvoiceState.PAID,
    number: int = 1,
    *,
    tries: int = 0,
    minor: int = 1900,
    **changes: Any,
) -> InvoiceSnapshot:
    amount = Money.of(minor, "EUR")
    nothing = Money.zero(amount.currency)
    given = {
        "reference": f"in_{number}",
        "state": state,
        "total": amount,
        "tax": nothing,
        "paid": amount if state is InvoiceState.PAID and minor > 0 else nothing,
        "failed_tries": tries,
        "created_at": NOW,
    }
    return InvoiceSnapshot(**{**given, **changes})
