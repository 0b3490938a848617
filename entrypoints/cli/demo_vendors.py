"""The vendors of the demo, from behind: what the sandbox has of them, and how they are made to fail."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from entrypoints.cli.demo_storefront import PATIENCE_SECONDS, DemoFailed

# Twice what anybody waits for a carrier.
_HANGS_MS: Final = 6_000


class Vendors:
    def __init__(self, sandbox_url: str) -> None:
        self._sandbox = httpx.Client(base_url=sandbox_url, timeout=30)

    def payment_of(self, order_id: str) -> dict[str, Any]:
        """The order's payment as the provider has it."""
        payments = self._control("GET", "/_control/state")["stripe"]["payments"]
        return next(payment for payment in payments if payment["metadata"].get("order_id") == order_id)

    def confirm_at_the_bank(self, order_id: str) -> None:
        payment = self.payment_of(order_id)
        self._control("POST", f"/_control/stripe/payments/{payment['id']}/complete_authentication")

    def wait_for_webhooks(self) -> None:
        """Until the provider's have all been acknowledged. Raises DemoFailed when it takes too long."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while self._control("GET", "/_control/state")["pending_webhooks"]:
            if time.monotonic() > give_up_at:
                raise DemoFailed("the provider's webhooks are not acknowledged")
            time.sleep(0.05)

    def lose_an_answer(self, vendor: str, operation: str) -> None:
        """The next call does what it should, and nobody hears of it."""
        lost = {"vendor": vendor, "operation": operation, "kind": "lost"}
        self._control("POST", "/_control/faults", lost)

    @contextmanager
    def hanging(self, vendor: str) -> Iterator[None]:
        """Meanwhile it takes every call and does not answer."""
        with self._fault({"vendor": vendor, "kind": "delay", "delay_ms": _HANGS_MS}):
            yield

    @contextmanager
    def down(self, vendor: str) -> Iterator[None]:
        """Meanwhile it answers every call with an error of its own."""
        with self._fault({"vendor": vendor, "kind": "500"}):
            yield

    @contextmanager
    def _fault(self, fault: dict[str, Any]) -> Iterator[None]:
        added = self._control("POST", "/_control/faults", {**fault, "times": None})
        try:
            yield
        finally:
            self._control("DELETE", f"/_control/faults/{added['id']}")

    def _control(self, method: str, path: str, body: object = None) -> Any:
        response = self._sandbox.request(method, path, json=body)
        response.raise_for_status()
        return response.json() if response.content else None
