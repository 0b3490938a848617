"""The whole of FastCart on one machine:

PostgreSQL, Valkey, vendor sandbox, API and worker on free loopback ports.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from adapters.postgres.migrate import upgrade
from entrypoints.container import Container
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.server import HOST, free_port
from entrypoints.embedded.valkey import embedded_valkey
from entrypoints.processes import FastCartProcess
from entrypoints.resources import open_resources
from entrypoints.sandbox.inventory.front_door import CA, CLIENT_CERTIFICATE, CLIENT_KEY
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.settings import settings_from
from ports.api_keys import Role

# What the sandbox expects of a merchant unless it is told otherwise.
_SANDBOX: Final = SandboxSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Where everything is.

    `environment` is what its processes, by name, run with; `logs` is the folder of their output.
    """

    api_url: str
    sandbox_url: str
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    logs: Path
    processes: Mapping[str, FastCartProcess] = field(repr=False)

    def new_key(self, role: Role, name: str) -> str:
        """A new API key of this stack."""
        return new_key(self.environment, role, name)


def new_key(environment: Mapping[str, str], role: Role, name: str) -> str:
    """A new API key of the installation that runs with this environment."""

    async def make() -> str:
        settings = settings_from(environment)
        async with open_resources(settings) as resources:
            return (
                await Container(settings=settings, resources=resources).create_api_key()(role, name)
            ).secret

    return asyncio.run(make())


@contextmanager
def running_stack(
    *,
    data: Path | None,
    logs: Path,
    overrides: Mapping[str, str] | None = None,
    api_port: int = 0,
    sandbox_port: int = 0,
) -> Iterator[Stack]:
    """Starts everything, waits until it answers, and leaves nothing running.

    `data` None: forgotten afterwards.

    `overrides` are environment variables of the API and the worker. Raises StackNotReady.
    """
    with ExitStack() as stack:
        database = stack.enter_context(embedded_postgres(data / "postgres" if data else None))
        valkey = stack.enter_context(embedded_valkey(data / "valkey" if data else None))
        upgrade(database.url)
        processes = running_processes(
            database_url=database.url,
            redis_url=valkey.url,
            logs=logs,
            overrides=overrides,
            api_port=api_port,
            sandbox_port=sandbox_port,
        )
        yield stack.enter_context(processes)


@contextmanager
def running_processes(
    *,
    database_url: str,
    redis_url: str,
    logs: Path,
    overrides: Mapping[str, str] | None = None,
    api_port: int = 0,
    sandbox_port: int = 0,
) -> Iterator[Stack]:
    """API, worker and sandbox on servers that run already, the database migrated. Raises StackNotReady."""
    logs.mkdir(parents=True, exist_ok=True)
    api_port, sandbox_port = api_port or free_port(), sandbox_port or free_port()
    environment = {
        **os.environ,
        **stack_environment(database_url, redis_url, api_port, sandbox_port),
        **inventory_environment(free_port(), logs / "certificates"),
        **(overrides or {}),
    }
    processes = {
        "sandbox": FastCartProcess(
            "sandbox", ["--port", str(sandbox_port)], environment, logs / "sandbox.log"
        ),
        "api": FastCartProcess("api", ["--port", str(api_port)], environment, logs / "api.log"),
        "worker": FastCartProcess("worker", [], environment, logs / "worker.log"),
    }
    sandbox_url, api_url = f"http://{HOST}:{sandbox_port}", f"http://{HOST}:{api_port}"
    with ExitStack() as stack:
        sandbox = stack.enter_context(processes["sandbox"])
        api = stack.enter_context(processes["api"])
        stack.enter_context(processes["worker"])
        sandbox.wait_until_ready(f"{sandbox_url}/health/live")
        api.wait_until_ready(f"{api_url}/health/ready")
        yield Stack(
            api_url=api_url,
            sandbox_url=sandbox_url,
            database_url=database_url,
            redis_url=redis_url,
            environment=environment,
            logs=logs,
            processes=processes,
        )


def stack_environment(database_url: str, redis_url: str, api_port: int, sandbox_port: int) -> dict[str, str]:
    """What the API, the worker and the sandbox are told, so that they find each other."""
    sandbox = f"http://{HOST}:{sandbox_port}"
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "STRIPE_BASE_URL": f"{sandbox}/stripe",
        # Payments begin at Stripe until somebody turns the flag.
        "ADYEN_API_KEY": "AQE_sandbox",
        "ADYEN_MERCHANT_ACCOUNT": _SANDBOX.adyen_merchant_account,
        "ADYEN_CLIENT_KEY": "test_sandbox",
        "ADYEN_HMAC_KEYS": _SANDBOX.adyen_hmac_key,
        "ADYEN_BASE_URL": f"{sandbox}/adyen/v71",
        "SANDBOX_ADYEN_WEBHOOK_URL": f"http://{HOST}:{api_port}/v1/webhooks/adyen",
        "FASTCART_EMAIL": "sendgrid",
        "SENDGRID_API_KEY": "SG.sandbox",
        "SENDGRID_BASE_URL": f"{sandbox}/sendgrid",
        "FASTCART_MAIL_FROM": "orders@shop.example",
        **carriers_at(sandbox),
        "FASTCART_TAXES": "taxjar",
        "TAXJAR_API_KEY": "taxjar_sandbox",
        "TAXJAR_BASE_URL": f"{sandbox}/taxjar",
        # Addresses are only checked where somebody also says FASTCART_PLACES=google.
        "GOOGLE_MAPS_API_KEY": "AIza-sandbox",
        "GOOGLE_MAPS_BASE_URL": f"{sandbox}/google_maps",
        "SANDBOX_STRIPE_WEBHOOK_URL": f"http://{HOST}:{api_port}/v1/webhooks/stripe",
        "SANDBOX_STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "FASTCART_SWEEP_INTERVAL_MS": "250",
        # Made-up days are reconciled by hand.
        "FASTCART_RECONCILE_AT": "off",
        "FASTCART_PUBLIC_URL": f"http://{HOST}:{api_port}",
    }


def operators_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Of all that a stack's processes run with: what decides which shop a command works on, and how."""
    told = {*stack_environment("", "", 0, 0), *inventory_environment(0, Path())}
    return {
        name: value
        for name, value in environment.items()
        if (name in told or name.startswith("FASTCART_")) and not name.startswith("SANDBOX_")
    }


def inventory_environment(port: int, certificates: Path) -> dict[str, str]:
    """The inventory service has a port of its own, and asks for the certificate that it put into the folder.

    Only orders that are placed with FASTCART_STOCK=service have to do with it.
    """
    return {
        "INVENTORY_URL": f"https://{HOST}:{port}/api/v2",
        "INVENTORY_API_KEY": "inv_sandbox",
        "INVENTORY_CLIENT_CERTIFICATE": str(certificates / CLIENT_CERTIFICATE),
        "INVENTORY_CLIENT_KEY": str(certificates / CLIENT_KEY),
        "INVENTORY_CA": str(certificates / CA),
        "SANDBOX_INVENTORY_PORT": str(port),
        "SANDBOX_CERTIFICATES": str(certificates),
    }


def carriers_at(sandbox: str) -> dict[str, str]:
    """The carriers as the sandbox knows them; they are asked once `FASTCART_DELIVERY` is `carriers`."""
    credentials = {"CLIENT_ID": "sandbox_client", "CLIENT_SECRET": "sandbox_secret"}
    return {
        "FEDEX_ACCOUNT_NUMBER": "740561073",
        "UPS_ACCOUNT_NUMBER": "A1B2C3",
        **{f"{name}_BASE_URL": f"{sandbox}/{name.lower()}" for name in ("FEDEX", "UPS", "USPS")},
        **{f"{n}_{part}": value for n in ("FEDEX", "UPS", "USPS") for part, value in credentials.items()},
    }
