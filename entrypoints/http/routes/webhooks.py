"""Webhooks: verified on the raw body, stored, acknowledged; acted on by a worker."""

from typing import Any

from litestar import Request, post

from entrypoints.http.auth import Access
from entrypoints.http.openapi import NOBODY, refusals
from entrypoints.http.problems import BODY_TOO_LARGE
from entrypoints.http.use_cases import Given
from ports.errors import SignatureInvalid


@post(
    "/v1/webhooks/stripe",
    status_code=204,
    operation_id="receiveStripeWebhook",
    summary="Receive an event from Stripe",
    tags=["Operations"],
    access=Access.SIGNED,
    security=NOBODY,
    responses=refusals(SignatureInvalid, BODY_TOO_LARGE),
)
async def receive_stripe_webhook(request: Request[Any, Any, Any], use_cases: Given) -> None:
    """Signed with the endpoint's secret. A repeat is acknowledged and changes nothing."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]
    }
    await use_cases.receive_webhook(await request.body(), headers)
