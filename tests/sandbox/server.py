"""A sandbox on a free loopback port, in a thread of its own, for tests that speak HTTP to it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import stripe
import uvicorn

from entrypoints.embedded.server import free_port
from entrypoints.sandbox.app import create_app
from entrypoints.sandbox.inventory.front_door import FrontDoor
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.world import World

_DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """`certificates` is the folder that the inventory service puts those for its client into; its
    `front_door` can make others.
    """

    url: str
    control: httpx.Client
    inventory_url: str
    certificates: Path
    front_door: FrontDoor | None

    def fault(self, operation: str, kind: str, vendor: str = "stripe", **more: object) -> None:
        rule = {"vendor": vendor, "operation": operation, "kind": kind, **more}
        self.control.post("/_control/faults", json=rule).raise_for_status()

    def do(self, path: str) -> dict[str, object]:
        """Lets something happen at Stripe: `do("payments/pi_…/settle")`."""
        answer = self.control.post(f"/_control/stripe/{path}").raise_for_status()
        told: dict[str, object] = answer.json() if answer.content else {}
        return told

    @contextmanager
    def stripe_client(self) -> Iterator[stripe.StripeClient]:
        http_client = stripe.HTTPXClient(allow_sync_methods=True, timeout=_DEADLINE_SECONDS)
        yield stripe.StripeClient(
            "sk_test_sandbox",
            base_addresses={"api": f"{self.url}/stripe"},
            stripe_version="2023-10-16",
            http_client=http_client,
            max_network_retries=0,
        )
        http_client.close()  # type: ignore[no-untyped-call]

    def post(self, path: str, form: dict[str, str], key: str | None = None) -> httpx.Response:
        """A raw request to Stripe, for what the SDK would not send or not show."""
        headers = {"Authorization": "Bearer sk_test_sandbox"} | ({"Idempotency-Key": key} if key else {})
        return self.control.post(f"/stripe/v1{path}", data=form, headers=headers)


@contextmanager
def running_sandbox() -> Iterator[RunningSandbox]:
    with socket.socket() as listener, TemporaryDirectory() as certificates:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = SandboxSettings(
            public_url=url,
            webhook_retry_ms=(20, 20, 20),
            inventory_port=(inventory_port := free_port()),
            certificates=Path(certificates),
        )
        world = World(settings)
        app = create_app(settings, world=world)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        _await_start(server)
        with httpx.Client(base_url=url, timeout=_DEADLINE_SECONDS, trust_env=False) as control:
            yield RunningSandbox(
                url=url,
                control=control,
                inventory_url=f"https://127.0.0.1:{inventory_port}/api/v2",
                certificates=Path(certificates),
                front_door=world.front_door,
            )
        server.should_exit = True
        thread.join(_DEADLINE_SECONDS)


def _await_start(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the sandbox did not start"
        time.sleep(0.005)
