"""`fastcart subscriptions`: who has which plan, how it stands and what they may have."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Column, Table

from domain.identifiers import CustomerId, PlanId
from domain.standing import Entitlement, SubscriptionState
from domain.subscription import Subscription
from entrypoints.cli.administration import WIDEST_ID, administer
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
    limit: Annotated[int, Parameter(help="How many at the most.")] = 100,
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
    console = Console()
    table = Table(Column("Subscription, customer", no_wrap=True, min_width=WIDEST_ID), "Begun", "Plan")
    for title in ("State", "Grants", "Paid until", "Pending"):
        table.add_column(title, overflow="fold")
    for subscription in found:
        table.add_row(*_row(subscription))
    console.print(table)
    if len(found) == limit:
        console.print(f"These are {limit}; choose, or say --limit, to see others.")


def _row(subscription: Subscription) -> tuple[str, ...]:
    wish, period = subscription.wish, subscription.period
    pending = wish.operation.value.replace("_", " ") if wish else "–"
    stuck = " (stuck)" if wish and wish.attempt and wish.attempt.is_stuck else ""
    ends = ", ends" if subscription.ends_at_period_end else ""
    return (
        f"{subscription.id}\n{subscription.customer_id}",
        f"{subscription.created_at:%Y-%m-%d %H:%M}",
        f"{subscription.terms.plan_id}\n{subscription.terms.price}",
        subscription.state.value.replace("_", " "),
        subscription.entitlement.value,
        f"{period.until:%Y-%m-%d}{ends}" if period else "–",
        pending + stuck,
    )
