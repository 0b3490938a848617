"""The contract of `ports.payments.PaymentGateway`."""

from datetime import UTC, datetime

import pytest

from domain.dispute import DisputeState
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import DeclineReason, Instrument, NextActionKind, PaymentSnapshot, PaymentState
from domain.period import Period
from domain.refund import RefundState
from domain.shop import CaptureMethod
from tests.contracts.payments.conftest import Provider
from tests.contracts.payments.requests import asking, key

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

EVER = Period(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
WORKS, ASKS = "pm_card_visa", "pm_card_threeDSecure2Required"
LACKS_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"


async def test_a_new_payment_waits_for_the_shopper_in_the_page(provider: Provider) -> None:
    snapshot = await provider.gateway.create(asking(), key())
    assert snapshot.state is PaymentState.AWAITING_METHOD
    assert snapshot.next_action is not None
    assert snapshot.next_action.kind is NextActionKind.IN_PAGE
    assert snapshot.next_action.payload


@pytest.mark.parametrize(
    "amount", [Money.of(2023, "EUR"), Money.of(1900, "JPY"), Money.of(4150, "KWD")], ids=str
)
async def test_money_is_authorized_and_then_captured_to_the_last_unit(
    provider: Provider, amount: Money
) -> None:
    authorized = await provider.gateway.create(asking(WORKS, amount), key())
    assert (authorized.state, authorized.received.minor) == (PaymentState.AUTHORIZED, 0)
    captured = await provider.outcome(await provider.gateway.capture(authorized.reference, amount, key()))
    assert (captured.state, captured.received) == (PaymentState.CAPTURED, amount)


async def test_automatic_capture_takes_the_money_at_once(provider: Provider) -> None:
    request = asking(WORKS, capture_method=CaptureMethod.AUTOMATIC)
    assert (await provider.gateway.create(request, key())).state is PaymentState.CAPTURED


async def test_a_decline_is_told_and_another_card_can_be_tried(provider: Provider) -> None:
    declined = await provider.gateway.create(asking(LACKS_FUNDS), key())
    assert declined.state is PaymentState.AWAITING_METHOD
    assert declined.decline is not None
    assert declined.decline.reason is DeclineReason.INSUFFICIENT_FUNDS
    paid = await provider.gateway.confirm(declined.reference, Instrument(token=WORKS), None, key())
    assert (paid.state, paid.decline) == (PaymentState.AUTHORIZED, None)


async def test_a_bank_that_asks_is_answered(provider: Provider) -> None:
    asked = await provider.gateway.create(asking(ASKS), key())
    assert asked.state is PaymentState.AWAITING_ACTION
    assert asked.next_action is not None
    await provider.bank.agrees(asked.reference)
    assert (await provider.gateway.retrieve(asked.reference)).state is PaymentState.AUTHORIZED


async def test_a_bank_that_refuses_leads_back_to_the_shopper(provider: Provider) -> None:
    asked = await provider.gateway.create(asking(ASKS), key())
    await provider.bank.refuses(asked.reference)
    refused = await provider.gateway.retrieve(asked.reference)
    assert refused.state is PaymentState.AWAITING_METHOD
    assert refused.decline is not None
    assert refused.decline.reason is DeclineReason.AUTHENTICATION_FAILED


async def test_the_same_key_has_one_effect(provider: Provider) -> None:
    request, attempt = asking(WORKS), key()
    first = await provider.gateway.create(request, attempt)
    again = await provider.gateway.create(request, attempt)
    assert again.reference == first.reference


async def test_a_payment_is_found_by_our_id(provider: Provider) -> None:
    request = asking(WORKS)
    created = await provider.gateway.create(request, key())
    found = await provider.gateway.find(request.payment_id, EVER)
    assert found is not None
    assert found.reference == created.reference
    assert await provider.gateway.find(asking().payment_id, EVER) is None


async def test_a_void_ends_an_authorization(provider: Provider) -> None:
    authorized = await provider.gateway.create(asking(WORKS), key())
    voided = await provider.outcome(await provider.gateway.void(authorized.reference, key()))
    assert voided.state is PaymentState.VOIDED


async def test_a_void_that_comes_too_late_tells_of_the_capture(provider: Provider) -> None:
    authorized = await provider.gateway.create(asking(WORKS), key())
    await provider.outcome(await provider.gateway.capture(authorized.reference, authorized.amount, key()))
    assert (await provider.gateway.void(authorized.reference, key())).state is PaymentState.CAPTURED


async def test_capturing_again_under_another_key_takes_nothing_more(provider: Provider) -> None:
    authorized = await provider.gateway.create(asking(WORKS), key())
    for _ in range(2):
        snapshot = await provider.outcome(
            await provider.gateway.capture(authorized.reference, authorized.amount, key())
        )
        assert (snapshot.state, snapshot.received) == (PaymentState.CAPTURED, authorized.amount)


async def captured(provider: Provider, method: str = WORKS) -> PaymentSnapshot:
    request = asking(method, capture_method=CaptureMethod.AUTOMATIC)
    return await provider.gateway.create(request, key())


async def test_less_than_was_authorized_is_captured_and_the_rest_released(provider: Provider) -> None:
    authorized = await provider.gateway.create(asking(WORKS), key())
    part = Money.of(authorized.amount.minor - 500, "EUR")
    snapshot = await provider.outcome(await provider.gateway.capture(authorized.reference, part, key()))
    assert (snapshot.state, snapshot.received) == (PaymentState.CAPTURED, part)
    assert await provider.turns_down_refund(authorized.reference, "ref_all", authorized.amount)


async def test_a_slow_refund_is_pending_until_the_bank_takes_it(provider: Provider) -> None:
    paid = await captured(provider, "pm_card_pendingRefund")
    refund_id = RefundId("ref_slow")
    refund = await provider.gateway.refund(paid.reference, refund_id, paid.amount, key())
    assert refund.state is RefundState.PENDING
    await provider.bank.takes_refund(paid.reference, refund_id, refund.reference)
    arrived = await provider.gateway.find_refund(paid.reference, refund_id)
    assert arrived is not None
    assert arrived.state is RefundState.SUCCEEDED


async def test_a_refund_that_a_bank_sends_back_has_failed_and_can_be_made_again(provider: Provider) -> None:
    paid = await captured(provider, "pm_card_refundFail")
    refund_id = RefundId("ref_back")
    refund = await provider.gateway.refund(paid.reference, refund_id, paid.amount, key())
    await provider.bank.returns_refund(paid.reference, refund_id, refund.reference)
    returned = await provider.gateway.find_refund(paid.reference, refund_id)
    assert returned is not None
    assert returned.state is RefundState.FAILED
    again = await provider.gateway.refund(paid.reference, RefundId("ref_again"), paid.amount, key())
    assert again.amount == paid.amount


async def test_a_payment_that_nobody_disputes_has_no_disputes(provider: Provider) -> None:
    paid = await captured(provider)
    assert list(await provider.gateway.disputes(paid.reference)) == []


@pytest.mark.parametrize(
    ("end", "withdrawn"), [(DisputeState.WON, False), (DisputeState.LOST, True)], ids=["won", "lost"]
)
async def test_a_dispute_takes_the_money_until_it_is_won(
    provider: Provider, end: DisputeState, withdrawn: bool
) -> None:
    paid = await captured(provider)
    await provider.bank.disputes(paid.reference, DisputeState.OPEN)
    (dispute,) = await provider.gateway.disputes(paid.reference)
    assert (dispute.state, dispute.amount, dispute.withdrawn) == (DisputeState.OPEN, paid.amount, True)
    assert dispute.evidence_due_by is not None
    assert await provider.turns_down_refund(paid.reference, "ref_1", Money.of(1, "EUR"))
    await provider.bank.disputes(paid.reference, end)
    (decided,) = await provider.gateway.disputes(paid.reference)
    assert (decided.reference, decided.state, decided.withdrawn) == (dispute.reference, end, withdrawn)


async def test_an_inquiry_takes_no_money(provider: Provider) -> None:
    paid = await captured(provider)
    await provider.bank.disputes(paid.reference, DisputeState.INQUIRY)
    (inquiry,) = await provider.gateway.disputes(paid.reference)
    assert (inquiry.state, inquiry.withdrawn) == (DisputeState.INQUIRY, False)


async def test_a_refund_is_found_by_our_id_and_never_exceeds_the_capture(provider: Provider) -> None:
    authorized = await provider.gateway.create(asking(WORKS), key())
    await provider.outcome(await provider.gateway.capture(authorized.reference, authorized.amount, key()))
    part, refund_id = Money.of(500, "EUR"), RefundId("ref_part")
    told = await provider.gateway.refund(authorized.reference, refund_id, part, key())
    refund = await provider.outcome_of_refund(authorized.reference, refund_id, told)
    assert (refund.state, refund.amount) == (RefundState.SUCCEEDED, part)
    found = await provider.gateway.find_refund(authorized.reference, refund_id)
    assert found is not None
    assert found.reference == refund.reference
    assert await provider.gateway.find_refund(authorized.reference, RefundId("ref_other")) is None
    assert await provider.gateway.refunds(authorized.reference) == {refund_id: found}
    assert await provider.turns_down_refund(authorized.reference, "ref_all", authorized.amount)
