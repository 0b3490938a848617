"""What `fastcart up` refuses before it starts anything, and what it tells once it has."""

import asyncio
import io
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.order_facts import OrderFacts
from entrypoints.cli.endings import NotDone
from entrypoints.cli.environment_file import environment_file
from entrypoints.cli.up import _alone_in, _opened, _require_free, _tell, keep_running
from entrypoints.embedded.server import HOST, free_port
from entrypoints.settings import settings_from
from entrypoints.stack import Stack, inventory_environment, operators_environment, stack_environment
from tests.builders import a_payment, an_order


def test_a_port_that_another_stack_listens_on_is_refused_with_the_remedy() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotDone, match=rf"Port {port} .* --port takes another"):
            _require_free(port, "--port")
    _require_free(port, "--port")


def test_a_second_stack_does_not_share_the_data_of_the_first(tmp_path: Path) -> None:
    with _alone_in(tmp_path), pytest.raises(NotDone, match="up already"), _alone_in(tmp_path):
        pass
    with _alone_in(tmp_path):
        pass


def test_a_database_that_is_not_there_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@{HOST}:{free_port()}/gone")
    with pytest.raises(NotDone, match="unset DATABASE_URL"):
        keep_running(tmp_path, free_port(), free_port())


def environment_of(database_url: str, folder: Path) -> dict[str, str]:
    return {
        **stack_environment(database_url, "", 8000, 8001),
        **inventory_environment(8002, folder / "certificates"),
        "FASTCART_STOCK": "service",
        "UNRELATED": "1",
    }


def told_at_start(environment: dict[str, str], folder: Path) -> str:
    stack = Stack(
        api_url="http://127.0.0.1:8000",
        sandbox_url="http://127.0.0.1:8001",
        database_url=environment["DATABASE_URL"],
        redis_url="",
        environment=environment,
        logs=folder / "logs",
        processes={},
    )
    shop = asyncio.run(_opened(environment))
    console = Console(file=io.StringIO(), width=80)
    _tell(stack, shop, folder / "environment", console)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert shop.key.secret in told
    assert f"this one is {shop.key.key.id}" in told
    assert f". {folder / 'environment'}" in told
    return told


def test_payments_of_an_earlier_run_are_said_to_be_unknown_to_vendors_that_began_anew(
    tmp_path: Path, new_database_url: Callable[[], str]
) -> None:
    environment = environment_of(url := new_database_url(), tmp_path)
    told = told_at_start(environment, tmp_path)
    assert "the demo catalog was imported" in told
    assert "Older orders" not in told
    order = an_order()

    async def buy() -> None:
        async with open_pool(url, 2) as pool, PostgresUnitOfWork(pool) as uow:
            await uow.orders.add(OrderFacts(order=order, payments=(a_payment(order),)), None)
            await uow.commit()

    asyncio.run(buy())
    told = told_at_start(environment, tmp_path)
    assert "as you left them" in told
    assert "begin anew at each start" in told
    assert "`fastcart reconcile` will say so" in told


def test_a_shell_that_reads_the_file_has_what_a_command_needs_and_nothing_else(tmp_path: Path) -> None:
    environment = environment_of("postgresql://user:it's $HOME@127.0.0.1/shop", tmp_path)
    file = tmp_path / "environment"
    file.write_text("export STALE=1\n")
    with environment_file(file, operators_environment(environment)):
        assert file.stat().st_mode & 0o777 == 0o600
        bare = {"PATH": os.environ["PATH"]}
        shell = ["sh", "-c", f". {file} && env -0"]
        said = subprocess.run(shell, env=bare, capture_output=True, text=True, timeout=30, check=True)
    had = dict(line.split("=", 1) for line in said.stdout.split("\0") if line)
    assert had["DATABASE_URL"] == environment["DATABASE_URL"]
    assert had.keys() & {"STALE", "UNRELATED"} == set()
    assert not [name for name in had if name.startswith("SANDBOX_")]
    settings_from({**had, "DATABASE_URL": "postgresql://user@127.0.0.1/shop"})
    assert had["FASTCART_STOCK"] == "service"
    assert not file.exists()
