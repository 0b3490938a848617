"""Everything one running sandbox simulates, put together in one place and reset as one."""

from datetime import datetime

import httpx

from entrypoints.sandbox.adyen.account import AdyenAccount
from entrypoints.sandbox.adyen.models import StoredAnswer
from entrypoints.sandbox.adyen.webhooks import WebhookSender as AdyenWebhookSender
from entrypoints.sandbox.carriers import CARRIERS, Carrier
from entrypoints.sandbox.clock import AdjustableClock
from entrypoints.sandbox.deliveries import Deliveries
from entrypoints.sandbox.faults import Misfortune, Switchboard
from entrypoints.sandbox.inventory.front_door import FrontDoor
from entrypoints.sandbox.inventory.warehouse import Warehouse
from entrypoints.sandbox.mailbox import Mailbox
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.stripe.account import StripeAccount
from entrypoints.sandbox.stripe.idempotency import IdempotencyKeys
from entrypoints.sandbox.stripe.webhooks import WebhookSender
from entrypoints.sandbox.taxjar.account import TaxJarAccount


class World:
    def __init__(
        self, settings: SandboxSettings, webhook_transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.settings = settings
        self.clock = AdjustableClock(settings.seed)
        self.faults = Switchboard()
        self.mailbox = Mailbox()
        self.deliveries = Deliveries(
            clock=self.clock, retry_after_ms=settings.webhook_retry_ms, transport=webhook_transport
        )
        self.taxjar = TaxJarAccount()
        self.front_door = FrontDoor(settings.certificates) if settings.certificates else None
        self.warehouse = Warehouse(self.clock)
        self._open_stripe()
        self._open_adyen()
        self._open_carriers()

    def reset(self) -> None:
        """As after the start; only the clock keeps the time it was advanced to, and certificates are kept."""
        self.faults.clear()
        self.mailbox.clear()
        self.deliveries.forget()
        self.warehouse = Warehouse(self.clock)
        self.taxjar = TaxJarAccount()
        self._open_stripe()
        self._open_adyen()
        self._open_carriers()

    async def suffer(self, vendor: str, operation: str) -> Misfortune:
        """Draws what befalls this call, and sits out its delay and the latency that every call has."""
        misfortune = self.faults.draw(vendor, operation)
        seconds = misfortune.delay_seconds + self.settings.latency_ms / 1000
        if seconds:
            await self.clock.sleep(seconds)
        return misfortune

    def _open_carriers(self) -> None:
        self.carriers = {vendor: Carrier(vendor=vendor, clock=self.clock) for vendor in CARRIERS}
        self.usps_questions: list[datetime] = []

    def _open_adyen(self) -> None:
        self.adyen_webhooks = AdyenWebhookSender(self.settings, self.clock, self.deliveries)
        self.adyen = AdyenAccount(self.clock, self.adyen_webhooks)
        self.adyen_keys: dict[str, StoredAnswer] = {}

    def _open_stripe(self) -> None:
        self.stripe = StripeAccount(self.clock, hosted_url=f"{self.settings.public_url}/stripe")
        self.stripe_keys = IdempotencyKeys(self.clock)
        self.stripe_webhooks = WebhookSender(self.stripe.records, self.deliveries)
        self.stripe.listen(self.stripe_webhooks)
        if self.settings.stripe_webhook_url:
            self.stripe.register_endpoint(
                self.settings.stripe_webhook_url, self.settings.stripe_webhook_secret
            )
