"""The provider's webhooks on their way to us: doubled, late, overtaken, lost, or not the provider's at all.

What a lost one told of a payment, or of a refund on its way, is found by looking again. A refund that a bank
sends back, and a capture that fails, are found by the night's reconciliation alone, where there is one;
disputes, and holds that nothing goes by, by nothing, so that their events are late at worst.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from adapters.in_memory.payment_webhooks import ProviderEvent
from domain.errors import DomainRefusal
from domain.refund import RefundState
from ports.errors import PortError, SignatureInvalid
from ports.payments import Subject
from tests.simulation.faults import Fault, Place
from tests.simulation.process import ConnectionLost

if TYPE_CHECKING:
    from tests.simulation.world import World

# An endpoint that doesn't answer is tried again, ever more rarely, as Stripe does for three days.
_WAITS_SECONDS: Final = (5.0, 60.0, 600.0, 3_600.0, 3_600.0, 3_600.0)
_LATE_BY_SECONDS: Final = (60.0, 5_400.0)
_OVERTAKEN_AT_MOST_SECONDS: Final = 30.0
_FOUND_AT_NIGHT: Final = (f"refund.{RefundState.FAILED.value}", "capture.failed")


class Deliveries:
    """Takes what the provider tells, and brings it to one of our processes."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._overtaken = asyncio.Event()
        self.under_way = 0
        # What some process of ours said yes to.
        self.acknowledged: set[str] = set()

    def provider_tells(self, event: ProviderEvent) -> None:
        self._world.history("provider", event.event_type, event.payment_reference)
        match self._world.faults.at(Place.WEBHOOK, "webhooks.delivery"):
            case Fault.WEBHOOK_LOST if self._is_found_otherwise(event):
                return
            case Fault.WEBHOOK_TWICE:
                self._send(event, self._soon())
                self._send(event, self._soon())
            case Fault.WEBHOOK_LATE | Fault.WEBHOOK_LOST:
                self._send(event, self._world.random.uniform(*_LATE_BY_SECONDS))
            case Fault.WEBHOOK_OVERTAKEN:
                self._send(event, None)
                return
            case Fault.WEBHOOK_FORGED:
                self._send(event, self._soon(), secret="guessed")
                self._send(event, self._soon())
            case _:
                self._send(event, self._soon())
        self._overtaken.set()

    def _is_found_otherwise(self, event: ProviderEvent) -> bool:
        if event.about is Subject.DISPUTE or self._holds_stray(event.payment_reference):
            return False
        return self._world.is_reconciled or event.event_type not in _FOUND_AT_NIGHT

    def _holds_stray(self, reference: str | None) -> bool:
        payments = (payment.snapshot for payment in self._world.provider.everything())
        return any(each.holds_stray for each in payments if each.reference == reference)

    def _soon(self) -> float:
        """Most are quicker than the answers to what we ask next."""
        return self._world.random.uniform(0.02, self._world.random.choice((0.3, 0.3, 3.0)))

    def _send(self, event: ProviderEvent, after_seconds: float | None, secret: str | None = None) -> None:
        """None: once the next has been sent."""
        self.under_way += 1
        self._world.begin(self._delivered(event, after_seconds, secret))

    async def _delivered(self, event: ProviderEvent, after_seconds: float | None, secret: str | None) -> None:
        if after_seconds is None:
            self._overtaken.clear()
            await _at_most(_OVERTAKEN_AT_MOST_SECONDS, self._overtaken)
            after_seconds = 3.0
        await self._world.sleep(after_seconds)
        signer = self._world.webhooks if secret is None else self._world.webhooks_signed_with(secret)
        for wait_seconds in _WAITS_SECONDS:
            body, headers = signer.written(event, self._world.clock.now())
            if await self._accepted(body, headers, event, is_genuine=secret is None):
                break
            await self._world.sleep(wait_seconds)
        self.under_way -= 1

    async def _accepted(
        self, body: bytes, headers: Mapping[str, str], event: ProviderEvent, *, is_genuine: bool
    ) -> bool:
        """Whether it need not be tried again."""
        api = await self._world.api()
        try:
            await api.serve(
                f"webhook {event.event_id}", lambda application: application.receive_webhook(body, headers)
            )
        except SignatureInvalid:
            return not is_genuine
        except (ConnectionLost, DomainRefusal, PortError):
            return False
        self.acknowledged.add(event.event_id)
        return True


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
