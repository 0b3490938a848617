"""The five packages with general names are really ours, and the import contracts really refuse."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT

PLANTED = (
    ("domain/planted.py", "import ports.clock", "Dependencies point inwards"),
    ("ports/planted.py", "import application", "Dependencies point inwards"),
    ("application/planted.py", "import adapters", "Dependencies point inwards"),
    ("adapters/planted/client.py", "import adapters.dramatiq.broker", "Vendor folders know nothing"),
    ("adapters/planted/client.py", "import entrypoints.container", "Only entrypoints know the container"),
)


def resolves_here(package: str) -> bool:
    spec = importlib.util.find_spec(package)
    return spec is not None and spec.origin == str(ROOT / package / "__init__.py")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_root_package_resolves_to_this_project(package: str) -> None:
    assert resolves_here(package)


def test_somebody_elses_package_does_not_pass_for_ours() -> None:
    assert not resolves_here("json")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the five packages, to plant in."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("path", "text", "contract"), PLANTED)
def test_an_import_contract_refuses_what_is_planted(house: Path, path: str, text: str, contract: str) -> None:
    planted = house / path
    planted.parent.mkdir(exist_ok=True)
    (planted.parent / "__init__.py").touch()
    planted.write_text(text)

    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", "pyproject.toml"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1
    broken = [line for line in answer.stdout.splitlines() if " BROKEN" in line]
    assert [line for line in broken if line.startswith(contract)], answer.stdout + answer.stderr
