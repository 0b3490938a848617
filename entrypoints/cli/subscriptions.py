"""`fastcart subscriptions`: who has which plan, how it stands and what they may have."""

from typing import Annotated

from cyclopts import App, Parameter

from domain.identifiers import CustomerId, PlanId
from domain.standing import Entitlement, SubscriptionState
from domain.subscription import Subscription
from entrypoints.cli.administration import Limit, administer
from entrypoints.cli.screens import Listing, screen
from ports.subscriptions import SubscriptionChoice

subscriptions = App(
    name="subscriptions",
    help="""Subscriptions: who has which plan, and how it stands with the provider.

Only DATABASE_URL is needed.""",
)


@subscriptions.command(name="list")
def list_subscriptions(
    *,
    customer: Annotated[str | None, Parameter(help="Only this customer's (cus_…).")] = None,
    plan: Annotated[str | None, Parameter(help="Only to this plan.")] = None,
    state: Annotated[SubscriptionState | None, Parameter(help="Only those in this state.")] = None,
    entitlement: Annotated[Entitlement | None, Parameter(help="Only those that grant this.")] = None,
    limit: Limit = 100,
) -> None:
    """List subscriptions, newest first.

    For example: `fastcart subscriptions list --state past-due`
    """
    choice = SubscriptionChoice(
        customer_id=CustomerId(customer) if customer is not None else None,
        plan_id=PlanId(plan) if plan is not None else None,
        state=state,
        entitlement=entitlement,
    )
    found = administer(lambda c: c.subscription_lists().subscriptions(None, limit, choice))
    if not found:
        print("No such subscriptions.")
        return
    console = screen()
    listing = Listing(
        ("Subscription", "Customer", "Begun", "Paid until"), ("Plan", "Price", "State", "Grants", "Pending")
    )
    for subscription in found:
        listing.add(_ids_and_dates(subscription), *_row(subscription))
    listing.print_on(console)
    if len(found) == limit:
        console.print(f"These are {limit}; choose, or say --limit, to see others.")


def _ids_and_dates(subscription: Subscription) -> tuple[str, ...]:
    period = subscription.period
    ends = ", ends" if subscription.ends_at_period_end else ""
    return (
        subscription.id,
        subscription.customer_id,
        f"{subscription.created_at:%Y-%m-%d %H:%M}",
        f"{period.until:%Y-%m-%d}{ends}" if period else "–",
    )


def _row(subscription: Subscription) -> tuple[str, ...]:
    wish = subscription.wish
    pending = wish.operation.value.replace("_", " ") if wish else "–"
    stuck = " (stuck)" if wish and wish.attempt and wish.attempt.is_stuck else ""
    return (
        subscription.terms.plan_id,
        str(subscription.terms.price),
        subscription.state.value.replace("_", " "),
        subscription.entitlement.value,
        pending + stuck,
    )
