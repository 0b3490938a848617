"""Products: read by anybody with a key, written by the merchant."""

from typing import Any

from litestar import Request, get, put
from litestar.params import FromPath, JSONBody

from domain import errors
from domain.identifiers import Sku
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.paths import After, Limit, known_sku, new_name, sku_cursor
from entrypoints.http.problems import INVALID_QUERY, UNKNOWN_PRODUCT, Refused
from entrypoints.http.structs.products import (
    ProductRequest,
    ProductShown,
    ProductsPage,
    product_of_request,
    product_shown,
)
from entrypoints.http.use_cases import Given
from ports.api_keys import Role


@get(
    "/v1/products",
    operation_id="listProducts",
    summary="List products by SKU",
    tags=["Catalog"],
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_products(
    request: Request[Any, Any, Any], use_cases: Given, after: After = None, limit: Limit = 20
) -> ProductsPage:
    """Browsers see what is on sale, so a page may hold fewer than `limit`; the merchant sees all."""
    found = await use_cases.queries.products(sku_cursor(after), limit)
    sees_all = caller_of(request).role is not Role.PUBLISHABLE
    items = [product_shown(product) for product in found if product.active or sees_all]
    return ProductsPage(items, found[-1].sku if len(found) == limit else None)


@get(
    "/v1/products/{sku:str}",
    operation_id="readProduct",
    summary="Read a product",
    tags=["Catalog"],
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    responses=refusals(*CALLER, UNKNOWN_PRODUCT),
)
async def read_product(sku: FromPath[str], use_cases: Given) -> ProductShown:
    """One that is on sale."""
    async with use_cases.unit_of_work() as uow:
        found = await uow.catalog.products([known_sku(sku, UNKNOWN_PRODUCT)])
    if not found:
        raise Refused(UNKNOWN_PRODUCT)
    return product_shown(found[0])


@put(
    "/v1/products/{sku:str}",
    operation_id="putProduct",
    summary="Add or replace a product",
    tags=["Catalog"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, errors.FieldRefused),
)
async def put_product(sku: FromPath[str], data: JSONBody[ProductRequest], use_cases: Given) -> ProductShown:
    """Open checkouts take the new price when they are changed or placed."""
    product = product_of_request(Sku(new_name(sku, "/{sku}")), data)
    await use_cases.put_products([product])
    return product_shown(product)
