"""The contract of `ports.payments.PaymentGateway` on keys: a repeat has one effect, all else has none."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import pytest

from domain.identifiers import AttemptId, RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot, PaymentState
from domain.refund import RefundSnapshot
from domain.shop import CaptureMethod
from ports.errors import OutcomeUnknown
from ports.payments import PaymentGateway
from tests.contracts.payments.conftest import Provider
from tests.contracts.payments.requests import asking, key

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

WORKS: Final = Instrument(token="pm_card_visa")
LACKS_FUNDS: Final = "pm_card_visa_chargeDeclinedInsufficientFunds"
EUR_5, EUR_6 = Money.of(500, "EUR"), Money.of(600, "EUR")


async def new(gateway: PaymentGateway) -> str:
    return (await gateway.create(asking(), key())).reference


async def authorized(gateway: PaymentGateway) -> str:
    return (await gateway.create(asking(WORKS.token), key())).reference


async def paid(gateway: PaymentGateway) -> str:
    request = asking(WORKS.token, capture_method=CaptureMethod.AUTOMATIC)
    return (await gateway.create(request, key())).reference


Begin = Callable[[PaymentGateway], Awaitable[str]]
Write = Callable[[PaymentGateway, str, AttemptId], Awaitable[PaymentSnapshot | RefundSnapshot]]
# Each write, on a payment that is ready for it.
WRITES: Final[dict[str, tuple[Begin, Write]]] = {
    "confirm": (new, lambda gateway, payment, k: gateway.confirm(payment, WORKS, None, k)),
    "capture": (authorized, lambda gateway, payment, k: gateway.capture(payment, EUR_5, k)),
    "void": (authorized, lambda gateway, payment, k: gateway.void(payment, k)),
    "refund": (paid, lambda gateway, payment, k: gateway.refund(payment, RefundId("ref_1"), EUR_5, k)),
}
# Something else under the same key.
OTHERS: Final[dict[str, Write]] = {
    "confirm": lambda gateway, payment, k: gateway.confirm(payment, Instrument(token=LACKS_FUNDS), None, k),
    "capture": lambda gateway, payment, k: gateway.capture(payment, EUR_6, k),
    "refund": lambda gateway, payment, k: gateway.refund(payment, RefundId("ref_2"), EUR_6, k),
}


@pytest.mark.parametrize("name", WRITES)
async def test_a_repeat_answers_as_the_first_time_and_does_no_more(provider: Provider, name: str) -> None:
    (begin, write), attempt = WRITES[name], key()
    payment = await begin(provider.gateway)
    first = await write(provider.gateway, payment, attempt)
    after = await provider.gateway.retrieve(payment)
    assert await write(provider.gateway, payment, attempt) == first
    assert await provider.gateway.retrieve(payment) == after


async def test_a_payment_is_created_once(provider: Provider) -> None:
    request, attempt = asking(WORKS.token), key()
    first = await provider.gateway.create(request, attempt)
    assert await provider.gateway.create(request, attempt) == first


async def test_callers_at_the_same_moment_get_the_one_payment(provider: Provider) -> None:
    request, attempt = asking(WORKS.token), key()
    answers = await asyncio.gather(*(provider.gateway.create(request, attempt) for _ in range(3)))
    assert len({answer.reference for answer in answers}) == 1


async def test_a_decline_is_told_again_without_another_try(provider: Provider) -> None:
    request, attempt = asking(LACKS_FUNDS), key()
    first = await provider.gateway.create(request, attempt)
    assert first.decline is not None
    assert await provider.gateway.create(request, attempt) == first


async def test_a_repeat_tells_the_state_of_then(provider: Provider) -> None:
    """So a late repeat may tell an older state than is known: whoever records it minds the order."""
    request, attempt = asking(WORKS.token), key()
    created = await provider.gateway.create(request, attempt)
    await provider.gateway.capture(created.reference, created.amount, key())
    assert (await provider.gateway.create(request, attempt)).state is PaymentState.AUTHORIZED


async def test_under_a_used_key_another_payment_is_not_created(provider: Provider) -> None:
    request, attempt = asking(WORKS.token), key()
    created = await provider.gateway.create(request, attempt)
    with pytest.raises(OutcomeUnknown):
        await provider.gateway.create(replace(request, amount=Money.of(9999, "EUR")), attempt)
    assert (await provider.gateway.retrieve(created.reference)).amount == request.amount


@pytest.mark.parametrize("name", OTHERS)
async def test_under_a_used_key_nothing_else_happens(provider: Provider, name: str) -> None:
    (begin, write), attempt = WRITES[name], key()
    payment = await begin(provider.gateway)
    first = await write(provider.gateway, payment, attempt)
    before = await provider.gateway.retrieve(payment)
    with pytest.raises(OutcomeUnknown):
        await OTHERS[name](provider.gateway, payment, attempt)
    assert await provider.gateway.retrieve(payment) == before
    assert await write(provider.gateway, payment, attempt) == first


async def test_a_key_that_made_a_refund_makes_no_other(provider: Provider) -> None:
    payment, attempt = await paid(provider.gateway), key()
    await provider.gateway.refund(payment, RefundId("ref_1"), EUR_5, attempt)
    with pytest.raises(OutcomeUnknown):
        await provider.gateway.refund(payment, RefundId("ref_2"), EUR_5, attempt)
    assert await provider.gateway.find_refund(payment, RefundId("ref_2")) is None


async def test_another_key_makes_another_refund(provider: Provider) -> None:
    payment = await paid(provider.gateway)
    first = await provider.gateway.refund(payment, RefundId("ref_1"), EUR_5, key())
    second = await provider.gateway.refund(payment, RefundId("ref_2"), EUR_5, key())
    assert first.reference != second.reference
