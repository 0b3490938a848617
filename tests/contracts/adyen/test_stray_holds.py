"""Authorizations at Adyen that nothing goes by: of one payment's tries the stray one is cancelled, by its own
reference.
"""

from dataclasses import replace
from typing import Any

from domain.payment import PaymentState
from tests.contracts.payments.adyen import adyen_at
from tests.contracts.payments.requests import asking, key
from tests.sandbox.server import RunningSandbox


def tries_of(vendors: RunningSandbox, payment_id: str) -> list[dict[str, Any]]:
    payments: list[dict[str, Any]] = vendors.control.get("/_control/adyen/payments").json()
    return [payment for payment in payments if payment["payment_id"] == payment_id]


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
        request = asking("pm_card_visa")
        paid = await gateway.create(request, key())
        await gateway.capture(paid.reference, request.amount, key())
        await bank.everything_is_carried_out()
        await bank.captures_fail(paid.reference)
        assert not (await gateway.retrieve(paid.reference)).holds_stray
