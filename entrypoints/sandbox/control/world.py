"""The sandbox as a whole over HTTP: what the providers hold, what time it is, and a fresh start."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import JSONBody
from msgspec import Meta

from entrypoints.sandbox.control.views import (
    DisputeView,
    PaymentView,
    RefundView,
    dispute_view,
    payment_view,
    refund_view,
)
from entrypoints.sandbox.dependency import TheWorld


class StripeState(msgspec.Struct):
    payments: list[PaymentView]
    refunds: list[RefundView]
    disputes: list[DisputeView]


class State(msgspec.Struct):
    stripe: StripeState
    letters: int
    pending_webhooks: int


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    seconds: Annotated[int, Meta(ge=0)]


class Time(msgspec.Struct):
    now: datetime


@get("/state")
async def read_state(world: TheWorld) -> State:
    account = world.stripe
    stripe = StripeState(
        payments=[payment_view(account, intent) for intent in account.records.intents.values()],
        refunds=[refund_view(refund) for refund in account.records.refunds.values()],
        disputes=[dispute_view(dispute) for dispute in account.records.disputes.values()],
    )
    return State(
        stripe=stripe, letters=len(world.mailbox.letters()), pending_webhooks=world.deliveries.pending
    )


@post("/reset", status_code=204)
async def reset(world: TheWorld) -> None:
    world.reset()


@post("/clock/advance", status_code=200)
async def advance_clock(data: JSONBody[Advance], world: TheWorld) -> Time:
    """What comes due by then at Stripe happens at once."""
    world.clock.advance(timedelta(seconds=data.seconds))
    world.stripe.subscriptions.pass_time()
    return Time(now=world.clock.now())


router = Router("/", route_handlers=[read_state, reset, advance_clock], tags=["World"])
