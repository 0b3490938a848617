"""The file of flags, read again when it changed."""

from pathlib import Path
from stat import S_ISREG
from typing import Final

from adapters.flags.definitions import NOTHING_AMISS, Definitions, NotSetUp, from_toml, unreadable

_MOST_BYTES: Final = 1_000_000
_NEVER_LOOKED: Final = ()


class FlagFile:
    """Waits for the disk: ask it off the event loop."""

    def __init__(self, path: Path, not_set_up: NotSetUp = NOTHING_AMISS) -> None:
        self._path = path
        self._not_set_up = not_set_up
        self._seen: tuple[int, ...] | None = _NEVER_LOOKED

    def read_if_changed(self) -> Definitions | None:
        """What it says now; None when that is what it said last time. A file that is not there, or no text,
        is read as one in which no flag can be read.
        """
        seen = self._signature()
        if seen == self._seen:
            return None
        self._seen = seen
        if seen is None:
            return unreadable("the file is not there")
        try:
            with self._path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except OSError:
            return unreadable("the file can't be read")
        if len(content) > _MOST_BYTES:
            return unreadable("the file is too long")
        try:
            return from_toml(content.decode(), self._not_set_up)
        except UnicodeDecodeError:
            return unreadable("the file is no UTF-8 text")

    def _signature(self) -> tuple[int, ...] | None:
        """Changes with the file: also when it is replaced by another of the same length. None where there is
        no file: a pipe, say, would be waited for.
        """
        try:
            status = self._path.stat()
        except (OSError, ValueError):
            return None
        if not S_ISREG(status.st_mode):
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
