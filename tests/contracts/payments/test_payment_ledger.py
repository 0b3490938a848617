"""The contract of `ports.payment_ledger.PaymentLedger`: the provider's lists are complete, and say whose is
what.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import pytest

from domain.dispute import DisputeState
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import PaymentSnapshot, PaymentState
from domain.period import Period
from domain.refund import RefundState
from domain.shop import CaptureMethod
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund, ListPage
from tests.contracts.payments.conftest import Provider
from tests.contracts.payments.requests import asking, key

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

EVER: Final = Period(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
BEFORE: Final = Period(since=EVER.since, until=EVER.since + timedelta(days=1))
AFTER: Final = Period(since=EVER.until - timedelta(days=1), until=EVER.until)
WORKS: Final = "pm_card_visa"
CENT: Final = Money.of(1, "EUR")
# More than fit on one page of a provider's list.
MANY: Final = 103
T = TypeVar("T", ListedPayment, ListedRefund, ListedDispute)


async def all_of(pages: AsyncIterator[ListPage[T]]) -> tuple[list[T], int]:
    """Everything on the list, and how much of others was on it."""
    read = [page async for page in pages]
    return [record for page in read for record in page.listed], sum(page.others for page in read)


async def paid(provider: Provider) -> PaymentSnapshot:
    return await provider.gateway.create(asking(WORKS, capture_method=CaptureMethod.AUTOMATIC), key())


async def test_a_payment_is_listed_with_our_ids_in_its_present_state(provider: Provider) -> None:
    request = asking(WORKS)
    created = await provider.gateway.create(request, key())
    await provider.outcome(await provider.gateway.capture(created.reference, created.amount, key()))
    (listed,), others = await all_of(provider.gateway.payments_created(EVER))
    assert others == 0
    assert (listed.payment_id, listed.order_id) == (request.payment_id, request.order_id)
    assert EVER.covers(listed.created_at)
    snapshot = listed.snapshot
    assert (snapshot.reference, snapshot.state) == (created.reference, PaymentState.CAPTURED)
    assert snapshot.received == request.amount
    assert snapshot == await provider.gateway.retrieve(created.reference)


async def test_payments_that_are_not_ours_are_counted_and_no_more(provider: Provider) -> None:
    await provider.bank.charges_for_another(Money.of(700, "EUR"))
    await provider.bank.charges_for_another(Money.of(700, "USD"))
    ours = await paid(provider)
    (listed,), others = await all_of(provider.gateway.payments_created(EVER))
    assert (listed.snapshot.reference, others) == (ours.reference, 2)


async def test_all_pages_are_read_newest_first_and_nothing_comes_twice(provider: Provider) -> None:
    made = [(await provider.gateway.create(asking(), key())).reference for _ in range(MANY)]
    pages = [page async for page in provider.gateway.payments_created(EVER)]
    assert len(pages) == 2
    assert [payment.snapshot.reference for page in pages for payment in page.listed] == made[::-1]


async def test_a_refund_is_listed_with_our_id_and_its_payment(provider: Provider) -> None:
    payment = await paid(provider)
    refund = await provider.gateway.refund(payment.reference, RefundId("ref_1"), Money.of(500, "EUR"), key())
    (listed,), others = await all_of(provider.gateway.refunds_created(EVER))
    assert others == 0
    assert (listed.refund_id, listed.payment_reference) == ("ref_1", payment.reference)
    assert listed.snapshot == refund
    assert EVER.covers(listed.created_at)


async def test_a_refund_that_came_back_is_listed_as_failed(provider: Provider) -> None:
    payment = await provider.gateway.create(
        asking("pm_card_refundFail", capture_method=CaptureMethod.AUTOMATIC), key()
    )
    refund = await provider.gateway.refund(payment.reference, RefundId("ref_1"), CENT, key())
    await provider.bank.returns_refund(payment.reference, RefundId("ref_1"), refund.reference)
    (listed,), _ = await all_of(provider.gateway.refunds_created(EVER))
    assert listed.snapshot.state is RefundState.FAILED


async def test_a_refund_made_at_the_providers_desk_is_listed_without_an_id(provider: Provider) -> None:
    payment = await paid(provider)
    reference = await provider.bank.refunds_by_hand(payment.reference, CENT)
    (listed,), _ = await all_of(provider.gateway.refunds_created(EVER))
    assert listed.refund_id is None
    assert (listed.payment_reference, listed.snapshot.reference) == (payment.reference, reference)
    assert (listed.snapshot.amount, listed.snapshot.state) == (CENT, RefundState.SUCCEEDED)


async def test_many_refunds_are_all_listed(provider: Provider) -> None:
    payment = await paid(provider)
    for number in range(MANY):
        await provider.gateway.refund(payment.reference, RefundId(f"ref_{number}"), CENT, key())
    listed, _ = await all_of(provider.gateway.refunds_created(EVER))
    assert {refund.refund_id for refund in listed} == {f"ref_{number}" for number in range(MANY)}


async def test_a_dispute_is_listed_with_its_payment_in_its_present_state(provider: Provider) -> None:
    payment = await paid(provider)
    await paid(provider)
    await provider.bank.disputes(payment.reference, DisputeState.OPEN)
    (listed,), others = await all_of(provider.gateway.disputes_created(EVER))
    assert (listed.payment_reference, others) == (payment.reference, 0)
    assert listed.snapshot == (await provider.gateway.disputes(payment.reference))[0]
    assert (listed.snapshot.state, listed.snapshot.withdrawn) == (DisputeState.OPEN, True)
    assert EVER.covers(listed.created_at)
    await provider.bank.disputes(payment.reference, DisputeState.WON)
    (decided,), _ = await all_of(provider.gateway.disputes_created(EVER))
    assert (decided.snapshot.state, decided.created_at) == (DisputeState.WON, listed.created_at)


@pytest.mark.parametrize("elsewhen", [BEFORE, AFTER], ids=["before", "after"])
async def test_another_time_is_another_list(provider: Provider, elsewhen: Period) -> None:
    payment = await paid(provider)
    await provider.gateway.refund(payment.reference, RefundId("ref_1"), CENT, key())
    assert await all_of(provider.gateway.payments_created(elsewhen)) == ([], 0)
    assert await all_of(provider.gateway.refunds_created(elsewhen)) == ([], 0)
    other = await paid(provider)
    await provider.bank.disputes(other.reference, DisputeState.OPEN)
    assert await all_of(provider.gateway.disputes_created(elsewhen)) == ([], 0)


async def test_a_period_ends_before_its_last_second(provider: Provider) -> None:
    payment = await paid(provider)
    (listed,), _ = await all_of(provider.gateway.payments_created(EVER))
    second = timedelta(seconds=1)
    up_to = Period(since=EVER.since, until=listed.created_at)
    from_then_on = Period(since=listed.created_at, until=listed.created_at + second)
    assert await all_of(provider.gateway.payments_created(up_to)) == ([], 0)
    (again,), _ = await all_of(provider.gateway.payments_created(from_then_on))
    assert again.snapshot.reference == payment.reference
