"""Valkey without installing it: a real server behind a password that goes away when told."""

from pathlib import Path

import psutil
import pytest
import redis
import redis.asyncio

from entrypoints.embedded import binaries
from entrypoints.embedded.server import ServerNotOurs
from entrypoints.embedded.valkey import embedded_valkey
from tests.embedded.processes import all_end, family


async def test_a_started_server_keeps_what_it_is_given() -> None:
    with embedded_valkey(None) as server:
        async with redis.asyncio.Redis.from_url(server.url) as client:
            await client.set("seven", 7)
            assert await client.get("seven") == b"7"


async def test_without_the_password_it_says_nothing() -> None:
    with embedded_valkey(None) as server:
        async with redis.asyncio.Redis.from_url(f"redis://{server.url.rpartition('@')[2]}") as client:
            with pytest.raises(redis.AuthenticationError):
                await client.get("seven")


async def test_the_password_is_on_no_command_line() -> None:
    with embedded_valkey(None) as server:
        password = server.url.removeprefix("redis://:").partition("@")[0]
        assert password not in " ".join(psutil.Process(server.pid).cmdline())


def test_stopping_leaves_no_process_and_no_file() -> None:
    with embedded_valkey(None) as server:
        processes = family(server.pid)
        home = Path(psutil.Process(server.pid).cwd()).parent

    assert all_end(processes)
    assert not home.exists()


async def test_a_killed_server_comes_back_empty_at_the_same_url() -> None:
    with embedded_valkey(None) as server:
        async with redis.asyncio.Redis.from_url(server.url) as client:
            await client.set("seven", 7)
        server.kill()
        server.start()
        async with redis.asyncio.Redis.from_url(server.url) as client:
            assert await client.get("seven") is None


async def test_a_kept_folder_keeps_data_from_one_run_to_the_next(folder: Path) -> None:
    with embedded_valkey(folder / "kept") as server:
        async with redis.asyncio.Redis.from_url(server.url) as client:
            await client.set("seven", 7)
    with embedded_valkey(folder / "kept") as server:
        async with redis.asyncio.Redis.from_url(server.url) as client:
            assert await client.get("seven") == b"7"


def test_a_program_that_the_servers_user_cannot_reach_is_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "reachable", lambda _path: False)
    with embedded_valkey(None) as server:
        assert "fastcart-embedded-" in psutil.Process(server.pid).exe()


def test_the_server_never_runs_as_root() -> None:
    with embedded_valkey(None) as server:
        assert psutil.Process(server.pid).uids().real != 0


def test_a_server_that_the_environment_names_is_used_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://cache.example/3")
    with embedded_valkey(None) as server:
        assert server.url == "redis://cache.example/3"
        with pytest.raises(ServerNotOurs):
            server.restart()
