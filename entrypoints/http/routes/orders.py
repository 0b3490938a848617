"""Orders: listed, read, explained, called off."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, QueryParameter

from application.cancel_order import Cancellation
from domain import errors
from domain.order import ClosingReason, OrderState
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.openapi import CALLER, KEY_AND_TOKEN, KEY_ONLY, REPEATS, TOKEN, Repeatable, refusals
from entrypoints.http.paths import After, Limit, order_cursor, order_id_of
from entrypoints.http.problems import INVALID_QUERY
from entrypoints.http.structs.orders import OrderShown, OrdersPage, order_shown, summary_shown
from entrypoints.http.structs.timelines import TimelineShown, timeline_shown
from entrypoints.http.use_cases import Given
from ports.api_keys import Role

AnyRequest = Request[Any, Any, Any]
WantedState = Annotated[OrderState | None, QueryParameter(name="state", description="Only these.")]


@get(
    "/v1/orders",
    operation_id="listOrders",
    summary="List orders, newest first",
    tags=["Orders"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_orders(
    use_cases: Given, after: After = None, limit: Limit = 20, wanted_state: WantedState = None
) -> OrdersPage:
    """For the merchant."""
    found = await use_cases.queries.orders(order_cursor(after), limit, wanted_state)
    items = [summary_shown(order) for order in found]
    return OrdersPage(items, found[-1].id if len(found) == limit else None)


@get(
    "/v1/orders/{order_id:str}",
    operation_id="readOrder",
    summary="Read an order",
    tags=["Orders"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    responses=refusals(*TOKEN, errors.UnknownOrder),
)
async def read_order(request: AnyRequest, order_id: FromPath[str], use_cases: Given) -> OrderShown:
    """How it stands, and what the shopper does next."""
    caller = caller_of(request)
    return order_shown(await use_cases.read_order(order_id_of(order_id), caller.token_hash), caller.role)


@get(
    "/v1/orders/{order_id:str}/timeline",
    operation_id="explainOrder",
    summary="Explain an order",
    tags=["Orders"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    responses=refusals(*TOKEN, errors.UnknownOrder),
)
async def explain_order(request: AnyRequest, order_id: FromPath[str], use_cases: Given) -> TimelineShown:
    """Each fact, each step, each vendor call with its outcome, what the money did, and what is waited for."""
    caller = caller_of(request)
    explanation = await use_cases.explain_order(order_id_of(order_id), caller.token_hash)
    return timeline_shown(explanation, caller.role)


@post(
    "/v1/orders/{order_id:str}/cancel",
    status_code=200,
    operation_id="cancelOrder",
    summary="Call an order off",
    tags=["Orders"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    operation_class=Repeatable,
    responses=refusals(*TOKEN, *REPEATS, errors.UnknownOrder, errors.OrderAlreadyPaid),
)
async def cancel_order(request: AnyRequest, order_id: FromPath[str], use_cases: Given) -> OrderShown:
    """Until it is paid: the payment is stopped and the goods are free again. Repeating it changes nothing."""
    caller = caller_of(request)
    by_shopper = caller.role is Role.PUBLISHABLE
    cancellation = Cancellation(
        order_id=order_id_of(order_id),
        reason=ClosingReason.SHOPPER if by_shopper else ClosingReason.MERCHANT,
        token_hash=caller.token_hash,
    )
    return order_shown(await use_cases.cancel_order(cancellation), caller.role)
