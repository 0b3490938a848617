"""Checkouts: opened, read, changed, given up, placed."""

from typing import Annotated, Any

from litestar import Request, Response, get, patch, post, put
from litestar.params import Parameter

from application.cart_draft import CartPatch
from application.change_checkout import CheckoutChange
from application.place_order import Placement
from domain.checkout import Checkout
from domain.identifiers import CheckoutId, is_prefixed
from domain.money import Currency
from entrypoints.http.auth import Caller, caller_of
from entrypoints.http.problems import Refused
from entrypoints.http.structs.checkouts import (
    CheckoutRequest,
    CheckoutShown,
    DeliveryChoice,
    OpenRequest,
    OptionsShown,
    PatchRequest,
    PlaceRequest,
    checkout_shown,
    draft_from,
    instrument_of,
    option_shown,
    patch_from,
)
from entrypoints.http.structs.orders import OrderShown, order_shown
from entrypoints.http.use_cases import UseCases
from ports.api_keys import Role

AnyRequest = Request[Any, Any, Any]
IfMatch = Annotated[
    str | None, Parameter(header="If-Match", description="The ETag that you read, to change only that.")
]


@post("/v1/checkouts", operation_id="openCheckout", summary="Open a checkout")
async def open_checkout(
    request: AnyRequest, data: OpenRequest, use_cases: UseCases
) -> Response[CheckoutShown]:
    """The answer's `client_token` opens this checkout, and later its order, for a browser; it is shown this once."""
    currency = Currency.of(data.currency)
    draft = draft_from(data, currency, may_price=_may_price(caller_of(request)))
    opened = await use_cases.open_checkout(currency, draft)
    return _shown(opened.checkout, use_cases, client_token=opened.client_token, status=201)


@get("/v1/checkouts/{checkout_id:str}", operation_id="readCheckout", summary="Read a checkout")
async def read_checkout(
    request: AnyRequest, checkout_id: str, use_cases: UseCases
) -> Response[CheckoutShown]:
    checkout = await use_cases.read_checkout(_id(checkout_id), caller_of(request).token_hash)
    return _shown(checkout, use_cases)


@put(
    "/v1/checkouts/{checkout_id:str}", operation_id="replaceCheckout", summary="Replace a checkout's content"
)
async def replace_checkout(
    request: AnyRequest,
    checkout_id: str,
    data: CheckoutRequest,
    use_cases: UseCases,
    if_match: IfMatch = None,
) -> Response[CheckoutShown]:
    caller = caller_of(request)
    currency = await _currency(request, checkout_id, use_cases)
    draft = draft_from(data, currency, may_price=_may_price(caller))
    change = CheckoutChange(
        checkout_id=_id(checkout_id), content=draft, version=_version(if_match), token_hash=caller.token_hash
    )
    return _shown(await use_cases.change_checkout(change), use_cases)


@patch("/v1/checkouts/{checkout_id:str}", operation_id="changeCheckout", summary="Change a checkout")
async def change_checkout(
    request: AnyRequest, checkout_id: str, data: PatchRequest, use_cases: UseCases, if_match: IfMatch = None
) -> Response[CheckoutShown]:
    """Absent fields stay as they are, null clears."""
    caller = caller_of(request)
    has_prices = bool(data.lines) and any(line.unit_price for line in data.lines or [])
    currency = await _currency(request, checkout_id, use_cases) if has_prices else Currency.of("EUR")
    content = patch_from(data, currency, may_price=_may_price(caller))
    change = CheckoutChange(
        checkout_id=_id(checkout_id),
        content=content,
        version=_version(if_match),
        token_hash=caller.token_hash,
    )
    return _shown(await use_cases.change_checkout(change), use_cases)


@get(
    "/v1/checkouts/{checkout_id:str}/delivery-options",
    operation_id="listDeliveryOptions",
    summary="Delivery options",
)
async def delivery_options(request: AnyRequest, checkout_id: str, use_cases: UseCases) -> OptionsShown:
    """Cheapest first; empty until there are lines and at least a country to deliver to."""
    options = await use_cases.quote_delivery(_id(checkout_id), caller_of(request).token_hash)
    return OptionsShown([option_shown(option) for option in options])


@put(
    "/v1/checkouts/{checkout_id:str}/delivery",
    operation_id="chooseDelivery",
    summary="Choose a delivery option",
)
async def choose_delivery(
    request: AnyRequest, checkout_id: str, data: DeliveryChoice, use_cases: UseCases, if_match: IfMatch = None
) -> Response[CheckoutShown]:
    change = CheckoutChange(
        checkout_id=_id(checkout_id),
        content=CartPatch(delivery_option_id=data.option_id),
        version=_version(if_match),
        token_hash=caller_of(request).token_hash,
    )
    return _shown(await use_cases.change_checkout(change), use_cases)


@post(
    "/v1/checkouts/{checkout_id:str}/cancel",
    status_code=200,
    operation_id="cancelCheckout",
    summary="Give it up",
)
async def cancel_checkout(
    request: AnyRequest, checkout_id: str, use_cases: UseCases
) -> Response[CheckoutShown]:
    checkout = await use_cases.cancel_checkout(_id(checkout_id), caller_of(request).token_hash)
    return _shown(checkout, use_cases)


@post("/v1/checkouts/{checkout_id:str}/place", operation_id="placeOrder", summary="Place the order")
async def place_order(
    request: AnyRequest, checkout_id: str, data: PlaceRequest, use_cases: UseCases
) -> Response[OrderShown]:
    """One checkout makes one order: placing it again answers with the order that it became."""
    caller = caller_of(request)
    placement = Placement(
        checkout_id=_id(checkout_id),
        version=data.version,
        accepted_total_minor=data.accepted_total.minor,
        instrument=instrument_of(data.payment),
        return_url=data.return_url,
        token_hash=caller.token_hash,
    )
    facts = await use_cases.place_order(placement)
    return Response(order_shown(facts, caller.role), status_code=201)


async def _currency(request: AnyRequest, checkout_id: str, use_cases: UseCases) -> Currency:
    """What prices in the request have to be in."""
    return (await use_cases.read_checkout(_id(checkout_id), caller_of(request).token_hash)).currency


def _may_price(caller: Caller) -> bool:
    return caller.role is not Role.PUBLISHABLE


def _id(text: str) -> CheckoutId:
    if not is_prefixed(text, "chk"):
        raise Refused(404, "unknown_checkout", "A checkout's id looks like chk_ and 26 characters.")
    return CheckoutId(text)


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/").strip('"')
    if not (tag.isascii() and tag.isdigit() and len(tag) < 10):
        raise Refused(412, "stale_version", "Send the ETag of your last read in If-Match.")
    return int(tag)


def _shown(
    checkout: Checkout, use_cases: UseCases, *, client_token: str | None = None, status: int = 200
) -> Response[CheckoutShown]:
    now, rules, storefront = use_cases.clock.now(), use_cases.rules, use_cases.storefront_url
    shown = (
        checkout_shown(checkout, rules, now, storefront)
        if client_token is None
        else checkout_shown(checkout, rules, now, storefront, client_token)
    )
    return Response(shown, status_code=status, headers={"ETag": f'"{checkout.version}"'})
