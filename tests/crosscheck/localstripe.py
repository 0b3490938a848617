"""The third-party fake: its server in an environment of its own, on loopback, and the cards that it knows."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

PYTHON: Final = Path(".crosscheck/bin/python")
# Where the cases find it, and the name under which they note what it turned away.
URL: Final = "FASTCART_LOCALSTRIPE_URL"
REFUSED: Final = "refused"
SECRET_KEY: Final = "sk_test_crosscheck"
HEADERS: Final = {"Authorization": f"Bearer {SECRET_KEY}"}
# Its own command listens on every address of the machine and leaves what it holds in /tmp.
_SERVE: Final = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.store.dump_to_disk = lambda: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
# It knows numbers, and none of the names that Stripe has published for them; one of them it declines.
_NUMBERS: Final[Mapping[str, str]] = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_chargeDeclined": "4000000000000341",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000000341",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}
_STARTS_WITHIN_SECONDS: Final = 20.0


class NotInstalled(Exception):
    """There is no environment with the fake in it."""


@contextmanager
def running_localstripe() -> Iterator[str]:
    """Its URL. Raises NotInstalled."""
    if not PYTHON.exists():
        raise NotInstalled
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(PYTHON), "-c", _SERVE, str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()


def methods_at(url: str) -> dict[str, str]:
    """Its own id of a new payment method for each of our test cards."""
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        return {token: _made(client, number) for token, number in _NUMBERS.items()}


def _made(client: httpx.Client, number: str) -> str:
    card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
    form = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}
    return str(client.post("/v1/payment_methods", data=form).raise_for_status().json()["id"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    ends_at = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < ends_at and server.poll() is None:
        try:
            httpx.get(f"{url}/v1/customers", headers=HEADERS)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise NotInstalled
