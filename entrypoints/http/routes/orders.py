"""Orders: bought in one call, read, explained, paid, called off."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import Parameter

from application.buy_now import Purchase
from application.cancel_order import Cancellation
from application.confirm_payment import PaymentTry
from domain.identifiers import OrderId, is_prefixed
from domain.money import Currency
from domain.order import ClosingReason, OrderState
from domain.payment import Instrument
from entrypoints.http.auth import caller_of, merchant_only
from entrypoints.http.problems import Refused
from entrypoints.http.structs.checkouts import PurchaseRequest, draft_from, instrument_of
from entrypoints.http.structs.orders import (
    BoughtShown,
    CancelRequest,
    ConfirmRequest,
    OrderShown,
    OrdersPage,
    TimelineShown,
    order_shown,
    summary_shown,
    timeline_shown,
)
from entrypoints.http.use_cases import UseCases
from ports.api_keys import Role

AnyRequest = Request[Any, Any, Any]
Limit = Annotated[int, Parameter(ge=1, le=100, description="How many at the most.")]


@post("/v1/orders", operation_id="buyNow", summary="Buy in one call", guards=[merchant_only])
async def buy_now(request: AnyRequest, data: PurchaseRequest, use_cases: UseCases) -> BoughtShown:
    """Everything in, order out: for wallets, agents and servers. Send an Idempotency-Key."""
    if "idempotency-key" not in request.headers:
        raise Refused(400, "idempotency_key_missing", "Send Idempotency-Key: a new UUID for each purchase.")
    currency = Currency.of(data.currency)
    purchase = Purchase(
        currency=currency,
        draft=draft_from(data, currency, may_price=True),
        accepted_total_minor=data.accepted_total.minor_in(currency, "/accepted_total/currency"),
        instrument=instrument_of(data.payment),
        return_url=data.return_url,
    )
    bought = await use_cases.buy_now(purchase)
    return BoughtShown(order_shown(bought.facts, caller_of(request).role), bought.client_token)


@get("/v1/orders", operation_id="listOrders", summary="List orders, newest first", guards=[merchant_only])
async def list_orders(
    use_cases: UseCases, after: str | None = None, limit: Limit = 20, order_state: OrderState | None = None
) -> OrdersPage:
    cursor = _id(after) if after else None
    found = await use_cases.queries.orders(cursor, limit, order_state)
    return OrdersPage(
        [summary_shown(order) for order in found], found[-1].id if len(found) == limit else None
    )


@get("/v1/orders/{order_id:str}", operation_id="readOrder", summary="Read an order")
async def read_order(request: AnyRequest, order_id: str, use_cases: UseCases) -> OrderShown:
    caller = caller_of(request)
    return order_shown(await use_cases.read_order(_id(order_id), caller.token_hash), caller.role)


@get("/v1/orders/{order_id:str}/timeline", operation_id="explainOrder", summary="Explain an order")
async def explain_order(request: AnyRequest, order_id: str, use_cases: UseCases) -> TimelineShown:
    """What happened, what the money did, and what it waits for now."""
    return timeline_shown(await use_cases.explain_order(_id(order_id), caller_of(request).token_hash))


@post(
    "/v1/orders/{order_id:str}/cancel",
    status_code=200,
    operation_id="cancelOrder",
    summary="Call an order off",
)
async def cancel_order(
    request: AnyRequest, order_id: str, use_cases: UseCases, data: CancelRequest | None = None
) -> OrderShown:
    """Until it is paid. Nothing is collected, and the goods are free again; repeating it changes nothing."""
    caller = caller_of(request)
    by_shopper = caller.role is Role.PUBLISHABLE or (data is not None and data.by == "shopper")
    reason = ClosingReason.SHOPPER if by_shopper else ClosingReason.MERCHANT
    cancellation = Cancellation(order_id=_id(order_id), reason=reason, token_hash=caller.token_hash)
    return order_shown(await use_cases.cancel_order(cancellation), caller.role)


@post(
    "/v1/orders/{order_id:str}/payments/confirm",
    status_code=200,
    operation_id="confirmPayment",
    summary="Pay an order",
)
async def confirm_payment(
    request: AnyRequest, order_id: str, data: ConfirmRequest, use_cases: UseCases
) -> OrderShown:
    """For clients that don't confirm with the provider themselves. A decline stands in the order's payment."""
    caller = caller_of(request)
    payment_try = PaymentTry(
        order_id=_id(order_id),
        instrument=Instrument(token=data.instrument.token),
        return_url=data.return_url,
        token_hash=caller.token_hash,
    )
    return order_shown(await use_cases.confirm_payment(payment_try), caller.role)


def _id(text: str) -> OrderId:
    if not is_prefixed(text, "ord"):
        raise Refused(404, "unknown_order", "An order's id looks like ord_ and 26 characters.")
    return OrderId(text)
