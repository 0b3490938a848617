"""`fastcart up`: the development stack, with its data kept between runs."""

import asyncio
import fcntl
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.cli.catalog import DEMO_CATALOG
from entrypoints.cli.endings import NotDone
from entrypoints.cli.product_csv import read_products
from entrypoints.cli.screens import screen
from entrypoints.container import Container
from entrypoints.embedded.server import HOST
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role
from ports.errors import Unavailable


async def _stocked_up(stack: Stack) -> bool:
    """Whether there was nothing to sell; then there is the demo catalog."""
    settings = settings_from(stack.environment)
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        if await container.queries().products(None, 1):
            return False
        with DEMO_CATALOG.open(encoding="utf-8", newline="") as lines:
            found = read_products(lines)
        await container.put_products()(found.products, found.pieces)
        return True


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
        key = stack.new_key(Role.SECRET, "fastcart up")
        first_time = asyncio.run(_stocked_up(stack))
        console.print("[bold]FastCart is up.[/bold]  Ctrl-C stops it; its data stays in .fastcart/\n")
        console.print(f"  API            {stack.api_url}/v1        (schema: {stack.api_url}/schema)")
        console.print(f"  Vendor sandbox {stack.sandbox_url}")
        console.print(f"  Logs           {stack.logs}")
        console.print(f"  A secret key   {key}\n", highlight=False)
        products = "the demo catalog was imported" if first_time else "as you left them"
        console.print(f"  Products       {products}; `fastcart catalog import` brings yours, with")
        console.print(f"  DATABASE_URL={stack.database_url}", highlight=False, soft_wrap=True)
        # A shell that starts it in the background has it ignore the first.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            console.print("\nStopping …")
