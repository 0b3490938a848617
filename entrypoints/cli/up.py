"""`fastcart up`: the development stack, with its data kept between runs."""

import asyncio
import fcntl
import shlex
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from application.keep_api_keys import CreatedApiKey
from entrypoints.cli.catalog import DEMO_CATALOG
from entrypoints.cli.endings import NotDone
from entrypoints.cli.environment_file import environment_file
from entrypoints.cli.product_csv import read_products
from entrypoints.cli.screens import screen
from entrypoints.container import Container
from entrypoints.embedded.server import HOST
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from entrypoints.stack import Stack, operators_environment, running_stack
from ports.api_keys import Role
from ports.errors import Unavailable
from ports.queries import PaymentChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shop:
    """What is in it when it opens. `key` was made for this run."""

    key: CreatedApiKey
    has_demo_catalog: bool
    has_older_payments: bool


async def _opened(environment: Mapping[str, str]) -> _Shop:
    """Where there is nothing to sell, the demo catalog is."""
    settings = settings_from(environment)
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        queries = container.queries()
        is_empty = not await queries.products(None, 1)
        if is_empty:
            with DEMO_CATALOG.open(encoding="utf-8", newline="") as lines:
                found = read_products(lines)
            await container.put_products()(found.products, found.pieces)
        return _Shop(
            key=await container.create_api_key()(Role.SECRET, "fastcart up"),
            has_demo_catalog=is_empty,
            has_older_payments=bool(await queries.payments(None, 1, PaymentChoice())),
        )


def _require_free(port: int, option: str) -> None:
    """API processes share a port, so a second stack would take half of the first one's requests."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise NotDone(f"Port {port} can't be had ({error.strerror}). {option} takes another.") from None


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two servers must not share their data; the kernel frees the lock of whoever was killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "in-use").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotDone(
                f"FastCart is up already with its data in {folder}/. Stop that one first, or start this one"
                " in another folder."
            ) from None
        yield


def keep_running(folder: Path, api_port: int, sandbox_port: int) -> None:
    """Runs until Ctrl-C or SIGTERM; says what is in the way if it can't."""
    try:
        with _alone_in(folder):
            _run(folder, api_port, sandbox_port)
    except Unavailable:
        raise NotDone(
            "DATABASE_URL names a database that can't be reached. Start it, or unset DATABASE_URL: then"
            " FastCart brings a PostgreSQL of its own."
        ) from None


def _run(folder: Path, api_port: int, sandbox_port: int) -> None:
    """Prints where everything is and a key to begin with."""
    console = screen()
    for port, option in ((api_port, "--port"), (sandbox_port, "--sandbox-port")):
        _require_free(port, option)
    with running_stack(
        data=folder,
        logs=folder / "logs",
        overrides={"FASTCART_PLACES": "google"},
        api_port=api_port,
        sandbox_port=sandbox_port,
    ) as stack:
        shop = asyncio.run(_opened(stack.environment))
        file = folder / "environment"
        with environment_file(file, operators_environment(stack.environment)):
            _tell(stack, shop, file, console)
            # A shell that starts it in the background has it ignore the first.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            try:
                signal.pause()
            except KeyboardInterrupt:
                console.print("\nStopping …")


def _tell(stack: Stack, shop: _Shop, environment: Path, console: Console) -> None:
    """What to know, a line for each, so that a terminal doesn't break what is copied."""
    products = "the demo catalog was imported" if shop.has_demo_catalog else "as you left them"
    lines = [
        f"  API            {stack.api_url}/v1        (schema: {stack.api_url}/schema)",
        f"  Vendor sandbox {stack.sandbox_url}",
        f"  Logs           {stack.logs}",
        f"  A secret key   {shop.key.secret}",
        f"                 made at each start; this one is {shop.key.key.id}, `fastcart keys list` shows all",
        f"  Products       {products}; `fastcart catalog import` brings yours",
        f"  Commands       for reconcile, cases and all others, say in their shell:  . {_shown(environment)}",
    ]
    if shop.has_older_payments:
        lines += [
            "  Older orders   the sandbox's vendors begin anew at each start and don't know the payments",
            "                 of before, and `fastcart reconcile` will say so",
        ]
    console.print("[bold]FastCart is up.[/bold]  Ctrl-C stops it; its data stays in .fastcart/\n")
    console.print("\n".join(lines), markup=False, soft_wrap=True)


def _shown(file: Path) -> str:
    """As short as it can be typed in this folder."""
    here = Path.cwd()
    return shlex.quote(str(file.relative_to(here) if file.is_relative_to(here) else file))
