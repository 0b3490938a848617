"""Stock: what is free is read by anybody with a key; pieces are received by the merchant."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from domain import errors
from domain.identifiers import ReceiptId, Sku
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.idempotency import id_of_this
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.paths import After, Limit, known_sku, new_name, sku_cursor
from entrypoints.http.problems import INVALID_QUERY, NO_SUCH_PRODUCT, TOO_FEW_FREE, UNKNOWN_STOCK, Refused
from entrypoints.http.structs.problems import FieldProblem
from entrypoints.http.structs.stock import ReceiptRequest, StockPage, StockShown, stock_shown
from entrypoints.http.use_cases import Given
from ports.stock import StockLevel

AnyRequest = Request[Any, Any, Any]


@get(
    "/v1/stock",
    operation_id="listStock",
    summary="List stock by SKU",
    tags=["Catalog"],
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_stock(
    request: AnyRequest, use_cases: Given, after: After = None, limit: Limit = 20
) -> StockPage:
    """Browsers are told what is free, and nothing of what was sold."""
    found = await use_cases.queries.stock(sku_cursor(after), limit)
    role = caller_of(request).role
    items = [stock_shown(level, role) for level in found]
    return StockPage(items, found[-1].sku if len(found) == limit else None)


@get(
    "/v1/stock/{sku:str}",
    operation_id="readStock",
    summary="Read the stock of a product",
    tags=["Catalog"],
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    responses=refusals(*CALLER, UNKNOWN_STOCK),
)
async def read_stock(request: AnyRequest, sku: FromPath[str], use_cases: Given) -> StockShown:
    """As it is at this moment."""
    level = await use_cases.receive_stock.level(known_sku(sku, UNKNOWN_STOCK))
    if level is None:
        raise Refused(UNKNOWN_STOCK)
    return stock_shown(level, caller_of(request).role)


@post(
    "/v1/stock/{sku:str}/receipts",
    status_code=200,
    operation_id="receiveStock",
    summary="Receive pieces, or write them off",
    tags=["Catalog"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(
        *CALLER, *BODY, *REPEATS, NO_SUCH_PRODUCT, UNKNOWN_STOCK, errors.FieldRefused, TOO_FEW_FREE
    ),
)
async def receive_stock(
    request: AnyRequest, sku: FromPath[str], data: JSONBody[ReceiptRequest], use_cases: Given
) -> StockShown:
    """Each request counts: send an Idempotency-Key. A negative quantity writes off what is free, no more."""
    known = id_of_this(request.scope, "rcp")
    receipt_id = ReceiptId(known) if known else None
    goods = Sku(new_name(sku, "/{sku}"))
    try:
        level = await use_cases.receive_stock(goods, data.quantity, receipt_id)
    except errors.OutOfStock:
        raise _too_few_free(await use_cases.receive_stock.level(goods)) from None
    if level is None:
        raise Refused(NO_SUCH_PRODUCT, FieldProblem("/{sku}", "the SKU of a product"))
    return stock_shown(level, caller_of(request).role)


def _too_few_free(level: StockLevel | None) -> Refused:
    if level is None:
        return Refused(UNKNOWN_STOCK)
    rule = f"-{level.free} or more: so many can be written off" if level.free else "above 0: none is free"
    return Refused(TOO_FEW_FREE, FieldProblem("/quantity", rule))
