"""A shop whose provider takes things on and tells later what came of them."""

from adapters.in_memory.late_payment_gateway import LateInMemoryPaymentGateway
from domain.order_facts import OrderFacts
from ports.payments import Subject, WebhookNotice
from tests.application.shop import Shop


class LateShop(Shop):
    gateway = LateInMemoryPaymentGateway
    provider: LateInMemoryPaymentGateway

    async def told(self, facts: OrderFacts, about: Subject = Subject.PAYMENT) -> OrderFacts:
        """The provider's webhook comes, and is handled."""
        webhook_id = self.clock.new_id("whk")
        notice = WebhookNotice(
            provider="simulated",
            event_id=self.clock.new_id("evt"),
            event_type="told.later",
            payment_reference=facts.payments[0].reference,
            about=about,
        )
        async with self.unit_of_work() as uow:
            await uow.inbox.add(webhook_id, notice, b"{}", self.clock.now())
            await uow.commit()
        await self.handle_webhook(webhook_id)
        return await self.facts(facts.order.id)

    def asked(self, operation: str) -> int:
        return self.faults.asked.count(operation)
