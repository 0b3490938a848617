"""Waking a worker right away.

A nudge may get lost: PostgreSQL knows what is due, and the sweeper finds it.
"""

from typing import Protocol


class Nudges(Protocol):
    async def order_is_due(self, order_id: str) -> None: ...

    async def webhook_arrived(self, webhook_id: str) -> None: ...

    async def message_waits(self, message_id: str) -> None: ...
