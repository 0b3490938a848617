"""Real processes for tests: started one by one, killed or told to end, and a shopper who keeps them busy."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from entrypoints.embedded.server import HOST, free_port
from entrypoints.stack import new_key
from ports.api_keys import Role

ROOT: Final = Path(__file__).parents[2]
PATIENCE_SECONDS: Final = 40
ASKS_BANK: Final = "pm_card_threeDSecure2Required"
# What must appear in no log.
SHOPPER: Final = {"email": "marked0data@example.com", "name": "Marked0Data Muster"}
T = TypeVar("T")


class Service:
    """One shop's database, Valkey and sandbox, and whatever processes of FastCart a test starts on them."""

    def __init__(
        self, database_url: str, redis_url: str | None, sandbox_url: str, api_port: int, logs: Path
    ) -> None:
        self.api_port, self.logs = api_port, logs
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FASTCART_")},
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url or "",
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
            "STRIPE_BASE_URL": f"{sandbox_url}/stripe",
            "FASTCART_EMAIL": "sendgrid",
            "SENDGRID_API_KEY": "SG.sandbox",
            "SENDGRID_BASE_URL": f"{sandbox_url}/sendgrid",
            "FASTCART_MAIL_FROM": "orders@shop.example",
            "FASTCART_SWEEP_INTERVAL_MS": "200",
            "FASTCART_RECONCILE_AT": "off",
            "FASTCART_PUBLIC_URL": f"http://{HOST}:{api_port}",
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self._key = new_key(self.environment, Role.SECRET, "tests")
        self.api = httpx.Client(base_url=f"http://{HOST}:{api_port}", timeout=60, trust_env=False)
        self.api.headers["Authorization"] = f"Bearer {self._key}"
        self.sandbox = httpx.Client(base_url=sandbox_url, timeout=30, trust_env=False)

    def begin(self, command: str, **settings: str) -> subprocess.Popen[bytes]:
        """`api` or `worker`, with these settings beside the usual ones. The API answers when this returns."""
        arguments = ["--port", str(self.api_port)] if command == "api" else []
        with (self.logs / f"{command}-{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "entrypoints.cli.app", command, *arguments],
                cwd=ROOT,
                env={**self.environment, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        if command == "api":
            self.until(self._answers, lambda answers: answers)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> float:
        """SIGTERM; returns how many seconds it took to end."""
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0, self.last_words()
        return time.monotonic() - began

    def close(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.api.close()
        self.sandbox.close()

    def last_words(self) -> str:
        logs = sorted(self.logs.glob("*.log"))
        return "\n".join(f"{log.stem}: {log.read_text(errors='replace')[-3_000:]}" for log in logs)

    def logged(self) -> str:
        return "".join(log.read_text() for log in sorted(self.logs.glob("*.log")))

    # what happens in the shop

    def stock_up(self, pieces: int = 1_000) -> str:
        sku = f"TEA-{uuid.uuid4().hex[:10]}"
        product = {"title": "Tea", "tax_code": "general", "prices": [{"minor": 1200, "currency": "EUR"}]}
        self.ask("PUT", f"/v1/products/{sku}", product)
        self.ask("POST", f"/v1/stock/{sku}/receipts", {"quantity": pieces})
        return sku

    def buy(self, sku: str, card: str = ASKS_BANK, **more: Any) -> Any:
        purchase = {
            "currency": "EUR",
            "lines": [{"sku": sku, "quantity": 1}],
            "shipping_address": {"country": "DE", "line1": "Weg 1", "city": "Berlin", "postcode": "10117"},
            "delivery_option_id": "standard",
            "accepted_total": {"minor": 2023, "currency": "EUR"},
            "payment": {"instrument": {"token": card}},
            **SHOPPER,
            **more,
        }
        return self.ask("POST", "/v1/orders", purchase)["order"]

    def confirm_at_bank(self, order: Any) -> None:
        (payment,) = self.payments_of(order)
        self.control("POST", f"/_control/stripe/payments/{payment['id']}/complete_authentication")

    def status_of(self, order: Any) -> str:
        status: str = self.ask("GET", f"/v1/orders/{order['id']}")["status"]
        return status

    def wait_until_paid(self, *orders: Any) -> None:
        for order in orders:
            status = self.until(lambda order=order: self.status_of(order), lambda seen: seen == "paid")  # type: ignore[misc]
            assert status == "paid", f"{order['id']} is {status}\n{self.last_words()}"

    def payments_of(self, order: Any) -> list[Any]:
        payments = self.control("GET", "/_control/state")["stripe"]["payments"]
        return [payment for payment in payments if payment["metadata"].get("order_id") == order["id"]]

    def confirmations_of(self, order: Any) -> int:
        letters = self.control("GET", "/_control/mailbox")
        return sum(order["id"] in letter["subject"] for letter in letters)

    def wait_for_confirmation(self, *orders: Any) -> None:
        for order in orders:
            sent = self.until(lambda order=order: self.confirmations_of(order), lambda count: count >= 1)  # type: ignore[misc]
            assert sent == 1, f"{sent} confirmations\n{self.last_words()}"

    def fault(self, operation: str, **fault: Any) -> None:
        self.control("POST", "/_control/faults", {"vendor": "stripe", "operation": operation, **fault})

    def faults_fired(self) -> int:
        return sum(fault["fired"] for fault in self.control("GET", "/_control/faults"))

    def ask(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        answer = self.api.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}\n{self.last_words()}"
        return answer.json() if answer.content else None

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = self.sandbox.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def until(
        self, read: Callable[[], T], holds: Callable[[T], bool], seconds: float = PATIENCE_SECONDS
    ) -> T:
        """Reads until it holds, or the time is over; what was read last."""
        give_up_at = time.monotonic() + seconds
        while not holds(seen := read()) and time.monotonic() < give_up_at:
            time.sleep(0.02)
        return seen

    def _answers(self) -> bool:
        assert self._processes[-1].poll() is None, self.last_words()
        try:
            return self.api.get("/health/ready", timeout=2).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running_sandbox(logs: Path, api_port: int) -> Iterator[str]:
    """The vendors, in a process of their own; webhooks go to the API's port."""
    port = free_port()
    environment: Mapping[str, str] = {
        **os.environ,
        "SANDBOX_STRIPE_WEBHOOK_URL": f"http://{HOST}:{api_port}/v1/webhooks/stripe",
        "SANDBOX_STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "SANDBOX_WEBHOOK_RETRY_MS": "100,200,400,800,1600,3200",
    }
    with (logs / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.sandbox.process", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://{HOST}:{port}"
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not _is_up(url):
            assert time.monotonic() < give_up_at, "the sandbox did not start"
            time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", timeout=2, trust_env=False).is_success
    except httpx.TransportError:
        return False
