"""Subscriptions: begun, changed and cancelled by the merchant's server, read by the merchant's people."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from application.subscribe import SubscriptionDraft
from domain import errors
from domain.identifiers import PlanId, SubscriptionId
from domain.payment import Instrument
from domain.standing import CancellationTime, Entitlement, SubscriptionState
from domain.subscription import Subscription
from entrypoints.http.answers import JsonAnswer
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.etags import IfMatch, etag_of, version_of
from entrypoints.http.idempotency import id_of_this
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, MovesMoney, Repeatable, refusals
from entrypoints.http.paths import (
    After,
    Limit,
    customer_id_of,
    invoice_cursor,
    subscription_cursor,
    subscription_id_of,
)
from entrypoints.http.problems import INVALID_QUERY, KEY_MISSING
from entrypoints.http.structs.subscriptions import (
    InvoicesPage,
    PlanChangeRequest,
    SubscriptionCancelRequest,
    SubscriptionRequest,
    SubscriptionShown,
    SubscriptionsPage,
    SubscriptionTimelineShown,
    invoice_shown,
    subscription_shown,
    subscription_timeline_shown,
)
from entrypoints.http.use_cases import Given
from ports.errors import OutcomeUnknown
from ports.subscriptions import SubscriptionChoice

AnyRequest = Request[Any, Any, Any]
WantedCustomer = Annotated[
    str | None, QueryParameter(name="customer_id", max_length=64, description="Only this customer's.")
]
WantedPlan = Annotated[
    str | None, QueryParameter(name="plan_id", max_length=64, description="Only to this plan.")
]
WantedState = Annotated[SubscriptionState | None, QueryParameter(name="state", description="Only these.")]
WantedEntitlement = Annotated[
    Entitlement | None, QueryParameter(name="entitlement", description="Only those that grant this.")
]


@post(
    "/v1/subscriptions",
    operation_id="subscribe",
    summary="Subscribe a customer to a plan",
    tags=["Subscriptions"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    moves_money=True,
    security=KEY_ONLY,
    operation_class=MovesMoney,
    responses=refusals(
        *CALLER,
        *BODY,
        *REPEATS,
        KEY_MISSING,
        errors.UnknownCustomer,
        errors.UnknownPlan,
        errors.UnknownCurrency,
        errors.PlanNotSoldIn,
        errors.AlreadySubscribed,
        OutcomeUnknown,
    ),
)
async def subscribe(
    request: AnyRequest, data: JSONBody[SubscriptionRequest], use_cases: Given
) -> JsonAnswer[SubscriptionShown]:
    """A first payment that is declined is no error: the subscription is `incomplete`, and may still be paid.

    While the provider is away it is `new`, and looked after.
    """
    new_id = id_of_this(request.scope, "sub")
    draft = SubscriptionDraft(
        customer_id=customer_id_of(data.customer_id),
        plan_id=PlanId(data.plan_id),
        currency=data.currency,
        instrument=Instrument(token=data.instrument.token) if data.instrument else None,
        id=SubscriptionId(new_id) if new_id is not None else None,
    )
    return _told(request, await use_cases.subscribe(draft), status=201)


@get(
    "/v1/subscriptions",
    operation_id="listSubscriptions",
    summary="List subscriptions, newest first",
    tags=["Subscriptions"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY, errors.UnknownCustomer),
)
async def list_subscriptions(
    request: AnyRequest,
    use_cases: Given,
    *,
    after: After = None,
    limit: Limit = 20,
    wanted_customer: WantedCustomer = None,
    wanted_plan: WantedPlan = None,
    wanted_state: WantedState = None,
    wanted_entitlement: WantedEntitlement = None,
) -> SubscriptionsPage:
    """Whatever is asked for has to hold together."""
    choice = SubscriptionChoice(
        customer_id=customer_id_of(wanted_customer) if wanted_customer is not None else None,
        plan_id=PlanId(wanted_plan) if wanted_plan is not None else None,
        state=wanted_state,
        entitlement=wanted_entitlement,
    )
    found = await use_cases.subscription_lists.subscriptions(subscription_cursor(after), limit, choice)
    role = caller_of(request).role
    items = [subscription_shown(each, role) for each in found]
    return SubscriptionsPage(items, found[-1].id if len(found) == limit else None)


@get(
    "/v1/subscriptions/{subscription_id:str}",
    operation_id="readSubscription",
    summary="Read a subscription",
    tags=["Subscriptions"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, errors.UnknownSubscription),
)
async def read_subscription(
    request: AnyRequest, subscription_id: FromPath[str], use_cases: Given
) -> JsonAnswer[SubscriptionShown]:
    """How it stands and what it entitles to, with its version as the ETag."""
    return _told(request, await _found(subscription_id_of(subscription_id), use_cases))


@post(
    "/v1/subscriptions/{subscription_id:str}/plan",
    status_code=200,
    operation_id="changePlan",
    summary="Go over to another plan",
    tags=["Subscriptions"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    moves_money=True,
    security=KEY_ONLY,
    operation_class=MovesMoney,
    responses=refusals(
        *CALLER,
        *BODY,
        *REPEATS,
        KEY_MISSING,
        errors.UnknownSubscription,
        errors.UnknownPlan,
        errors.PlanNotSoldIn,
        errors.AlreadySubscribed,
        errors.SubscriptionOver,
        errors.SubscriptionBusy,
        errors.StaleVersion,
        OutcomeUnknown,
    ),
)
async def change_plan(
    request: AnyRequest,
    subscription_id: FromPath[str],
    data: JSONBody[PlanChangeRequest],
    use_cases: Given,
    if_match: IfMatch = None,
) -> JsonAnswer[SubscriptionShown]:
    """The provider prorates what was paid ahead. `pending` names the plan until it has happened."""
    changed = await use_cases.change_plan(
        subscription_id_of(subscription_id), PlanId(data.plan_id), version_of(if_match)
    )
    return _told(request, changed)


@post(
    "/v1/subscriptions/{subscription_id:str}/cancel",
    status_code=200,
    operation_id="cancelSubscription",
    summary="Cancel a subscription, now or at the period's end",
    tags=["Subscriptions"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(
        *CALLER,
        *BODY,
        *REPEATS,
        errors.UnknownSubscription,
        errors.SubscriptionBusy,
        errors.StaleVersion,
        OutcomeUnknown,
    ),
)
async def cancel_subscription(
    request: AnyRequest,
    subscription_id: FromPath[str],
    data: JSONBody[SubscriptionCancelRequest],
    use_cases: Given,
    if_match: IfMatch = None,
) -> JsonAnswer[SubscriptionShown]:
    """Cancelling again changes nothing. Nothing is given back."""
    cancelled = await use_cases.cancel_subscription(
        subscription_id_of(subscription_id), CancellationTime(data.when), version_of(if_match)
    )
    return _told(request, cancelled)


@get(
    "/v1/subscriptions/{subscription_id:str}/invoices",
    operation_id="listInvoices",
    summary="List a subscription's invoices, newest first",
    tags=["Subscriptions"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY, errors.UnknownSubscription),
)
async def list_invoices(
    subscription_id: FromPath[str], use_cases: Given, after: After = None, limit: Limit = 20
) -> InvoicesPage:
    """What the provider billed, tried and collected."""
    subscription = await _found(subscription_id_of(subscription_id), use_cases)
    found = await use_cases.subscription_lists.invoices(subscription.id, invoice_cursor(after), limit)
    items = [invoice_shown(invoice) for invoice in found]
    return InvoicesPage(items, found[-1].id if len(found) == limit else None)


@get(
    "/v1/subscriptions/{subscription_id:str}/timeline",
    operation_id="explainSubscription",
    summary="Explain a subscription",
    tags=["Subscriptions"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, errors.UnknownSubscription),
)
async def explain_subscription(subscription_id: FromPath[str], use_cases: Given) -> SubscriptionTimelineShown:
    """Each fact, each call to the provider with its outcome, and what the money did."""
    subscription = await _found(subscription_id_of(subscription_id), use_cases)
    lists = use_cases.subscription_lists
    events, balances = await lists.timeline(subscription.id), await lists.balances(subscription.id)
    return subscription_timeline_shown(subscription, events, balances)


async def _found(subscription_id: SubscriptionId, use_cases: Given) -> Subscription:
    """Raises UnknownSubscription."""
    async with use_cases.unit_of_work() as uow:
        found = await uow.subscriptions.get(subscription_id)
    if found is None:
        raise errors.UnknownSubscription(subscription_id=subscription_id)
    return found


def _told(
    request: AnyRequest, subscription: Subscription, status: int = 200
) -> JsonAnswer[SubscriptionShown]:
    """The subscription, with its version as the ETag."""
    shown = subscription_shown(subscription, caller_of(request).role)
    return JsonAnswer(shown, status_code=status, headers={"ETag": etag_of(subscription.version)})
