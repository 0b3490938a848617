"""The payment providers in memory: what shoppers' banks do there, and where new orders begin."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from domain.money import Money
from domain.order_facts import OrderFacts
from domain.payment import PaymentSnapshot
from ports.payments import Subject, WebhookNotice
from tests.bdd.in_memory_stories import Stories
from tests.bdd.shop import BankAnswer, Order


class InMemoryProviders:
    """The part of `tests.bdd.shop.Shop` that is the providers' side."""

    _stories: Stories
    _news_get_lost: bool
    _facts: Callable[[Order], OrderFacts]
    _run: Callable[..., Any]

    def begin_elsewhere(self) -> None:
        self._stories.begins_with = self._stories.other.provider

    def begins_elsewhere(self, order: Order) -> bool:
        return self._facts(order).payments[0].provider == self._stories.other.provider

    def answer_bank(self, order: Order, answer: BankAnswer) -> None:
        payment, reference = self._facts(order).payments[-1], self._reference(order)
        bank = self._stories.gateway_of(payment.provider)
        answers = {
            BankAnswer.CONFIRMED: bank.complete_authentication,
            BankAnswer.REFUSED: bank.fail_authentication,
            BankAnswer.PAID: bank.settle,
            BankAnswer.SENT_BACK: bank.bounce,
        }
        answers[answer](reference)
        self._tell_of(reference, provider=payment.provider)

    def fail_what_was_collected(self, order: Order) -> None:
        self._stories.other.fail_capture(self._reference(order))

    def promise_once_more(self, order: Order) -> None:
        self._stories.other.authorize_besides(self._reference(order))

    def holds_for_nothing(self, order: Order) -> bool:
        seen: PaymentSnapshot = self._run(self._stories.other.retrieve(self._reference(order)))
        return seen.holds_stray

    def collected(self, order: Order) -> Money:
        payments = self._facts(order).payments
        held = sum(self._stories.gateway_of(each.provider).held_minor(each.id) for each in payments)
        return Money(minor=held, currency=order.total.currency)

    def _reference(self, order: Order) -> str:
        reference = self._facts(order).payments[-1].reference
        assert reference is not None
        return reference

    def _hear_from_the_other(self) -> None:
        """It does what it has taken on, and tells what came of it."""
        other = self._stories.other
        while other.waiting:
            other.carry_out()
        while other.told:
            event = other.told.pop(0)
            assert event.payment_reference is not None
            self._tell_of(event.payment_reference, event.about, provider=other.provider)

    def _tell_of(
        self, reference: str, about: Subject = Subject.PAYMENT, *, provider: str | None = None
    ) -> None:
        """The provider's message that something happened to a payment."""
        if self._news_get_lost:
            return
        notice = WebhookNotice(
            provider=provider or self._stories.gateway.provider,
            event_id=self._stories.clock.new_id("evt"),
            event_type="payment.changed",
            payment_reference=reference,
        )
        body = json.dumps({**asdict(notice), "about": about.value}).encode()
        self._run(self._stories.receive_webhook(body, {}))
