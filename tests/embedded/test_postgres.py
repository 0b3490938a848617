"""PostgreSQL without installing it: a real server that keeps what it promised and goes away when told."""

import asyncio
import os
from pathlib import Path

import asyncpg
import psutil
import pytest

from entrypoints.embedded import binaries
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.server import ServerNotOurs
from tests.embedded.processes import all_end, family


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_started_server_answers_queries_in_utf_8_and_utc() -> None:
    with embedded_postgres(None, durable=False) as server:
        assert await ask(server.url, "SELECT current_database() || current_setting('server_encoding')") == (
            "fastcartUTF8"
        )
        assert await ask(server.url, "SHOW timezone") == "UTC"
        assert await ask(server.url, "SELECT 'Z' < 'a' AND upper('é') = 'É'") is True


async def test_a_server_is_durable_unless_told_otherwise() -> None:
    with embedded_postgres(None) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await ask(server.url, f"SHOW {setting}") == "on"


async def test_a_wrong_password_is_refused() -> None:
    with embedded_postgres(None, durable=False) as server:
        address = server.url.rpartition("@")[2]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://fastcart:guess@{address}")


def test_stopping_leaves_no_process_and_no_file() -> None:
    with embedded_postgres(None, durable=False) as server:
        processes = family(server.pid)
        home = Path(psutil.Process(server.pid).cwd())
        asyncio.run(ask(server.url, "SELECT 1"))

    assert all_end(processes)
    assert not home.exists()


async def test_a_restart_keeps_the_data_and_the_url() -> None:
    with embedded_postgres(None, durable=False) as server:
        url = server.url
        await ask(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        server.restart()
        assert server.url == url
        assert await ask(url, "SELECT seven FROM kept") == 7


async def test_a_killed_server_recovers_what_was_committed() -> None:
    with embedded_postgres(None, durable=False) as server:
        await ask(server.url, "CREATE TABLE kept AS SELECT 7 AS seven")
        processes = family(server.pid)
        server.kill()
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await ask(server.url, "SELECT 1")
        server.start()
        assert await ask(server.url, "SELECT seven FROM kept") == 7
        assert all_end(processes)


async def test_a_restart_from_a_short_lived_thread_outlives_that_thread() -> None:
    # Linux kills the children of a *thread* that ends; the server must not be one of its children.
    with embedded_postgres(None, durable=False) as server:
        await asyncio.to_thread(server.restart)
        await asyncio.get_running_loop().shutdown_default_executor()
        assert await ask(server.url, "SELECT 1") == 1


async def test_a_kept_folder_keeps_data_and_url_from_one_run_to_the_next(folder: Path) -> None:
    with embedded_postgres(folder / "kept", durable=False) as server:
        first_url = server.url
        await ask(first_url, "CREATE TABLE kept AS SELECT 7 AS seven")
    with embedded_postgres(folder / "kept", durable=False) as server:
        assert server.url == first_url
        assert await ask(server.url, "SELECT seven FROM kept") == 7


async def test_a_first_start_that_broke_off_is_begun_again(folder: Path) -> None:
    (folder / "kept" / "data").mkdir(parents=True)
    (folder / "kept" / "data" / "PG_VERSION").write_text("half a cluster")
    with embedded_postgres(folder / "kept", durable=False) as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_programs_that_the_servers_user_cannot_reach_are_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "reachable", lambda _path: False)
    with embedded_postgres(None, durable=False) as server:
        assert "fastcart-embedded-" in psutil.Process(server.pid).exe()
        assert await ask(server.url, "SELECT 1") == 1


def test_the_server_never_runs_as_root() -> None:
    with embedded_postgres(None, durable=False) as server:
        assert psutil.Process(server.pid).uids().real != 0


def test_the_terminals_ctrl_c_does_not_reach_the_server() -> None:
    with embedded_postgres(None, durable=False) as server:
        assert os.getsid(server.pid) != os.getsid(0)


def test_a_server_that_the_environment_names_is_used_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop@db.example/shop")
    with embedded_postgres(None) as server:
        assert server.url == "postgresql://shop@db.example/shop"
        with pytest.raises(ServerNotOurs):
            server.kill()
