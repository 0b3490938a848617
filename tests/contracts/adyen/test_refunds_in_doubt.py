"""Refunds whose answer was lost: what Adyen made of them is found again, and none is made a second time."""

from itertools import permutations
from typing import Final

import pytest

from adapters.adyen.amounts import to_adyen
from adapters.adyen.answers import Answer, Entry, Item, Modified
from adapters.adyen.history import CAPTURES, history
from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.snapshots import refund_snapshots
from domain.identifiers import AttemptId, RefundId, prefixed
from domain.refund import RefundState
from ports.errors import OutcomeUnknown, Rejected
from ports.payments import PaymentRequest
from tests.contracts.adyen.test_history import CAPTURED, NOW, PAID, TEN, event
from tests.contracts.adyen.test_stray_holds import tries_of
from tests.contracts.payments.adyen import AdyenBank, adyen_at
from tests.contracts.payments.requests import asking, key
from tests.sandbox.server import RunningSandbox

OURS: Final = RefundId(prefixed("ref", 7))
REFUNDED: Final = event("REFUND", "REF", merchant_reference=OURS)


def refunds_told(said: tuple[Answer | Item, ...]) -> dict[RefundId, tuple[str, RefundState]]:
    story = history([Entry(str(i), NOW, each) for i, each in enumerate(said)])
    assert story is not None
    return {key: (refund.reference, refund.state) for key, refund in refund_snapshots(story).items()}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((REFUNDED,), RefundState.SUCCEEDED),
        ((REFUNDED, Modified("refunds", "REF", "PSP", TEN, OURS)), RefundState.SUCCEEDED),
        ((event("REFUND", "REF", success=False, merchant_reference=OURS),), RefundState.FAILED),
        ((REFUNDED, event("REFUND_FAILED", "REF")), RefundState.FAILED),
        # Another try of it, after the first had failed: the one that stands counts.
        ((event("REFUND_FAILED", "FIRST", merchant_reference=OURS), REFUNDED), RefundState.SUCCEEDED),
    ],
)
def test_a_refund_is_known_by_the_reference_that_we_gave_it(
    said: tuple[Answer | Item, ...], state: RefundState
) -> None:
    for shuffled in permutations((CAPTURED, *said)):
        assert refunds_told((PAID, *shuffled)) == {OURS: ("REF", state)}


@pytest.mark.parametrize("reference", ["", "ord_1", "ref_by_hand", "YOUR_MERCHANT_REFERENCE"])
def test_a_reference_of_somebody_elses_makes_no_refund_ours(reference: str) -> None:
    assert refunds_told((PAID, CAPTURED, event("REFUND", "REF", merchant_reference=reference))) == {}


async def captured_tries(gateway: AdyenPaymentGateway, bank: AdyenBank, count: int) -> PaymentRequest:
    request = asking("pm_card_visa")
    for _ in range(count):
        await gateway.create(request, key())
    for each in bank.tries(request.payment_id):
        await gateway._modified(request.payment_id, CAPTURES, each, key(), to_adyen(request.amount))
    await bank.everything_is_carried_out()
    return request


async def refund_is_lost(
    vendors: RunningSandbox, gateway: AdyenPaymentGateway, request: PaymentRequest, attempt: AttemptId
) -> None:
    """Its answer, not the refund."""
    vendors.fault("payments.refunds", "lost", vendor="adyen", times=4)
    with pytest.raises(OutcomeUnknown):
        await gateway.refund(request.payment_id, OURS, request.amount, attempt)
    vendors.control.delete("/_control/faults").raise_for_status()


def refunded(vendors: RunningSandbox, request: PaymentRequest) -> list[int]:
    return [each["refunded"] for each in tries_of(vendors, request.payment_id)]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("is_told_first", [True, False])
async def test_a_refund_in_doubt_is_no_failure_and_no_second_one_because_its_capture_failed(
    vendors: RunningSandbox, count: int, *, is_told_first: bool
) -> None:
    """Whether its webhook comes before the repeat or after it."""
    async with adyen_at(vendors) as (gateway, bank):
        request = await captured_tries(gateway, bank, count)
        attempt = key()
        await refund_is_lost(vendors, gateway, request, attempt)
        if is_told_first:
            await bank.everything_is_carried_out()
        bank.capture_fails(bank.tries(request.payment_id)[0])
        await gateway.refund(request.payment_id, OURS, request.amount, attempt)
        await bank.everything_is_carried_out()
        assert list(await gateway.refunds(request.payment_id)) == [OURS]
    made = request.amount.minor if is_told_first else 0
    assert refunded(vendors, request) == [made, 0][:count]


async def test_a_refund_in_doubt_goes_to_the_same_try_again(vendors: RunningSandbox) -> None:
    """Although the other one has more left by now."""
    async with adyen_at(vendors) as (gateway, bank):
        request = await captured_tries(gateway, bank, 2)
        attempt = key()
        await refund_is_lost(vendors, gateway, request, attempt)
        await bank.everything_is_carried_out()
        made = await gateway.refund(request.payment_id, OURS, request.amount, attempt)
        assert (await gateway.find_refund(request.payment_id, OURS)) == made
        await bank.everything_is_carried_out()
    assert refunded(vendors, request) == [request.amount.minor, 0]


async def test_a_refund_that_stands_is_not_made_again_under_another_key(vendors: RunningSandbox) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request = await captured_tries(gateway, bank, 2)
        await refund_is_lost(vendors, gateway, request, key())
        await bank.everything_is_carried_out()
        await gateway.refund(request.payment_id, OURS, request.amount, key())
        await bank.everything_is_carried_out()
    assert refunded(vendors, request) == [request.amount.minor, 0]


async def test_a_refund_that_failed_is_made_under_another_key_where_there_is_money(
    vendors: RunningSandbox,
) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request = await captured_tries(gateway, bank, 2)
        await gateway.refund(request.payment_id, OURS, request.amount, key())
        bank.capture_fails(bank.tries(request.payment_id)[0])
        await bank.everything_is_carried_out()
        failed = await gateway.find_refund(request.payment_id, OURS)
        assert failed is not None
        assert failed.state is RefundState.FAILED
        await gateway.refund(request.payment_id, OURS, request.amount, key())
        await bank.everything_is_carried_out()
    assert refunded(vendors, request) == [0, request.amount.minor]


async def test_only_where_nothing_was_ever_captured_is_a_refund_refused_unasked(
    vendors: RunningSandbox,
) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request = asking("pm_card_visa")
        await gateway.create(request, key())
        with pytest.raises(Rejected, match="nothing_captured"):
            await gateway.refund(request.payment_id, OURS, request.amount, key())
        await gateway.capture(request.payment_id, request.amount, key())
        await bank.everything_is_carried_out()
        await bank.captures_fail(request.payment_id)
        await gateway.refund(request.payment_id, OURS, request.amount, key())
        await bank.everything_is_carried_out()
        refused = await gateway.find_refund(request.payment_id, OURS)
    assert refused is not None
    assert refused.state is RefundState.FAILED
