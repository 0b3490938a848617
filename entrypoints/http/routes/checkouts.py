"""Checkouts: created, read, changed, given up."""

from typing import Any

from litestar import Request, get, patch, post, put
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from application.cart_draft import CartDraft, CartPatch
from application.change_checkout import CheckoutChange
from domain import errors
from domain.checkout import Checkout
from domain.identifiers import CheckoutId
from domain.money import Currency
from entrypoints.http.answers import JsonAnswer
from entrypoints.http.auth import Access, Caller, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.etags import IfMatch, etag_of, version_of
from entrypoints.http.openapi import (
    BODY,
    CALLER,
    KEY_AND_TOKEN,
    KEY_ONLY,
    QUOTE,
    REPEATS,
    TOKEN,
    Repeatable,
    refusals,
)
from entrypoints.http.paths import checkout_id_of
from entrypoints.http.structs.carts import (
    DeliveryChoice,
    OpenRequest,
    PatchRequest,
    ReplaceRequest,
    draft_of_request,
    patch_of_request,
    sets_prices,
)
from entrypoints.http.structs.checkouts import CheckoutShown, checkout_shown
from entrypoints.http.structs.sums import OptionsShown, offers_shown
from entrypoints.http.use_cases import Given, UseCases
from ports.api_keys import Role

AnyRequest = Request[Any, Any, Any]
_READS = (*TOKEN, errors.UnknownCheckout)
_CHANGES = (*_READS, *BODY, *REPEATS, *QUOTE, errors.CheckoutClosed, errors.StaleVersion)


@post(
    "/v1/checkouts",
    operation_id="createCheckout",
    summary="Create a checkout",
    tags=["Checkouts"],
    dto=StrictJson,
    return_dto=None,
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, *QUOTE),
)
async def create_checkout(
    request: AnyRequest, data: JSONBody[OpenRequest], use_cases: Given
) -> JsonAnswer[CheckoutShown]:
    """The answer's `client_token` opens the checkout, and later its order, to a browser; it comes once."""
    currency = Currency.of(data.currency)
    draft = draft_of_request(data, currency, may_price=_may_price(caller_of(request)))
    opened = await use_cases.open_checkout(currency, draft)
    return shown(opened.checkout, use_cases, client_token=opened.client_token, status=201)


@get(
    "/v1/checkouts/{checkout_id:str}",
    operation_id="readCheckout",
    summary="Read a checkout",
    tags=["Checkouts"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    responses=refusals(*_READS),
)
async def read_checkout(
    request: AnyRequest, checkout_id: FromPath[str], use_cases: Given
) -> JsonAnswer[CheckoutShown]:
    """With its version as the ETag. Prices are those of the last change; placing it looks at them again."""
    checkout = await use_cases.read_checkout(checkout_id_of(checkout_id), caller_of(request).token_hash)
    return shown(checkout, use_cases)


@put(
    "/v1/checkouts/{checkout_id:str}",
    operation_id="replaceCheckout",
    summary="Replace a checkout's content",
    tags=["Checkouts"],
    dto=StrictJson,
    return_dto=None,
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    operation_class=Repeatable,
    responses=refusals(*_CHANGES),
)
async def replace_checkout(
    request: AnyRequest,
    checkout_id: FromPath[str],
    data: JSONBody[ReplaceRequest],
    use_cases: Given,
    if_match: IfMatch = None,
) -> JsonAnswer[CheckoutShown]:
    """What is left out is cleared. Lines keep their identity by `id`."""
    caller, found = caller_of(request), checkout_id_of(checkout_id)
    currency = None
    if data.currency is not None or (sets_prices(data.lines) and _may_price(caller)):
        currency = await _currency_of(found, caller, use_cases, data.currency)
    draft = draft_of_request(data, currency, may_price=_may_price(caller))
    return await _changed(found, draft, caller, use_cases, if_match)


@patch(
    "/v1/checkouts/{checkout_id:str}",
    operation_id="changeCheckout",
    summary="Change a checkout",
    tags=["Checkouts"],
    dto=StrictJson,
    return_dto=None,
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    operation_class=Repeatable,
    responses=refusals(*_CHANGES),
)
async def change_checkout(
    request: AnyRequest,
    checkout_id: FromPath[str],
    data: JSONBody[PatchRequest],
    use_cases: Given,
    if_match: IfMatch = None,
) -> JsonAnswer[CheckoutShown]:
    """What is left out stays as it is, null clears. `lines` are replaced as a whole."""
    caller, found = caller_of(request), checkout_id_of(checkout_id)
    currency = None
    if sets_prices(data.lines) and _may_price(caller):
        currency = await _currency_of(found, caller, use_cases)
    content = patch_of_request(data, currency, may_price=_may_price(caller))
    return await _changed(found, content, caller, use_cases, if_match)


@get(
    "/v1/checkouts/{checkout_id:str}/delivery-options",
    operation_id="listDeliveryOptions",
    summary="List the ways to deliver",
    tags=["Checkouts"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    responses=refusals(*_READS, *QUOTE),
)
async def list_delivery_options(
    request: AnyRequest, checkout_id: FromPath[str], use_cases: Given
) -> OptionsShown:
    """Country and postcode are enough to ask."""
    offers = await use_cases.quote_delivery(checkout_id_of(checkout_id), caller_of(request).token_hash)
    return offers_shown(offers)


@put(
    "/v1/checkouts/{checkout_id:str}/delivery",
    operation_id="chooseDelivery",
    summary="Choose a way to deliver",
    tags=["Checkouts"],
    dto=StrictJson,
    return_dto=None,
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    operation_class=Repeatable,
    responses=refusals(*_CHANGES),
)
async def choose_delivery(
    request: AnyRequest,
    checkout_id: FromPath[str],
    data: JSONBody[DeliveryChoice],
    use_cases: Given,
    if_match: IfMatch = None,
) -> JsonAnswer[CheckoutShown]:
    """Taxes are known from then on, so the total is the one to accept."""
    content = CartPatch(delivery_option_id=data.option_id)
    return await _changed(checkout_id_of(checkout_id), content, caller_of(request), use_cases, if_match)


@post(
    "/v1/checkouts/{checkout_id:str}/cancel",
    status_code=200,
    operation_id="cancelCheckout",
    summary="Give a checkout up",
    tags=["Checkouts"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    operation_class=Repeatable,
    responses=refusals(*_READS, *REPEATS, errors.CheckoutClosed),
)
async def cancel_checkout(
    request: AnyRequest, checkout_id: FromPath[str], use_cases: Given
) -> JsonAnswer[CheckoutShown]:
    """It can't be changed or placed from then on; an order that it became is canceled by itself."""
    checkout = await use_cases.cancel_checkout(checkout_id_of(checkout_id), caller_of(request).token_hash)
    return shown(checkout, use_cases)


def shown(
    checkout: Checkout, use_cases: UseCases, *, client_token: str | UnsetType = UNSET, status: int = 200
) -> JsonAnswer[CheckoutShown]:
    """The checkout, with its version as the ETag."""
    body = checkout_shown(
        checkout, use_cases.rules, use_cases.clock.now(), use_cases.storefront_url, client_token
    )
    return JsonAnswer(body, status_code=status, headers={"ETag": etag_of(checkout.version)})


async def _changed(
    checkout_id: CheckoutId,
    content: CartDraft | CartPatch,
    caller: Caller,
    use_cases: UseCases,
    if_match: str | None,
) -> JsonAnswer[CheckoutShown]:
    change = CheckoutChange(
        checkout_id=checkout_id,
        content=content,
        version=version_of(if_match),
        token_hash=caller.token_hash,
    )
    return shown(await use_cases.change_checkout(change), use_cases)


async def _currency_of(
    checkout_id: CheckoutId, caller: Caller, use_cases: UseCases, told: str | None = None
) -> Currency:
    """The currency that prices have to be in. Raises CurrencyMismatch if the caller names another."""
    currency = (await use_cases.read_checkout(checkout_id, caller.token_hash)).currency
    if told is not None and told != currency.code:
        raise errors.CurrencyMismatch(expected=currency.code, found=told, path="/currency")
    return currency


def _may_price(caller: Caller) -> bool:
    return caller.role is Role.SECRET
