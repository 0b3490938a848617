"""Webhooks: verified on the raw body, stored, acknowledged; acted on by a worker."""

from collections.abc import Mapping
from typing import Any

from litestar import MediaType, Request, Response, post

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
    await use_cases.receive_stripe_webhook(await request.body(), _headers(request))


@post(
    "/v1/webhooks/adyen",
    status_code=200,
    media_type=MediaType.TEXT,
    operation_id="receiveAdyenWebhook",
    summary="Receive events from Adyen",
    tags=["Operations"],
    access=Access.SIGNED,
    security=NOBODY,
    responses=refusals(SignatureInvalid, BODY_TOO_LARGE),
)
async def receive_adyen_webhook(request: Request[Any, Any, Any], use_cases: Given) -> Response[str]:
    """Each event signed with the webhook's HMAC key. A repeat is acknowledged and changes nothing."""
    await use_cases.receive_adyen_webhook(await request.body(), _headers(request))
    return Response("[accepted]", media_type=MediaType.TEXT)


def _headers(request: Request[Any, Any, Any]) -> Mapping[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]
    }
