"""The contract of `ports.payments.PaymentGateway`: what a payment allows in its state, how it is found."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.stripe.payment_gateway import StripePaymentGateway
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import DeclineReason, Instrument, NextActionKind, PaymentSnapshot, PaymentState
from domain.period import Period
from domain.refund import RefundState
from domain.shop import CaptureMethod
from ports.errors import Rejected
from ports.payments import PaymentGateway
from tests.contracts.payments.conftest import Provider
from tests.contracts.payments.requests import asking, key

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

WORKS: Final = "pm_card_visa"
ASKS: Final = "pm_card_threeDSecure2Required"
EVER: Final = Period(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
BEFORE: Final = Period(since=EVER.since, until=EVER.since + timedelta(days=1))
AFTER: Final = Period(since=EVER.until - timedelta(days=1), until=EVER.until)
CENT: Final = Money.of(1, "EUR")
# More than fit on one page of a provider's list.
MANY: Final = 103


async def paid(provider: Provider, amount: Money | None = None) -> PaymentSnapshot:
    request = asking(WORKS, amount, CaptureMethod.AUTOMATIC)
    return await provider.gateway.create(request, key())


async def authorized(provider: Provider) -> PaymentSnapshot:
    return await provider.gateway.create(asking(WORKS), key())


async def voided(provider: Provider) -> PaymentSnapshot:
    return await provider.outcome(await provider.gateway.void((await authorized(provider)).reference, key()))


# States.


async def test_what_was_given_up_is_not_captured(provider: Provider) -> None:
    given_up = await voided(provider)
    after = await provider.gateway.capture(given_up.reference, given_up.amount, key())
    assert (after.state, after.received.minor) == (PaymentState.VOIDED, 0)


async def test_what_was_given_up_is_not_paid_for_any_more(provider: Provider) -> None:
    given_up = await voided(provider)
    after = await provider.gateway.confirm(given_up.reference, Instrument(token=WORKS), None, key())
    assert (after.state, after.received.minor) == (PaymentState.VOIDED, 0)


async def test_giving_up_twice_is_giving_up_once(provider: Provider) -> None:
    given_up = await voided(provider)
    assert (await provider.gateway.void(given_up.reference, key())).state is PaymentState.VOIDED


async def test_a_payment_that_nobody_tried_can_be_given_up(provider: Provider) -> None:
    created = await provider.gateway.create(asking(), key())
    assert (await provider.gateway.void(created.reference, key())).state is PaymentState.VOIDED


async def test_a_payment_that_the_bank_asks_about_can_be_given_up(provider: Provider) -> None:
    asked = await provider.gateway.create(asking(ASKS), key())
    assert (await provider.gateway.void(asked.reference, key())).state is PaymentState.VOIDED


@pytest.mark.parametrize("capture_method", CaptureMethod)
async def test_what_was_authorized_or_captured_is_not_paid_twice(
    provider: Provider, capture_method: CaptureMethod
) -> None:
    before = await provider.gateway.create(asking(WORKS, capture_method=capture_method), key())
    after = await provider.gateway.confirm(before.reference, Instrument(token=WORKS), None, key())
    assert (after.state, after.received) == (before.state, before.received)


async def test_nothing_is_captured_of_a_payment_that_nobody_paid(provider: Provider) -> None:
    created = await provider.gateway.create(asking(), key())
    after = await provider.gateway.capture(created.reference, created.amount, key())
    assert (after.state, after.received.minor) == (PaymentState.AWAITING_METHOD, 0)


async def test_more_than_was_authorized_is_not_captured(provider: Provider) -> None:
    held = await authorized(provider)
    assert await provider.turns_down_capture(held.reference, held.amount + CENT)
    assert (await provider.gateway.retrieve(held.reference)).state is PaymentState.AUTHORIZED


async def test_a_bank_that_asks_is_found_at_a_url(provider: Provider) -> None:
    asked = await provider.gateway.create(asking(ASKS), key())
    assert asked.next_action is not None
    assert asked.next_action.kind is NextActionKind.REDIRECT
    assert (asked.next_action.url or "").startswith("http")


async def test_money_goes_by_itself_once_the_bank_agrees_if_it_was_so_asked(provider: Provider) -> None:
    request = asking(ASKS, capture_method=CaptureMethod.AUTOMATIC)
    asked = await provider.gateway.create(request, key())
    await provider.bank.agrees(asked.reference)
    after = await provider.gateway.retrieve(asked.reference)
    assert (after.state, after.received) == (PaymentState.CAPTURED, request.amount)


# What is refused.


@pytest.mark.parametrize("amount", [Money.of(0, "EUR"), Money.of(-100, "EUR")], ids=str)
async def test_a_payment_of_nothing_is_refused(provider: Provider, amount: Money) -> None:
    with pytest.raises(Rejected):
        await provider.gateway.create(asking(amount=amount), key())


async def test_an_instrument_that_is_none_is_refused(provider: Provider) -> None:
    request = asking("pm_of_nobody")
    with pytest.raises(Rejected):
        await provider.gateway.create(request, key())
    assert await provider.gateway.find(request.payment_id, EVER) is None
    created = await provider.gateway.create(asking(), key())
    with pytest.raises(Rejected):
        await provider.gateway.confirm(created.reference, Instrument(token="pm_of_nobody"), None, key())
    assert (await provider.gateway.retrieve(created.reference)).state is PaymentState.AWAITING_METHOD


AT_NOTHING: Final[dict[str, Callable[[PaymentGateway], Awaitable[object]]]] = {
    "confirm": lambda gateway: gateway.confirm("pi_none", Instrument(token=WORKS), None, key()),
    "capture": lambda gateway: gateway.capture("pi_none", CENT, key()),
    "void": lambda gateway: gateway.void("pi_none", key()),
    "retrieve": lambda gateway: gateway.retrieve("pi_none"),
    "refund": lambda gateway: gateway.refund("pi_none", RefundId("ref_1"), CENT, key()),
}


@pytest.mark.parametrize("name", AT_NOTHING)
async def test_a_payment_that_is_not_there_is_refused(provider: Provider, name: str) -> None:
    with pytest.raises(Rejected):
        await AT_NOTHING[name](provider.gateway)


DECLINES: Final = {
    "pm_card_visa_chargeDeclined": DeclineReason.NOT_ACCEPTED,
    "pm_card_visa_chargeDeclinedInsufficientFunds": DeclineReason.INSUFFICIENT_FUNDS,
    "pm_card_visa_chargeDeclinedLostCard": DeclineReason.NOT_ACCEPTED,
    "pm_card_visa_chargeDeclinedStolenCard": DeclineReason.NOT_ACCEPTED,
    "pm_card_chargeDeclinedExpiredCard": DeclineReason.INSTRUMENT_EXPIRED,
    "pm_card_chargeDeclinedIncorrectCvc": DeclineReason.DETAILS_INCORRECT,
    "pm_card_chargeDeclinedProcessingError": DeclineReason.TRY_AGAIN,
}


@pytest.mark.parametrize("token", DECLINES)
async def test_every_card_that_declines_says_what_to_try(provider: Provider, token: str) -> None:
    declined = await provider.gateway.create(asking(token), key())
    assert (declined.state, declined.received.minor) == (PaymentState.AWAITING_METHOD, 0)
    assert declined.decline is not None
    assert declined.decline.reason is DECLINES[token]
    assert declined.next_action is not None
    assert declined.next_action.kind is NextActionKind.IN_PAGE


# Money back.


async def test_money_goes_back_in_parts_up_to_the_last_cent_and_no_further(provider: Provider) -> None:
    payment = await paid(provider, Money.of(2023, "EUR"))
    for number, minor in enumerate((1000, 1000, 22, 1)):
        await provider.gateway.refund(
            payment.reference, RefundId(f"ref_{number}"), Money.of(minor, "EUR"), key()
        )
    assert await provider.turns_down_refund(payment.reference, "ref_more", CENT)
    found = await provider.gateway.find_refund(payment.reference, RefundId("ref_more"))
    assert found is None or found.state is RefundState.FAILED


async def test_a_part_that_is_more_than_what_is_left_is_refused_and_takes_nothing(provider: Provider) -> None:
    payment = await paid(provider, Money.of(1000, "EUR"))
    await provider.gateway.refund(payment.reference, RefundId("ref_1"), Money.of(600, "EUR"), key())
    assert await provider.turns_down_refund(payment.reference, "ref_2", Money.of(401, "EUR"))
    rest = await provider.gateway.refund(payment.reference, RefundId("ref_3"), Money.of(400, "EUR"), key())
    assert rest.amount.minor == 400


@pytest.mark.parametrize("minor", [0, -1])
async def test_a_refund_of_nothing_is_refused(provider: Provider, minor: int) -> None:
    payment = await paid(provider)
    with pytest.raises(Rejected):
        await provider.gateway.refund(payment.reference, RefundId("ref_1"), Money.of(minor, "EUR"), key())


@pytest.mark.parametrize("begin", [authorized, voided], ids=lambda begin: begin.__name__)
async def test_money_that_was_never_taken_is_not_given_back(
    provider: Provider, begin: Callable[[Provider], Awaitable[PaymentSnapshot]]
) -> None:
    payment = await begin(provider)
    with pytest.raises(Rejected):
        await provider.gateway.refund(payment.reference, RefundId("ref_1"), CENT, key())


async def test_refunds_of_one_payment_are_none_of_another(provider: Provider) -> None:
    one, other = await paid(provider), await paid(provider)
    await provider.gateway.refund(one.reference, RefundId("ref_1"), CENT, key())
    assert await provider.gateway.find_refund(other.reference, RefundId("ref_1")) is None


# Finding.


async def test_a_payment_is_found_among_many(provider: Provider) -> None:
    first = asking(WORKS)
    created = await provider.gateway.create(first, key())
    for _ in range(MANY):
        await provider.gateway.create(asking(), key())
    found = await provider.gateway.find(first.payment_id, EVER)
    assert found is not None
    assert (found.reference, found.state) == (created.reference, PaymentState.AUTHORIZED)
    assert await provider.gateway.find(asking().payment_id, EVER) is None


async def test_a_payment_is_found_in_its_present_state(provider: Provider) -> None:
    request = asking(WORKS)
    created = await provider.gateway.create(request, key())
    await provider.outcome(await provider.gateway.capture(created.reference, created.amount, key()))
    found = await provider.gateway.find(request.payment_id, EVER)
    assert found is not None
    assert (found.state, found.received) == (PaymentState.CAPTURED, request.amount)


@pytest.mark.parametrize("elsewhen", [BEFORE, AFTER], ids=["before", "after"])
async def test_a_payment_of_another_time_is_not_looked_for(provider: Provider, elsewhen: Period) -> None:
    request = asking(WORKS)
    await provider.gateway.create(request, key())
    assert await provider.gateway.find(request.payment_id, elsewhen) is None


async def test_a_refund_is_found_among_several_pages(provider: Provider) -> None:
    payment = await paid(provider)
    made = [
        await provider.gateway.refund(payment.reference, RefundId(f"ref_{number}"), CENT, key())
        for number in range(MANY)
    ]
    for number in (0, MANY // 2, MANY - 1):
        found = await provider.gateway.find_refund(payment.reference, RefundId(f"ref_{number}"))
        assert found is not None
        assert found.reference == made[number].reference
    assert await provider.gateway.find_refund(payment.reference, RefundId("ref_none")) is None


def test_each_provider_has_a_name_of_its_own(provider: Provider) -> None:
    names = {
        InMemoryPaymentGateway: "simulated",
        StripePaymentGateway: "stripe",
        AdyenPaymentGateway: "adyen",
    }
    (name,) = [name for kind, name in names.items() if isinstance(provider.gateway, kind)]
    assert provider.gateway.provider == name
