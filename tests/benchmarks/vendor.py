"""Vendors that answer 50 ms after they were asked, whatever they have to do meanwhile, and tell how long it
really took: the sandbox in a process of its own.

`python -m tests.benchmarks.vendor PORT INVENTORY_PORT FOLDER`
"""

import asyncio
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import httpx
import uvicorn

from entrypoints.embedded.server import HOST, free_port
from entrypoints.sandbox.app import create_app
from entrypoints.sandbox.inventory.api import inventory_app
from entrypoints.sandbox.inventory.front_door import FrontDoor
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.world import World
from entrypoints.stack import carriers_at, inventory_environment

ANSWERS_AFTER_MS: Final = 50
_TOOK: Final = "/_bench/took"
_READY_WITHIN_SECONDS: Final = 30


class VendorNotReady(Exception):
    """The vendors' process did not come up."""


@dataclass(slots=True)
class Punctual:
    """ASGI in front of a vendor. `took` has the milliseconds of each answer since somebody asked for them."""

    vendor: Any
    took: list[float] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path == _TOOK:
            await self._tell(send)
        elif scope["type"] != "http" or path.startswith(("/_control", "/health")):
            await self.vendor(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        began = time.perf_counter()

        async def in_time(message: Any) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(began + ANSWERS_AFTER_MS / 1000 - time.perf_counter())
                self.took.append((time.perf_counter() - began) * 1000)
            await send(message)

        await self.vendor(scope, receive, in_time)

    async def _tell(self, send: Any) -> None:
        body = json.dumps(self.took).encode()
        self.took.clear()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def running_vendors(folder: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Their URL, and the settings with which FastCart finds them. Raises VendorNotReady."""
    port, inventory_port = free_port(), free_port()
    arguments = [str(port), str(inventory_port), str(folder)]
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.vendor", *arguments])
    url = f"http://{HOST}:{port}"
    try:
        _wait_for(f"{url}/health/live")
        yield (
            url,
            {
                **carriers_at(url),
                **inventory_environment(inventory_port, folder),
                "STRIPE_BASE_URL": f"{url}/stripe",
                "TAXJAR_BASE_URL": f"{url}/taxjar",
                "GOOGLE_MAPS_BASE_URL": f"{url}/google_maps",
            },
        )
    finally:
        process.kill()  # it has nothing to lose
        process.wait()


async def took_ms(client: httpx.AsyncClient) -> float:
    """How long all answers since the last time took."""
    told: list[float] = (await client.get(_TOOK)).raise_for_status().json()
    return sum(told)


def _wait_for(url: str) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise VendorNotReady(url)


async def _serve(port: int, inventory_port: int, folder: Path) -> None:
    world, door = World(SandboxSettings()), FrontDoor(folder)
    vendors = Punctual(create_app(world.settings, world=world))
    inventory = Punctual(inventory_app(world), took=vendors.took)
    certificate, key, trusted = door.files()
    quiet: dict[str, Any] = {"host": HOST, "log_config": None, "access_log": False}
    others = uvicorn.Config(cast(Any, vendors), port=port, **quiet)
    with_certificates = uvicorn.Config(
        cast(Any, inventory),
        port=inventory_port,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_ca_certs=trusted,
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        **quiet,
    )
    await asyncio.gather(*(uvicorn.Server(config).serve() for config in (with_certificates, others)))


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
