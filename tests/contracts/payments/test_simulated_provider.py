"""What the simulated provider tells of by itself, and how its webhooks are read: signed and of our time."""

from datetime import timedelta

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.payment_webhooks import InMemoryPaymentWebhooks, ProviderEvent
from domain.dispute import DisputeState
from domain.identifiers import RefundId
from domain.payment import Instrument, PaymentState
from domain.refund import RefundState
from ports.errors import SignatureInvalid
from ports.payments import Subject
from tests.contracts.payments.requests import asking, key

ASKS, WORKS, TAKES_DAYS = "pm_card_threeDSecure2Required", "pm_card_visa", "pm_sepaDebit"


class Telling:
    """A simulated provider, and what it told."""

    def __init__(self) -> None:
        self.events: list[ProviderEvent] = []
        self.gateway = InMemoryPaymentGateway(ManualClock(), tell=self.events.append)

    @property
    def told(self) -> list[str]:
        return [event.event_type for event in self.events]


async def test_everything_that_moves_is_told_once() -> None:
    shop = Telling()
    paid = await shop.gateway.create(asking(ASKS), key())
    shop.gateway.complete_authentication(paid.reference)
    await shop.gateway.capture(paid.reference, paid.amount, key())
    await shop.gateway.refund(paid.reference, RefundId("ref_1"), paid.amount, key())
    shop.gateway.end_refund(paid.reference, RefundId("ref_1"), RefundState.FAILED)
    shop.gateway.dispute(paid.reference, DisputeState.OPEN)
    assert shop.told == [
        "payment.created",
        "payment.awaiting_action",
        "payment.authorized",
        "payment.captured",
        "refund.succeeded",
        "refund.failed",
        "dispute.open",
    ]
    assert len({event.event_id for event in shop.events}) == len(shop.events)


async def test_a_repeat_under_the_same_key_is_not_told_again() -> None:
    shop = Telling()
    request, attempt = asking(WORKS), key()
    for _ in range(2):
        await shop.gateway.create(request, attempt)
    assert shop.told == ["payment.created", "payment.authorized"]


async def test_a_shopper_can_pay_in_the_providers_own_form() -> None:
    shop = Telling()
    created = await shop.gateway.create(asking(), key())
    shop.gateway.pay_in_page(created.reference, Instrument(token=WORKS))
    assert (await shop.gateway.retrieve(created.reference)).state is PaymentState.AUTHORIZED


async def test_what_takes_days_can_come_to_nothing_and_nothing_comes_after_the_end() -> None:
    shop = Telling()
    slow = await shop.gateway.create(asking(TAKES_DAYS), key())
    shop.gateway.bounce(slow.reference)
    assert (await shop.gateway.retrieve(slow.reference)).decline is not None
    await shop.gateway.void(slow.reference, key())
    for too_late in (
        shop.gateway.settle,
        shop.gateway.bounce,
        shop.gateway.complete_authentication,
        shop.gateway.fail_authentication,
    ):
        too_late(slow.reference)
    assert (await shop.gateway.retrieve(slow.reference)).state is PaymentState.VOIDED


EVENT = ProviderEvent(
    event_id="simevt_1", event_type="refund.failed", payment_reference="sim_1", about=Subject.REFUND
)
OURS = InMemoryPaymentWebhooks("simulated", "secret")
NOW = ManualClock().now()


def test_a_webhook_says_what_it_is_about() -> None:
    (notice,) = OURS.read(*OURS.written(EVENT, NOW), NOW + timedelta(minutes=4))
    assert (notice.provider, notice.event_id, notice.event_type) == ("simulated", "simevt_1", "refund.failed")
    assert (notice.payment_reference, notice.about) == ("sim_1", Subject.REFUND)


@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_a_webhook_of_another_time_is_refused(off: timedelta) -> None:
    with pytest.raises(SignatureInvalid):
        OURS.read(*OURS.written(EVENT, NOW + off), NOW)


def test_a_webhook_that_somebody_else_signed_or_changed_is_refused() -> None:
    body, headers = InMemoryPaymentWebhooks("simulated", "guessed").written(EVENT, NOW)
    with pytest.raises(SignatureInvalid):
        OURS.read(body, headers, NOW)
    body, headers = OURS.written(EVENT, NOW)
    with pytest.raises(SignatureInvalid):
        OURS.read(body + b" ", headers, NOW)
    with pytest.raises(SignatureInvalid):
        OURS.read(body, {}, NOW)
