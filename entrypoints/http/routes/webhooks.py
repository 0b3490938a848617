"""Webhooks: verified on the raw body, stored, acknowledged; acted on by a worker."""

from typing import Any

from litestar import Request, post

from entrypoints.http.use_cases import UseCases


@post("/v1/webhooks/stripe", status_code=204, operation_id="receiveStripeWebhook", summary="Stripe's events")
async def stripe_webhook(request: Request[Any, Any, Any], use_cases: UseCases) -> None:
    """Signed by Stripe with the endpoint's secret; a repeat is acknowledged and changes nothing."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    await use_cases.receive_webhook(await request.body(), headers)
