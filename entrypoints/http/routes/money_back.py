"""Money going back: refunds, and lines that can't be shipped."""

from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from application.report_shortage import ShortageReport
from application.request_refund import RefundRequest
from domain import errors
from domain.identifiers import RefundId, ShortageId
from domain.money import Money
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.idempotency import id_of_this
from entrypoints.http.openapi import (
    BODY,
    CALLER,
    KEY_AND_TOKEN,
    KEY_ONLY,
    REPEATS,
    TOKEN,
    MovesMoney,
    refusals,
)
from entrypoints.http.paths import order_id_of
from entrypoints.http.problems import KEY_MISSING
from entrypoints.http.structs.money_back import (
    RefundOrderRequest,
    RefundsShown,
    ShortageRequest,
    pieces_of,
    refund_shown,
    refunds_listed,
)
from entrypoints.http.structs.orders import OrderShown, RefundedShown, order_shown
from entrypoints.http.structs.values import MoneyStruct, currency_at
from entrypoints.http.use_cases import Given

AnyRequest = Request[Any, Any, Any]
_ASKING: Final = (*CALLER, *BODY, *REPEATS, KEY_MISSING, errors.UnknownOrder)
_PIECES: Final = (errors.UnknownLine, errors.TooManyPieces)


@post(
    "/v1/orders/{order_id:str}/refunds",
    operation_id="refundOrder",
    summary="Give money back",
    tags=["Orders"],
    dto=StrictJson,
    return_dto=None,
    access=Access.MERCHANT,
    moves_money=True,
    security=KEY_ONLY,
    operation_class=MovesMoney,
    responses=refusals(
        *_ASKING,
        *_PIECES,
        errors.RefundExceedsBalance,
        errors.PaymentNotCaptured,
        errors.PaymentDisputed,
        errors.CurrencyMismatch,
        errors.FieldRefused,
    ),
)
async def refund_order(
    request: AnyRequest, order_id: FromPath[str], data: JSONBody[RefundOrderRequest], use_cases: Given
) -> RefundedShown:
    """In full, by amount, by line and quantity, or the delivery; what was asked for is reserved at once.

    Before the money was taken there is nothing to give back: everything calls the order off, and `refund` is
    null; a part is refused. Repeating it with the same key gives nothing more.
    """
    caller = caller_of(request)
    refund_id = RefundId(_id_of_this(request, "ref"))
    asked = RefundRequest(
        order_id=order_id_of(order_id),
        refund_id=refund_id,
        amount=_money_of(data.amount) if data.amount else None,
        lines=pieces_of(data.lines),
        delivery=data.delivery,
        restock=pieces_of(data.restock),
        note=data.note,
    )
    facts = await use_cases.request_refund(asked)
    made = next((refund for refund in facts.refunds if refund.id == refund_id), None)
    return RefundedShown(refund_shown(made, caller.role) if made else None, order_shown(facts, caller.role))


@get(
    "/v1/orders/{order_id:str}/refunds",
    operation_id="listRefunds",
    summary="List an order's refunds",
    tags=["Orders"],
    access=Access.TOKEN,
    security=KEY_AND_TOKEN,
    responses=refusals(*TOKEN, errors.UnknownOrder),
)
async def list_refunds(request: AnyRequest, order_id: FromPath[str], use_cases: Given) -> RefundsShown:
    """All of them, oldest first, and what is left to give back, line by line."""
    caller = caller_of(request)
    return refunds_listed(await use_cases.read_order(order_id_of(order_id), caller.token_hash), caller.role)


@post(
    "/v1/orders/{order_id:str}/shortages",
    operation_id="reportShortage",
    summary="Say what can't be shipped",
    tags=["Orders"],
    dto=StrictJson,
    return_dto=None,
    access=Access.MERCHANT,
    moves_money=True,
    security=KEY_ONLY,
    operation_class=MovesMoney,
    responses=refusals(*_ASKING, *_PIECES, errors.ShortageTooLate, errors.NothingLeftToShip),
)
async def report_shortage(
    request: AnyRequest, order_id: FromPath[str], data: JSONBody[ShortageRequest], use_cases: Given
) -> OrderShown:
    """Before the money is taken: less is taken. Afterwards it is a refund."""
    report = ShortageReport(
        order_id=order_id_of(order_id),
        shortage_id=ShortageId(_id_of_this(request, "sho")),
        lines=pieces_of(data.lines),
        write_off=data.write_off,
        note=data.note,
    )
    return order_shown(await use_cases.report_shortage(report), caller_of(request).role)


def _id_of_this(request: AnyRequest, prefix: str) -> str:
    known = id_of_this(request.scope, prefix)
    assert known is not None, "a route that moves money requires a key"  # noqa: S101
    return known


def _money_of(struct: MoneyStruct) -> Money:
    return Money(minor=struct.minor, currency=currency_at(struct.currency, "/amount/currency"))
