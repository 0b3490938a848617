"""What happens at Stripe unasked: shoppers answer, banks settle, refunds arrive, disputes are decided."""

from litestar import Router, post
from litestar.params import FromPath

from entrypoints.sandbox.control.views import (
    DisputeView,
    PaymentView,
    RefundView,
    dispute_view,
    payment_view,
    refund_view,
)
from entrypoints.sandbox.dependency import TheWorld


@post("/payments/{intent_id:str}/complete_authentication", status_code=200)
async def complete_authentication(intent_id: FromPath[str], world: TheWorld) -> PaymentView:
    return payment_view(world.stripe, world.stripe.bank.complete_authentication(intent_id))


@post("/payments/{intent_id:str}/fail_authentication", status_code=200)
async def fail_authentication(intent_id: FromPath[str], world: TheWorld) -> PaymentView:
    return payment_view(world.stripe, world.stripe.bank.fail_authentication(intent_id))


@post("/payments/{intent_id:str}/settle", status_code=200)
async def settle(intent_id: FromPath[str], world: TheWorld) -> PaymentView:
    """The bank answers a delayed payment as its test method says."""
    return payment_view(world.stripe, world.stripe.bank.settle(intent_id))


@post("/payments/{intent_id:str}/fail_processing", status_code=200)
async def fail_processing(intent_id: FromPath[str], world: TheWorld) -> PaymentView:
    return payment_view(world.stripe, world.stripe.bank.fail_processing(intent_id))


@post("/payments/{intent_id:str}/expire_authorization", status_code=200)
async def expire_authorization(intent_id: FromPath[str], world: TheWorld) -> PaymentView:
    return payment_view(world.stripe, world.stripe.payments.expire_authorization(intent_id))


@post("/refunds/{refund_id:str}/settle", status_code=200)
async def settle_refund(refund_id: FromPath[str], world: TheWorld) -> RefundView:
    """A pending refund arrives; one on `pm_card_refundFail` comes back."""
    return refund_view(world.stripe.refunds.settle(refund_id))


@post("/refunds/{refund_id:str}/fail", status_code=200)
async def fail_refund(refund_id: FromPath[str], world: TheWorld) -> RefundView:
    return refund_view(world.stripe.refunds.fail(refund_id))


@post("/payments/{intent_id:str}/dispute", status_code=200)
async def open_dispute(intent_id: FromPath[str], world: TheWorld) -> DisputeView:
    """The shopper doesn't recognise the payment, and the bank takes the money."""
    return dispute_view(world.stripe.dispute(intent_id, inquiry=False))


@post("/payments/{intent_id:str}/inquire", status_code=200)
async def open_inquiry(intent_id: FromPath[str], world: TheWorld) -> DisputeView:
    """The bank asks about the payment, and takes nothing yet."""
    return dispute_view(world.stripe.dispute(intent_id, inquiry=True))


@post("/disputes/{dispute_id:str}/review", status_code=200)
async def review_dispute(dispute_id: FromPath[str], world: TheWorld) -> DisputeView:
    return dispute_view(world.stripe.disputes.review(dispute_id))


@post("/disputes/{dispute_id:str}/win", status_code=200)
async def win_dispute(dispute_id: FromPath[str], world: TheWorld) -> DisputeView:
    return dispute_view(world.stripe.disputes.close(dispute_id, won=True))


@post("/disputes/{dispute_id:str}/lose", status_code=200)
async def lose_dispute(dispute_id: FromPath[str], world: TheWorld) -> DisputeView:
    return dispute_view(world.stripe.disputes.close(dispute_id, won=False))


@post("/events/{event_id:str}/resend", status_code=202)
async def resend_event(event_id: FromPath[str], world: TheWorld) -> None:
    """Delivers an event once more, as Stripe does when it missed our answer."""
    world.stripe_webhooks(world.stripe.event(event_id))


router = Router(
    "/stripe",
    route_handlers=[
        complete_authentication,
        fail_authentication,
        settle,
        fail_processing,
        expire_authorization,
        settle_refund,
        fail_refund,
        open_dispute,
        open_inquiry,
        review_dispute,
        win_dispute,
        lose_dispute,
        resend_event,
    ],
    tags=["Stripe"],
)
