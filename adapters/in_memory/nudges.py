"""Nudges that go nowhere, for where the sweeper alone finds what is due."""


class SilentNudges:
    """Implements `ports.nudges.Nudges`: every nudge is lost, which nothing may depend on."""

    async def order_is_due(self, order_id: str) -> None:
        return None

    async def webhook_arrived(self, webhook_id: str) -> None:
        return None

    async def message_waits(self, message_id: str) -> None:
        return None
