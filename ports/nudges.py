"""Waking a worker right away.

A nudge may get lost: PostgreSQL knows what is due, and the sweeper finds it. Messages to shoppers have none:
they are told in batches, by the sweeper alone (docs/decisions/0017).
"""

from typing import Protocol


class Nudges(Protocol):
    async def order_is_due(self, order_id: str) -> None: ...

    async def webhook_arrived(self, webhook_id: str) -> None: ...
