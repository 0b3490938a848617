"""Payments: tried by servers, and by clients that have no provider's form."""

from typing import Any

from litestar import Request, post
from litestar.params import FromPath, JSONBody

from application.confirm_payment import PaymentTry
from domain import errors
from domain.payment import Instrument
from entrypoints.http.answers_along import AnswerAbout
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, KEY_AND_TOKEN, REPEATS, TOKEN, MovesMoney, refusals
from entrypoints.http.paths import order_id_of
from entrypoints.http.problems import KEY_MISSING
from entrypoints.http.structs.orders import OrderShown, order_shown
from entrypoints.http.structs.placing import ConfirmRequest
from entrypoints.http.use_cases import Given


@post(
    "/v1/orders/{order_id:str}/payments/confirm",
    status_code=200,
    operation_id="confirmPayment",
    summary="Pay an order",
    tags=["Orders"],
    dto=StrictJson,
    return_dto=None,
    access=Access.TOKEN,
    moves_money=True,
    reads_first=True,
    security=KEY_AND_TOKEN,
    operation_class=MovesMoney,
    responses=refusals(*TOKEN, *BODY, *REPEATS, KEY_MISSING, errors.UnknownOrder, errors.OrderNotPayable),
)
async def confirm_payment(
    request: Request[Any, Any, Any], order_id: FromPath[str], data: JSONBody[ConfirmRequest], use_cases: Given
) -> OrderShown:
    """A decline is no error: it stands in the order's payment, and another card may be tried."""
    caller = caller_of(request)
    payment_try = PaymentTry(
        order_id=order_id_of(order_id),
        instrument=Instrument(token=data.instrument.token),
        return_url=data.return_url,
        token_hash=caller.token_hash,
    )
    answer = AnswerAbout(request.scope, 200, lambda facts: order_shown(facts, caller.role))
    facts = await use_cases.confirm_payment(payment_try)
    return answer.or_kept(lambda: order_shown(facts, caller.role))
