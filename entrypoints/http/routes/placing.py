"""From cart to order: placing a checkout, and everything in a single call."""

from typing import Any, TypeVar

from litestar import Request, post
from litestar.params import FromPath, JSONBody

from application.buy_now import Purchase
from application.client_token import hashed
from application.place_order import Placement
from domain import errors
from domain.errors import QuoteChanged
from domain.holding import was_refused_goods
from domain.identifiers import CheckoutId
from domain.money import Currency
from domain.order_facts import OrderFacts
from entrypoints.http.answers_along import AnswerAbout
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.idempotency import id_of_this
from entrypoints.http.openapi import (
    BODY,
    CALLER,
    KEY_AND_TOKEN,
    KEY_ONLY,
    QUOTE,
    REPEATS,
    TOKEN,
    MovesMoney,
    refusals,
)
from entrypoints.http.paths import checkout_id_of
from entrypoints.http.problems import ANSWERS, KEY_MISSING, Refused
from entrypoints.http.structs.carts import draft_of_request
from entrypoints.http.structs.checkouts import checkout_shown
from entrypoints.http.structs.orders import BoughtShown, OrderShown, order_shown
from entrypoints.http.structs.placing import PlaceRequest, PurchaseRequest, instrument_of
from entrypoints.http.structs.problems import FieldProblem
from entrypoints.http.use_cases import Given, UseCases
from ports.api_keys import Role

T = TypeVar("T")
_PLACING = (
    *BODY,
    *REPEATS,
    KEY_MISSING,
    *QUOTE,
    errors.CheckoutNotReady,
    errors.QuoteChanged,
    errors.OutOfStock,
)


@post(
    "/v1/checkouts/{checkout_id:str}/place",
    operation_id="placeOrder",
    summary="Place the order",
    tags=["Checkouts"],
    dto=StrictJson,
    return_dto=None,
    access=Access.TOKEN,
    moves_money=True,
    reads_first=True,
    security=KEY_AND_TOKEN,
    operation_class=MovesMoney,
    responses=refusals(*TOKEN, *_PLACING, errors.UnknownCheckout, errors.CheckoutClosed, errors.StaleVersion),
)
async def place_order(
    request: Request[Any, Any, Any],
    checkout_id: FromPath[str],
    data: JSONBody[PlaceRequest],
    use_cases: Given,
) -> OrderShown:
    """Goods are held and the payment is begun.

    One checkout makes one order: placing it again, under whatever key, answers 201 with what it became.
    """
    caller = caller_of(request)
    placement = Placement(
        checkout_id=checkout_id_of(checkout_id),
        version=data.version,
        accepted_total_minor=data.accepted_total.minor,
        accepted_currency=data.accepted_total.currency,
        instrument=instrument_of(data.payment),
        return_url=data.return_url,
        token_hash=caller.token_hash,
        saves_method=data.save_payment_method,
    )
    answer = AnswerAbout(
        request.scope, 201, lambda facts: _unless_refused(facts, order_shown(facts, caller.role))
    )
    try:
        facts = await use_cases.place_order(placement)
    except QuoteChanged as changed:
        raise await _with_new_quote(changed, placement, use_cases) from None
    return answer.or_kept(lambda: order_shown(facts, caller.role))


@post(
    "/v1/orders",
    operation_id="buyNow",
    summary="Buy in a single call",
    tags=["Orders"],
    dto=StrictJson,
    return_dto=None,
    access=Access.ANY_KEY,
    moves_money=True,
    reads_first=True,
    security=KEY_ONLY,
    operation_class=MovesMoney,
    responses=refusals(*CALLER, *_PLACING),
)
async def buy_now(
    request: Request[Any, Any, Any], data: JSONBody[PurchaseRequest], use_cases: Given
) -> BoughtShown:
    """Everything in, order out: for wallets, agents and servers that ask the shopper themselves.

    A refusal leaves nothing behind.
    """
    caller = caller_of(request)
    currency = Currency.of(data.currency)
    checkout_id, token = id_of_this(request.scope, "chk"), use_cases.clock.new_secret()
    purchase = Purchase(
        currency=currency,
        draft=draft_of_request(data, currency, may_price=caller.role is Role.SECRET),
        accepted_total_minor=data.accepted_total.minor_in(currency, "/accepted_total"),
        instrument=instrument_of(data.payment),
        return_url=data.return_url,
        checkout_id=CheckoutId(checkout_id) if checkout_id else None,
        saves_method=data.save_payment_method,
        client_token=token,
    )
    answer = AnswerAbout(
        request.scope, 201, lambda facts: _unless_refused(facts, _bought(facts, token, caller.role))
    )
    bought = await use_cases.buy_now(purchase)
    return answer.or_kept(lambda: BoughtShown(order_shown(bought.facts, caller.role), bought.client_token))


def _bought(facts: OrderFacts, client_token: str, role: Role) -> BoughtShown:
    """Without the token where the order was there already, under another one: only its hash is kept."""
    is_ours = facts.order.client_token_hash == hashed(client_token)
    return BoughtShown(order_shown(facts, role), client_token if is_ours else None)


def _unless_refused(facts: OrderFacts, shown: T) -> T | None:
    """An order whose goods could not be had is answered with a refusal."""
    return None if was_refused_goods(facts) else shown


async def _with_new_quote(changed: QuoteChanged, placement: Placement, use_cases: UseCases) -> Refused:
    """The refusal, and the checkout as it now stands, so that it can be shown and accepted."""
    checkout = await use_cases.read_checkout(placement.checkout_id, placement.token_hash)
    shown = checkout_shown(checkout, use_cases.rules, use_cases.clock.now(), use_cases.storefront_url)
    field = FieldProblem("/accepted_total", f"{changed.total_minor}, once the shopper accepts it")
    return Refused(ANSWERS[QuoteChanged], field, checkout=shown, total_minor=changed.total_minor)
