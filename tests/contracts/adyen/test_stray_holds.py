"""Authorizations at Adyen that nothing goes by: of one payment's tries the stray one is cancelled, by its own
reference.
"""

from dataclasses import replace
from itertools import permutations
from typing import Any, Final

import pytest
from msgspec import structs

from adapters.adyen.answers import Answer, GivenUp, Item, Modified, Tried
from adapters.adyen.payment_gateway import AdyenPaymentGateway
from domain.payment import PaymentState
from ports.payments import PaymentRequest
from tests.contracts.adyen.test_history import CAPTURED, PAID, TEN, event, told
from tests.contracts.payments.adyen import AdyenBank, adyen_at, captured_by
from tests.contracts.payments.requests import asking, key
from tests.sandbox.server import RunningSandbox


def tries_of(vendors: RunningSandbox, payment_id: str) -> list[dict[str, Any]]:
    payments: list[dict[str, Any]] = vendors.control.get("/_control/adyen/payments").json()
    return [payment for payment in payments if payment["payment_id"] == payment_id]


def of_other(code: str, reference: str) -> Item:
    return structs.replace(event(code, reference), original_reference="OTHER")


async def test_of_two_authorized_tries_the_one_that_was_not_captured_is_cancelled(
    vendors: RunningSandbox,
) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request = asking("pm_card_visa")
        paid = await gateway.create(request, key())
        assert not (await gateway.create(request, key())).holds_stray
        await gateway.capture(paid.reference, request.amount, key())
        await bank.everything_is_carried_out()
        assert (await gateway.retrieve(paid.reference)).holds_stray
        its_key = key()
        for _ in range(2):
            cancelling = await gateway.void(paid.reference, its_key)
            assert (cancelling.state, cancelling.is_changing) == (PaymentState.CAPTURED, True)
        await bank.everything_is_carried_out()
        after = await gateway.retrieve(paid.reference)
    assert (after.state, after.received, after.holds_stray) == (PaymentState.CAPTURED, request.amount, False)
    tries = tries_of(vendors, request.payment_id)
    assert [(each["captured"], each["is_cancelled"]) for each in tries] == [
        (request.amount.minor, False),
        (0, True),
    ]


async def test_an_authorization_after_the_payment_was_given_up_is_cancelled(vendors: RunningSandbox) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request = asking()
        begun = await gateway.create(request, key())
        assert (await gateway.void(begun.reference, key())).state is PaymentState.VOIDED
        late = replace(request, instrument=asking("pm_card_visa").instrument)
        await gateway.create(late, key())
        stray = await gateway.retrieve(begun.reference)
        assert stray.holds_stray
        assert (await gateway.void(begun.reference, key())).is_changing
        await bank.everything_is_carried_out()
        after = await gateway.retrieve(begun.reference)
    assert (after.state, after.holds_stray) == (PaymentState.VOIDED, False)
    assert [each["is_cancelled"] for each in tries_of(vendors, request.payment_id)] == [True]


async def test_a_payment_whose_only_capture_failed_holds_nothing_stray(vendors: RunningSandbox) -> None:
    """Its authorization is what a person can still capture."""
    async with adyen_at(vendors) as (gateway, bank):
        paid = await captured_by(gateway, bank)
        await bank.captures_fail(paid.reference)
        assert not (await gateway.retrieve(paid.reference)).holds_stray


FAILED: Final = event("CAPTURE_FAILED", "CAP")
OTHER_PAID: Final = Tried("OTHER", "Authorised")
OTHER_CANCELLED: Final = of_other("CANCELLATION", "CAN")


@pytest.mark.parametrize(
    ("said", "is_stray"),
    [
        ((PAID, OTHER_PAID, CAPTURED), True),
        ((PAID, OTHER_PAID, CAPTURED, OTHER_CANCELLED), False),
        ((PAID, OTHER_PAID, CAPTURED, OTHER_CANCELLED, FAILED), False),
        ((PAID, Modified("captures", "CAP", "PSP", TEN), OTHER_PAID, OTHER_CANCELLED, FAILED), False),
        ((PAID, OTHER_PAID, CAPTURED, FAILED), False),
        # The other one brought the money instead, or nobody wants any.
        ((PAID, OTHER_PAID, CAPTURED, FAILED, of_other("CAPTURE", "CAP2")), True),
        ((PAID, CAPTURED, FAILED, GivenUp()), True),
        # A third one is as stray beside a failed capture as it was before.
        ((PAID, OTHER_PAID, CAPTURED, FAILED, OTHER_CANCELLED, Tried("THIRD", "Authorised")), True),
    ],
)
def test_what_a_person_can_still_capture_is_not_stray_whatever_became_of_the_others(
    said: tuple[Answer | Item, ...], *, is_stray: bool
) -> None:
    for shuffled in permutations(said[1:]):
        assert told([said[0], *shuffled]).holds_stray is is_stray


async def paid_beside_a_stray(
    gateway: AdyenPaymentGateway, bank: AdyenBank
) -> tuple[PaymentRequest, list[str]]:
    """The first of two authorized tries is captured."""
    request = asking("pm_card_visa")
    for _ in range(2):
        await gateway.create(request, key())
    await gateway.capture(request.payment_id, request.amount, key())
    await bank.everything_is_carried_out()
    assert (await gateway.retrieve(request.payment_id)).holds_stray
    return request, bank.tries(request.payment_id)


async def test_a_void_that_was_meant_for_a_stray_leaves_alone_what_failed_meanwhile(
    vendors: RunningSandbox,
) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request, (captured, _) = await paid_beside_a_stray(gateway, bank)
        bank.capture_fails(captured)
        answered = await gateway.void(request.payment_id, key())
        await bank.everything_is_carried_out()
    assert (answered.state, answered.is_changing) == (PaymentState.AUTHORIZED, False)
    assert [each["is_cancelled"] for each in tries_of(vendors, request.payment_id)] == [False, False]


async def test_a_stray_that_was_cancelled_makes_none_of_what_fails_later(vendors: RunningSandbox) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request, (captured, _) = await paid_beside_a_stray(gateway, bank)
        await gateway.void(request.payment_id, key())
        await bank.everything_is_carried_out()
        bank.capture_fails(captured)
        assert not (await gateway.retrieve(request.payment_id)).holds_stray
        await gateway.void(request.payment_id, key())
        await bank.everything_is_carried_out()
    assert [each["is_cancelled"] for each in tries_of(vendors, request.payment_id)] == [False, True]


async def test_a_payment_of_one_try_whose_capture_failed_can_be_given_up(vendors: RunningSandbox) -> None:
    """As of an order that never took it for paid: no void of it can be meant for another try."""
    async with adyen_at(vendors) as (gateway, bank):
        paid = await captured_by(gateway, bank)
        await bank.captures_fail(paid.reference)
        await gateway.void(paid.reference, key())
        await bank.everything_is_carried_out()
        assert (await gateway.retrieve(paid.reference)).state is PaymentState.VOIDED
