"""The Litestar application: routes, the way in (authentication, then idempotency), and how errors are answered."""

from typing import Final

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from entrypoints.http.auth import Callers, authentication
from entrypoints.http.idempotency import idempotency
from entrypoints.http.problems import HANDLERS
from entrypoints.http.routes import catalog, checkouts, health, orders, webhooks
from entrypoints.http.use_cases import UseCases

_MOST_BODY_BYTES: Final = 1024 * 1024
_ROUTES: Final = (
    checkouts.open_checkout,
    checkouts.read_checkout,
    checkouts.replace_checkout,
    checkouts.change_checkout,
    checkouts.delivery_options,
    checkouts.choose_delivery,
    checkouts.cancel_checkout,
    checkouts.place_order,
    orders.buy_now,
    orders.list_orders,
    orders.read_order,
    orders.explain_order,
    orders.cancel_order,
    orders.confirm_payment,
    catalog.list_products,
    catalog.read_product,
    catalog.put_product,
    catalog.list_stock,
    catalog.read_stock,
    catalog.receive_stock,
    catalog.put_discount_code,
    webhooks.stripe_webhook,
    health.live,
    health.ready,
)


def create_app(use_cases: UseCases, allowed_origins: tuple[str, ...] = ()) -> Litestar:
    """One application on the running loop; `allowed_origins` are the storefronts whose browsers may call it."""
    callers = Callers(use_cases.api_keys, use_cases.clock)
    headers = ["Authorization", "Client-Token", "Content-Type", "Idempotency-Key", "If-Match"]
    return Litestar(
        route_handlers=_ROUTES,
        dependencies={"use_cases": Provide(lambda: use_cases, sync_to_thread=False)},
        middleware=[authentication(callers), idempotency(use_cases.idempotency, use_cases.clock)],
        exception_handlers=HANDLERS,
        cors_config=CORSConfig(
            allow_origins=[*allowed_origins],
            allow_headers=headers,
            expose_headers=["ETag", "Idempotent-Replayed"],
        )
        if allowed_origins
        else None,
        openapi_config=OpenAPIConfig(
            title="FastCart",
            version="1",
            description="From a shopper's cart to a paid order. Errors are RFC 9457 problem details.",
            path="/schema",
            components=Components(
                security_schemes={
                    "key": SecurityScheme(type="http", scheme="bearer", description="An API key.")
                }
            ),
            security=[{"key": []}],
        ),
        request_max_body_size=_MOST_BODY_BYTES,
        logging_config=None,
    )
