"""Addresses, checked without a checkout."""

from litestar import post
from litestar.params import JSONBody

from entrypoints.http.auth import Access
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.structs.addresses import (
    AddressCheckAnswer,
    AddressCheckRequest,
    address_check_answer,
)
from entrypoints.http.structs.values import address_of
from entrypoints.http.use_cases import Given


@post(
    "/v1/address-checks",
    status_code=200,
    operation_id="checkAddress",
    summary="Check an address",
    tags=["Checkouts"],
    dto=StrictJson,
    return_dto=None,
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS),
)
async def check_address(data: JSONBody[AddressCheckRequest], use_cases: Given) -> AddressCheckAnswer:
    """Nothing is kept. When nobody can be asked the verdict is `unverified`, and that is no error.

    A checkout's address is checked by itself when it is set.
    """
    address = address_of(data.address)
    return address_check_answer(await use_cases.check_address(address), address)
