"""What happens at the edges: a killed parent, a checkout below a closed home, a folder left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.embedded import folders
from tests.embedded.processes import all_end

ROOT = Path(__file__).parents[2]
STARTS_BOTH_AND_WAITS = """
import time
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.valkey import embedded_valkey
with embedded_postgres(None, durable=False) as database, embedded_valkey(None) as cache:
    print(database.pid, cache.pid, flush=True)
    time.sleep(120)
"""


def test_servers_die_with_a_parent_that_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_BOTH_AND_WAITS], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        servers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(servers) == 2
        parent.kill()

    assert all_end(servers)


def test_the_folder_of_a_killed_run_is_removed_by_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_temporary_root", lambda: folder)
    abandoned = folder / "fastcart-embedded-abandoned"
    abandoned.mkdir()
    (abandoned / "in-use").touch()

    with folders.scratch_folder() as in_use, folders.scratch_folder():
        assert not abandoned.exists()
        assert in_use.exists()


def test_data_goes_elsewhere_when_the_servers_user_cannot_enter_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "reachable", lambda _path: False)
    monkeypatch.setattr(folders, "_ELSEWHERE", tmp_path / "elsewhere")
    with folders.kept_folder(tmp_path / "wanted") as first:
        (first / "kept").touch()
    assert first.is_relative_to(tmp_path / "elsewhere")
    assert str(first) in (tmp_path / "wanted" / "WHERE_THE_DATA_IS").read_text()

    with folders.kept_folder(tmp_path / "wanted") as second:
        assert (second / "kept").exists()


def test_deleting_the_wanted_folder_starts_afresh_wherever_its_data_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "reachable", lambda _path: False)
    monkeypatch.setattr(folders, "_ELSEWHERE", tmp_path / "elsewhere")
    with folders.kept_folder(tmp_path / "wanted") as first:
        (first / "kept").touch()
    (tmp_path / "wanted" / "WHERE_THE_DATA_IS").unlink()

    with folders.kept_folder(tmp_path / "wanted") as second:
        assert not (second / "kept").exists()


def test_a_folder_below_a_closed_home_is_reachable_only_without_a_change_of_user(tmp_path: Path) -> None:
    (tmp_path / "home" / "checkout").mkdir(parents=True)
    (tmp_path / "home").chmod(0o700)
    assert folders.reachable(tmp_path / "home" / "checkout") is (os.geteuid() != 0)
