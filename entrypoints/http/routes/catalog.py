"""Products, stock and discount codes: read by anybody with a key, written by the merchant."""

from typing import Annotated

from litestar import get, post, put
from litestar.params import Parameter

from domain.identifiers import Sku
from entrypoints.http.auth import merchant_only
from entrypoints.http.problems import Refused
from entrypoints.http.structs.catalog import (
    DiscountRequest,
    ProductRequest,
    ProductShown,
    ProductsPage,
    ReceiptRequest,
    StockPage,
    StockShown,
    discount_from,
    product_from,
    product_shown,
    stock_shown,
)
from entrypoints.http.use_cases import UseCases

Limit = Annotated[int, Parameter(ge=1, le=100, description="How many at the most.")]
_MOST_CHARACTERS = 64


@get("/v1/products", operation_id="listProducts", summary="List products")
async def list_products(use_cases: UseCases, after: str | None = None, limit: Limit = 20) -> ProductsPage:
    found = await use_cases.queries.products(_cursor(after), limit)
    next_cursor = found[-1].sku if len(found) == limit else None
    return ProductsPage([product_shown(product) for product in found], next_cursor)


@get("/v1/products/{sku:str}", operation_id="readProduct", summary="Read a product")
async def read_product(sku: str, use_cases: UseCases) -> ProductShown:
    async with use_cases.unit_of_work() as uow:
        found = await uow.catalog.products([_sku(sku)])
    if not found:
        raise Refused(404, "unknown_sku", "There is no such product on sale.")
    return product_shown(found[0])


@put(
    "/v1/products/{sku:str}",
    operation_id="putProduct",
    summary="Add or replace a product",
    guards=[merchant_only],
)
async def put_product(sku: str, data: ProductRequest, use_cases: UseCases) -> ProductShown:
    product = product_from(_sku(sku), data)
    await use_cases.put_products([product])
    return product_shown(product)


@get("/v1/stock", operation_id="listStock", summary="List stock")
async def list_stock(use_cases: UseCases, after: str | None = None, limit: Limit = 20) -> StockPage:
    found = await use_cases.queries.stock(_cursor(after), limit)
    return StockPage([stock_shown(level) for level in found], found[-1].sku if len(found) == limit else None)


@get("/v1/stock/{sku:str}", operation_id="readStock", summary="Read the stock of a product")
async def read_stock(sku: str, use_cases: UseCases) -> StockShown:
    level = await use_cases.receive_stock.level(_sku(sku))
    if level is None:
        raise Refused(404, "unknown_sku", "There is no stock of this SKU.")
    return stock_shown(level)


@post(
    "/v1/stock/{sku:str}/receipts",
    operation_id="receiveStock",
    summary="Pieces arrived",
    guards=[merchant_only],
)
async def receive_stock(sku: str, data: ReceiptRequest, use_cases: UseCases) -> StockShown:
    level = await use_cases.receive_stock(_sku(sku), data.quantity)
    if level is None:
        raise Refused(404, "unknown_sku", "There is no stock of this SKU.")
    return stock_shown(level)


@put(
    "/v1/discount-codes/{code:str}",
    operation_id="putDiscountCode",
    summary="Add a code",
    guards=[merchant_only],
)
async def put_discount_code(code: str, data: DiscountRequest, use_cases: UseCases) -> None:
    await use_cases.put_discount_code(discount_from(_name(code, "unknown_discount_code"), data))


def _sku(text: str) -> Sku:
    return Sku(_name(text, "unknown_sku"))


def _cursor(after: str | None) -> str | None:
    return _name(after, "invalid_cursor") if after else None


def _name(text: str, code: str) -> str:
    if not (0 < len(text) <= _MOST_CHARACTERS and text.isprintable()):
        raise Refused(404, code, f"Use 1 to {_MOST_CHARACTERS} printable characters.")
    return text
