"""Where banks send shoppers back to: one address a payment, that needs no key and no cookie."""

from typing import Any

from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response import Redirect

from application.vendor_calls import ReturnAddress
from domain.errors import UnknownReturn
from domain.identifiers import OrderId, ReturnId, is_prefixed
from entrypoints.http.openapi import NOBODY, refusals
from entrypoints.http.use_cases import Given

_PATH = "/returns"


@get(
    f"{_PATH}/{{return_id:str}}",
    operation_id="returnFromBank",
    summary="Come back from the bank",
    tags=["Operations"],
    security=NOBODY,
    responses={
        303: ResponseSpec(None, generate_examples=False, description="On to the shop's own page."),
        **refusals(UnknownReturn),
    },
    status_code=303,
)
async def return_from_bank(
    return_id: FromPath[str], request: Request[Any, Any, Any], use_cases: Given
) -> Redirect:
    """Tells the shop that the shopper is back. Once; a second use only shows the way again."""
    order_id, _, secret = return_id.partition(".")
    if not is_prefixed(order_id, "ord"):
        raise UnknownReturn
    url = await use_cases.return_from_bank(OrderId(order_id), secret, dict(request.query_params.items()))
    # The provider adds the payment's secret to the address: kept from caches, and from the next page.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Redirect(url, status_code=303, headers=headers)


def return_address(public_url: str) -> ReturnAddress:
    """The address of a payment's way back, for a service that browsers reach at `public_url`."""

    def address(order_id: OrderId, return_id: ReturnId) -> str:
        return f"{public_url}{_PATH}/{order_id}.{return_id}"

    return address
