"""The carriers' adapters on the sandbox, in process and without a socket, and questions to ask them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import httpx

from adapters.fedex.delivery_rates import FedExDeliveryRates
from adapters.fedex.settings import FedExSettings
from adapters.in_memory.cache import InMemoryCache
from adapters.system_clock import SystemClock
from adapters.ups.delivery_rates import UpsDeliveryRates
from adapters.ups.settings import UpsSettings
from adapters.usps.delivery_rates import UspsDeliveryRates
from adapters.usps.settings import UspsSettings
from domain.address import Address
from domain.catalog import Parcel
from domain.delivery import DeliveryQuestion
from domain.money import Money
from domain.packing import Pieces
from entrypoints.sandbox.app import create_app
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.world import World
from ports.cache import Cache
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.flags import Flag

WAREHOUSE: Final = Address(
    country="US", line1="1 Dock St", city="Memphis", region="TN", postcode="38118", name="The Shop"
)
HOME: Final = Address(
    country="US", name="Ada Marked", line1="7 Marked St", city="San Francisco", region="CA", postcode="94105"
)
ABROAD: Final = Address(country="DE", line1="Unter den Linden 1", city="Berlin", postcode="10117")
FEDEX: Final = FedExSettings(
    client_id="sandbox_client",
    client_secret="sandbox_secret",
    account_number="740561073",
    ships_from=WAREHOUSE,
)
UPS: Final = UpsSettings(
    client_id="sandbox_client", client_secret="sandbox_secret", account_number="A1B2C3", ships_from=WAREHOUSE
)
USPS: Final = UspsSettings(client_id="sandbox_client", client_secret="sandbox_secret", ships_from=WAREHOUSE)
NAMES: Final = ("fedex", "ups", "usps")
FLAGS: Final = (Flag.FEDEX, Flag.UPS, Flag.USPS)


def adapter(carrier: str, http: httpx.AsyncClient, cache: Cache, clock: Clock) -> DeliveryRates:
    match carrier:
        case "fedex":
            return FedExDeliveryRates(http, FEDEX, cache, clock)
        case "ups":
            return UpsDeliveryRates(http, UPS, cache, clock)
        case _:
            return UspsDeliveryRates(http, USPS, cache, clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The simulated vendors, and the shop's adapters at them, by name."""

    world: World
    adapters: Mapping[str, DeliveryRates]

    def calls(self, carrier: str) -> Mapping[str, int]:
        return self.world.carriers[carrier].calls


def sandbox() -> Sandbox:
    settings = SandboxSettings(seed=1)
    world, clock = World(settings), SystemClock()
    app = cast(Any, create_app(settings, world=world))  # both are ASGI, typed differently
    cache = InMemoryCache(clock)
    clients = {
        name: httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://sandbox/{name}")
        for name in NAMES
    }
    return Sandbox(world=world, adapters={name: adapter(name, clients[name], cache, clock) for name in NAMES})


def pieces(weight_grams: int) -> Pieces:
    """So much in pieces of a gram, which any number of parcels can share; nothing is one weightless piece."""
    return Pieces(piece=Parcel(weight_grams=min(1, weight_grams)), quantity=max(1, weight_grams))


def a_question(**changes: Any) -> DeliveryQuestion:
    """Two mugs to San Francisco."""
    mug = Parcel(weight_grams=350, length_mm=120, width_mm=90, height_mm=100)
    given = {
        "destination": HOME,
        "goods": (Pieces(piece=mug, quantity=2),),
        "subtotal": Money.of(2400, "USD"),
        **changes,
    }
    return DeliveryQuestion(**given)
