"""Where servers keep their files: where their unprivileged user can go, and nobody has to clean up."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from entrypoints.embedded.processes import service_user

_PREFIX: Final = "fastcart-embedded-"
_LOCK: Final = "in-use"
_ELSEWHERE: Final = Path("/var/lib/fastcart")
_NOTE: Final = "WHERE_THE_DATA_IS"


def reachable(path: Path) -> bool:
    """Whether the service user can enter every folder above the path. It can't below a home of mode 0700."""
    if service_user() is None:
        return True
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder, removed at the end. What a SIGKILLed run left behind, the next run removes."""
    _remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_temporary_root()))
    with (folder / _LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.chmod(0o711)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept_folder(wanted: Path) -> Iterator[Path]:
    """The wanted folder, made when missing; one below /var/lib if the service user couldn't enter it."""
    wanted.mkdir(parents=True, exist_ok=True)
    if reachable(wanted / "anything"):
        yield wanted
        return
    place = _ELSEWHERE / hashlib.sha256(os.fsencode(wanted.resolve())).hexdigest()[:16]
    note = wanted / _NOTE
    if not note.exists():  # somebody deleted the wanted folder to start afresh
        shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    note.write_text(f"{place}\nThe server runs as an unprivileged user who can't enter this folder.\n")
    yield place


def _temporary_root() -> Path:
    candidates = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - mkdtemp makes the name
    return next(folder for folder in candidates if folder.is_dir() and reachable(folder / "anything"))


def _remove_abandoned() -> None:
    """Removes folders whose owner is gone: the kernel frees a dead process's lock, in any container."""
    for folder in _temporary_root().glob(f"{_PREFIX}*"):
        try:
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue  # in use, somebody else's, or not locked yet
