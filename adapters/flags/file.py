"""The file of flags, read again when it changed."""

from pathlib import Path
from typing import Final

from adapters.flags.definitions import NOTHING_AMISS, Definitions, NotSetUp, from_toml, unreadable

_MOST_BYTES: Final = 1_000_000


class FlagFile:
    """Waits for the disk: ask it off the event loop."""

    def __init__(self, path: Path, not_set_up: NotSetUp = NOTHING_AMISS) -> None:
        self._path = path
        self._not_set_up = not_set_up
        self._seen: tuple[int, ...] | None = None
        self._is_first = True

    def read_if_changed(self) -> Definitions | None:
        """What it says now; None when that is what it said last time. A file that is not there, or no text,
        is read as one in which no flag can be read.
        """
        seen = self._signature()
        if seen == self._seen and not self._is_first:
            return None
        self._seen, self._is_first = seen, False
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
        """Changes with the file: also when it is replaced by another of the same length."""
        try:
            status = self._path.stat()
        except (OSError, ValueError):
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
