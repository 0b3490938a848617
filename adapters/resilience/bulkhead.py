"""The bulkhead: one slow vendor ties up so many calls of this process and no more, whatever else it is busy
with.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class Bulkhead:
    """Places for calls under way. Nobody queues: who finds none is refused at once."""

    def __init__(self, places: int) -> None:
        self._free = places

    @property
    def free(self) -> int:
        return self._free

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Whether there was one; it is given back at the end."""
        has_place = self._free > 0
        self._free -= has_place
        try:
            yield has_place
        finally:
            self._free += has_place
