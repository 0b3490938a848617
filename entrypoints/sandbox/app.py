"""The sandbox as one ASGI application: the vendors, the control endpoints and a sign of life."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import ControllerRouterHandler

from entrypoints.sandbox import fedex, sendgrid, ups, usps
from entrypoints.sandbox.adyen import api as adyen
from entrypoints.sandbox.adyen import hosted_page as adyen_page
from entrypoints.sandbox.adyen.account import ServiceError
from entrypoints.sandbox.connection import ConnectionLost
from entrypoints.sandbox.control import adyen as adyen_control
from entrypoints.sandbox.control import (
    carriers,
    faults,
    inventory,
    mailbox,
    stripe,
    subscriptions,
    webhooks,
)
from entrypoints.sandbox.control import taxjar as taxjar_control
from entrypoints.sandbox.control import world as world_control
from entrypoints.sandbox.google_maps import api as google_maps
from entrypoints.sandbox.inventory.port import served
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.stripe.api import error_body, stripe_router
from entrypoints.sandbox.stripe.errors import StripeError
from entrypoints.sandbox.stripe.hosted_page import answer_page, show_page
from entrypoints.sandbox.taxjar import endpoints as taxjar
from entrypoints.sandbox.world import World

_VENDORS: Final[tuple[ControllerRouterHandler, ...]] = (
    sendgrid.send_mail,
    adyen.router,
    adyen_page.show_page,
    adyen_page.answer_page,
    taxjar.router,
    google_maps.router,
    fedex.router,
    ups.router,
    usps.router,
)


class Life(msgspec.Struct):
    status: str = "ok"


@get("/health/live", include_in_schema=False)
async def live() -> Life:
    return Life()


def create_app(
    settings: SandboxSettings,
    *,
    world: World | None = None,
    webhook_transport: httpx.AsyncBaseTransport | None = None,
) -> Litestar:
    """In process: give `webhook_transport` to deliver without a socket, or a `World` to reach into."""
    simulated = world or World(settings, webhook_transport)
    control = Router(
        "/_control",
        route_handlers=[
            adyen_control.router,
            *(carriers.router, faults.router, mailbox.router, stripe.router, webhooks.router),
            *(inventory.router, subscriptions.router, taxjar_control.router, world_control.router),
        ],
        exception_handlers={StripeError: _told, ServiceError: _told_of_adyen},
    )
    handlers: list[ControllerRouterHandler] = [live, stripe_router(simulated), show_page, answer_page]
    return Litestar(
        route_handlers=[*handlers, *_VENDORS, control],
        dependencies={"world": Provide(lambda: simulated, sync_to_thread=False)},
        # A shopper's browser confirms at "Stripe" from the shop's own pages, so from another origin.
        cors_config=CORSConfig(allow_origins=["*"]),
        openapi_config=OpenAPIConfig(title="FastCart vendor sandbox", version="1"),
        on_shutdown=[simulated.deliveries.close],
        lifespan=[lambda _: _inventory_served(simulated)],
        exception_handlers={ConnectionLost: _pass_on},
        signature_types=[World],
        logging_config=None,  # whoever runs the sandbox decides how it logs
    )


@asynccontextmanager
async def _inventory_served(world: World) -> AsyncIterator[None]:
    """The inventory service has a port of its own, if it was given one: no other vendor asks for a
    certificate.
    """
    if world.front_door is None or world.settings.inventory_port is None:
        yield
        return
    async with served(world, world.front_door, world.settings.inventory_port):
        yield


def _told(_: Request[Any, Any, Any], refusal: StripeError) -> Response[object]:
    """A control request that does not fit the payment's state gets the same words as the API would use."""
    return Response(error_body(refusal), status_code=refusal.status)


def _told_of_adyen(_: Request[Any, Any, Any], refusal: ServiceError) -> Response[object]:
    return Response({"errorCode": refusal.code, "message": refusal.message}, status_code=refusal.status)


def _pass_on(_: Request[Any, Any, Any], lost: ConnectionLost) -> Response[object]:
    """Without a socket the loss itself has to reach the caller, not a 500 about it."""
    raise lost
