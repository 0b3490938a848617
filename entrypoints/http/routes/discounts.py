"""Discount codes: written by the merchant, used by whoever knows them."""

from litestar import put
from litestar.params import FromPath, JSONBody

from domain import errors
from entrypoints.http.auth import Access
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.paths import new_name
from entrypoints.http.structs.products import (
    DiscountRequest,
    DiscountShown,
    discount_of_request,
    discount_shown,
)
from entrypoints.http.use_cases import Given


@put(
    "/v1/discount-codes/{code:str}",
    operation_id="putDiscountCode",
    summary="Add or replace a discount code",
    tags=["Catalog"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, errors.FieldRefused),
)
async def put_discount_code(
    code: FromPath[str], data: JSONBody[DiscountRequest], use_cases: Given
) -> DiscountShown:
    """Shoppers may type it in either case."""
    discount = discount_of_request(new_name(code, "/{code}"), data)
    await use_cases.put_discount_code(discount)
    return discount_shown(discount)
