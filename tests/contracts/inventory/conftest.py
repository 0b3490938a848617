"""The inventory services under contract, each with somebody who minds the shelves."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.inventory import InMemoryInventory
from adapters.inventory_service.inventory_service import HttpInventoryService
from adapters.inventory_service.mutual_tls import MutualTlsTransport
from adapters.inventory_service.settings import CertificateFiles, InventorySettings
from adapters.resilience.policies import INVENTORY
from adapters.system_clock import SystemClock
from domain.identifiers import OrderId, Sku
from entrypoints.sandbox.inventory.front_door import CA, CLIENT_CERTIFICATE, CLIENT_KEY
from ports.inventory import InventoryService
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

API_KEY = "inv_sandbox"


class Shelves(Protocol):
    """What only the warehouse can do, or see."""

    def receive(self, sku: Sku, pieces: int) -> None: ...

    def count(self, sku: Sku) -> tuple[int, int, int]:
        """Held, sold and free."""

    def forget(self, order_id: OrderId) -> None: ...

    def let_pass(self, time: timedelta) -> None: ...

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    service: InventoryService
    shelves: Shelves


class FakeShelves:
    def __init__(self, fake: InMemoryInventory, clock: ManualClock) -> None:
        self._fake = fake
        self._clock = clock

    def receive(self, sku: Sku, pieces: int) -> None:
        self._fake.receive(sku, pieces)

    def count(self, sku: Sku) -> tuple[int, int, int]:
        return self._fake.held(sku), self._fake.sold(sku), self._fake.free(sku)

    def forget(self, order_id: OrderId) -> None:
        self._fake.forget(order_id)

    def let_pass(self, time: timedelta) -> None:
        self._clock.advance(time)

    def now(self) -> datetime:
        return self._clock.now()


class SandboxShelves:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self._control = sandbox.control
        self._passed = timedelta()

    def receive(self, sku: Sku, pieces: int) -> None:
        self._post(f"inventory/products/{sku}/receive", {"pieces": pieces})

    def count(self, sku: Sku) -> tuple[int, int, int]:
        (shelf,) = [shelf for shelf in self._read()["shelves"] if shelf["sku"] == sku]
        return shelf["reserved"], shelf["sold"], shelf["available"]

    def forget(self, order_id: OrderId) -> None:
        for known in self._read()["reservations"]:
            if known["order_id"] == order_id:
                self._post(f"inventory/reservations/{known['reservation_id']}/forget")

    def let_pass(self, time: timedelta) -> None:
        """Only the service's clock goes on: ours learns from its answers how long a hold lasts."""
        self._post("clock/advance", {"seconds": int(time.total_seconds())})

    def now(self) -> datetime:
        return SystemClock().now()

    def _read(self) -> dict[str, Any]:
        state: dict[str, Any] = self._control.get("/_control/inventory").raise_for_status().json()
        return state

    def _post(self, path: str, body: object = None) -> None:
        self._control.post(f"/_control/{path}", json=body).raise_for_status()


def client_files(folder: Path) -> CertificateFiles:
    return CertificateFiles(certificate=folder / CLIENT_CERTIFICATE, key=folder / CLIENT_KEY, ca=folder / CA)


MakeService = Callable[[CertificateFiles, str], HttpInventoryService]


@pytest.fixture
async def make_service(vendors: RunningSandbox) -> AsyncIterator[MakeService]:
    """A service that is called with these certificates and this key."""
    clients: list[httpx.AsyncClient] = []

    def make(files: CertificateFiles, api_key: str) -> HttpInventoryService:
        http = client_under(INVENTORY, transport=MutualTlsTransport(files, at_once=INVENTORY.at_once))
        clients.append(http)
        clock = SystemClock()
        settings = InventorySettings(base_url=vendors.inventory_url, api_key=api_key)
        return HttpInventoryService(http, settings, InMemoryCache(clock), clock)

    yield make
    for http in clients:
        await http.aclose()


@pytest.fixture
def over_mutual_tls(make_service: MakeService, vendors: RunningSandbox) -> HttpInventoryService:
    return make_service(client_files(vendors.certificates), API_KEY)


@pytest.fixture(params=["fake", "service"])
def inventory(
    request: pytest.FixtureRequest, over_mutual_tls: HttpInventoryService, vendors: RunningSandbox
) -> Iterator[Inventory]:
    if request.param == "service":
        yield Inventory(service=over_mutual_tls, shelves=SandboxShelves(vendors))
        return
    clock = ManualClock()
    fake = InMemoryInventory(clock)
    yield Inventory(service=fake, shelves=FakeShelves(fake, clock))
