"""What happens at Adyen unasked: shoppers answer, modifications are carried out, banks dispute; and what it
has told.
"""

from typing import Annotated, Final

import msgspec
from litestar import Router, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from entrypoints.sandbox.adyen.account import ServiceError
from entrypoints.sandbox.adyen.models import Amount, NewPayment, Operation, Payment
from entrypoints.sandbox.dependency import TheWorld

_EVENTS: Final = frozenset(
    {
        *("REQUEST_FOR_INFORMATION", "NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK", "CHARGEBACK_REVERSED"),
        *("SECOND_CHARGEBACK", "PREARBITRATION_WON", "PREARBITRATION_LOST"),
        *("ISSUER_RESPONSE_TIMEFRAME_EXPIRED", "DISPUTE_DEFENSE_PERIOD_ENDED"),
    }
)


class AdyenPayment(msgspec.Struct):
    """`payment_id` is the merchant's own, if it said one."""

    psp_reference: str
    merchant_reference: str
    payment_id: str | None
    currency: str
    result_code: str
    authorised: int
    captured: int
    refunded: int
    disputed: int
    is_cancelled: bool
    redirect_result: str | None


class Modifications(msgspec.Struct, forbid_unknown_fields=True):
    """`hold`: they wait until `carry_out`. Those that it `refuses` come to nothing."""

    hold: bool = False
    refuses: list[Operation] = []


class Carried(msgspec.Struct):
    modifications: int


class ByHand(msgspec.Struct, forbid_unknown_fields=True):
    value: Annotated[int, Meta(ge=1)]
    currency: str = "EUR"


class Refunded(msgspec.Struct):
    psp_reference: str


@get("/payments")
async def list_payments(world: TheWorld) -> list[AdyenPayment]:
    return [_view(payment) for payment in world.adyen.payments.values()]


@post("/payments/{psp_reference:str}/approve", status_code=200)
async def approve(psp_reference: FromPath[str], world: TheWorld) -> AdyenPayment:
    return _view(world.adyen.bank_answers(psp_reference, approves=True))


@post("/payments/{psp_reference:str}/refuse", status_code=200)
async def refuse(psp_reference: FromPath[str], world: TheWorld) -> AdyenPayment:
    return _view(world.adyen.bank_answers(psp_reference, approves=False))


@post("/payments/{psp_reference:str}/authorise_again", status_code=200)
async def authorise_again(psp_reference: FromPath[str], world: TheWorld) -> AdyenPayment:
    """The other try."""
    return _view(world.adyen.authorise_again(psp_reference))


@post("/payments/{psp_reference:str}/settle", status_code=200)
async def settle(psp_reference: FromPath[str], world: TheWorld) -> AdyenPayment:
    """A payment that was received has arrived."""
    return _view(world.adyen.settle(psp_reference, arrives=True))


@post("/payments/{psp_reference:str}/bounce", status_code=200)
async def bounce(psp_reference: FromPath[str], world: TheWorld) -> AdyenPayment:
    return _view(world.adyen.settle(psp_reference, arrives=False))


@post("/payments/{psp_reference:str}/fail_capture", status_code=204)
async def fail_capture(psp_reference: FromPath[str], world: TheWorld) -> None:
    world.adyen.fail_capture(psp_reference)


@post("/payments/{psp_reference:str}/refund", status_code=200)
async def refund_by_hand(psp_reference: FromPath[str], data: JSONBody[ByHand], world: TheWorld) -> Refunded:
    return Refunded(psp_reference=world.adyen.refund_by_hand(psp_reference, data.value))


@post("/payments/{psp_reference:str}/disputes/{event_code:str}", status_code=204)
async def dispute(psp_reference: FromPath[str], event_code: FromPath[str], world: TheWorld) -> None:
    """The bank's next step, by the name of its webhook."""
    if event_code not in _EVENTS:
        raise ServiceError(422, "sandbox", f"One of {', '.join(sorted(_EVENTS))}.")
    world.adyen.dispute(psp_reference, event_code)


@post("/refunds/{psp_reference:str}/send_back", status_code=204)
async def send_refund_back(psp_reference: FromPath[str], world: TheWorld) -> None:
    world.adyen.send_refund_back(psp_reference)


@post("/charges", status_code=204)
async def charge_for_another(data: JSONBody[ByHand], world: TheWorld) -> None:
    """Another shop on the same account takes money."""
    asked = NewPayment(
        amount=Amount(data.currency, data.value),
        merchant_account=world.settings.adyen_merchant_account,
        payment_method={"type": "scheme"},
        reference="somebody else's",
        return_url="https://another.example",
    )
    world.adyen.pay(asked)


@put("/modifications")
async def set_modifications(data: JSONBody[Modifications], world: TheWorld) -> Modifications:
    world.adyen.holds_modifications = data.hold
    world.adyen.refuses = set(data.refuses)
    return data


@post("/modifications/carry_out", status_code=200)
async def carry_out(world: TheWorld) -> Carried:
    return Carried(modifications=world.adyen.carry_out())


@get("/notifications")
async def list_notifications(world: TheWorld) -> list[str]:
    """The body of every webhook since the last reset, in their order, sent anywhere or not."""
    return world.adyen_webhooks.bodies


def _view(payment: Payment) -> AdyenPayment:
    return AdyenPayment(
        psp_reference=payment.psp_reference,
        merchant_reference=payment.asked.reference,
        payment_id=payment.asked.metadata.get("payment_id"),
        currency=payment.asked.amount.currency,
        result_code=payment.result.code,
        authorised=payment.authorised,
        captured=payment.captured,
        refunded=payment.refunded,
        disputed=payment.disputed,
        is_cancelled=payment.is_cancelled,
        redirect_result=payment.redirect_result,
    )


router = Router(
    "/adyen",
    route_handlers=[
        *(
            list_payments,
            approve,
            refuse,
            authorise_again,
            settle,
            bounce,
            fail_capture,
            refund_by_hand,
            dispute,
        ),
        *(send_refund_back, charge_for_another, set_modifications, carry_out, list_notifications),
    ],
    tags=["Adyen"],
)
