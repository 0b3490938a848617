"""The storage, seen from outside: whatever is committed is told to whoever watches, at the moment it becomes
true.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast

from adapters.in_memory.storage import OrderRecord, Storage
from domain.identifiers import OrderId

OrderWritten = Callable[[OrderRecord | None, OrderRecord], None]
# Work falls due at this moment, if the question is still answered with yes then.
DueAt = Callable[[datetime, Callable[[], bool]], None]


class Watched(dict[str, Any]):
    """A table. A commit updates it with all that it wrote, and at no other time does it change. `due` has the
    keys of what isn't finished.
    """

    def __init__(self, due_at: DueAt, order_written: OrderWritten | None = None) -> None:
        super().__init__()
        self.due: dict[str, datetime] = {}
        self._due_at = due_at
        self._order_written = order_written

    def update(self, changed: Mapping[str, Any]) -> None:  # type: ignore[override]
        before = {key: self.get(key) for key in changed}
        super().update(changed)
        for key, record in changed.items():
            if self._order_written is not None:
                self._order_written(before[key], record)
            if record.due_at is None:
                self.due.pop(key, None)
            else:
                self.due[key] = record.due_at
                self._due_at(record.due_at, partial(self._is_due, key, record.due_at))

    def _is_due(self, key: str, moment: datetime) -> bool:
        return self.due.get(key) == moment


class WatchedStorage(Storage):
    """An empty storage that tells of orders, and of the times at which work falls due."""

    def __init__(self, order_written: OrderWritten, due_at: DueAt) -> None:
        self._work = Watched(due_at, order_written), Watched(due_at), Watched(due_at)
        orders, inbox, outbox = self._work
        super().__init__(orders=cast(dict[OrderId, OrderRecord], orders), inbox=inbox, outbox=outbox)

    def due(self) -> Iterator[datetime]:
        """When anything is due that isn't finished."""
        return (moment for table in self._work for moment in table.due.values())
