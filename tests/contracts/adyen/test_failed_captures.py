"""Money that Adyen told as captured and then as failed: in any order, whoever asked for the capture, and on
the list of the night in which it was told.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Final

import httpx
import pytest

from adapters.adyen.answers import Agreed, Answer, Item, Tried, encoded, kept
from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.wire import token
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.in_memory.provider_records import InMemoryProviderRecords
from adapters.system_clock import SystemClock
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payment import PaymentSnapshot, PaymentState
from domain.period import Period
from domain.shop import CaptureMethod
from ports.payments import WebhookNotice
from ports.provider_records import ProviderAnswer
from tests.contracts.adyen.specification import Specification, needed
from tests.contracts.adyen.test_history import (
    AGREED,
    AUTHORISED,
    CAPTURE_ASKED,
    CAPTURED,
    NOW,
    PAID,
    TEN,
    event,
    told,
)
from tests.contracts.payments.adyen import adyen_at, captured_by, settings_at
from tests.contracts.payments.requests import asking, key
from tests.sandbox.server import RunningSandbox

FAILED: Final = event("CAPTURE_FAILED", "CAP")
AUTOMATIC: Final = Agreed("pay_1", "ord_1", TEN, CaptureMethod.AUTOMATIC)
PAID_AT_ONCE: Final = Tried("PSP", "Authorised", agreed=AUTOMATIC)
BY_SEPA: Final = Tried("PSP", "Received", agreed=AGREED, method="sepadirectdebit")
REFUNDED: Final = event("REFUND", "REF")
BY_HAND: Final = event("CAPTURE", "CAP2")
TAKEN_BACK: Final = event("CHARGEBACK", "DSP")


def money(snapshot: PaymentSnapshot) -> tuple[PaymentState, int, int]:
    failed = snapshot.failed.minor if snapshot.failed is not None else 0
    return snapshot.state, snapshot.received.minor, failed


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((PAID, CAPTURE_ASKED, CAPTURED, FAILED), (PaymentState.AUTHORIZED, 0, 1000)),
        ((PAID, CAPTURED, FAILED, event("CAPTURE", "CAP2")), (PaymentState.CAPTURED, 1000, 1000)),
        ((PAID, CAPTURED, FAILED, event("CANCELLATION", "CAN")), (PaymentState.VOIDED, 0, 1000)),
        # Nobody was told of the capture, so nobody takes it for money.
        ((PAID, CAPTURE_ASKED, FAILED), (PaymentState.AUTHORIZED, 0, 0)),
        ((PAID, CAPTURED, event("CAPTURE_FAILED", "OTHER")), (PaymentState.CAPTURED, 1000, 0)),
        # What takes money by itself is no promise once that has failed: it is not to be captured again.
        ((PAID_AT_ONCE, AUTHORISED, FAILED), (PaymentState.VOIDED, 0, 1000)),
        ((PAID_AT_ONCE, AUTHORISED, CAPTURED), (PaymentState.CAPTURED, 1000, 0)),
        ((PAID_AT_ONCE, AUTHORISED, CAPTURED, FAILED), (PaymentState.VOIDED, 0, 1000)),
        (
            (BY_SEPA, event("AUTHORISATION", payment_method="sepadirectdebit"), FAILED),
            (PaymentState.VOIDED, 0, 1000),
        ),
        # What somebody captures by hand afterwards is there, whether or not the first was told as a capture.
        ((PAID_AT_ONCE, AUTHORISED, FAILED, BY_HAND), (PaymentState.CAPTURED, 1000, 1000)),
        ((PAID_AT_ONCE, CAPTURED, FAILED, BY_HAND), (PaymentState.CAPTURED, 1000, 1000)),
        ((PAID_AT_ONCE, FAILED, BY_HAND, event("CAPTURE_FAILED", "CAP2")), (PaymentState.VOIDED, 0, 2000)),
        # Money that went back, or that a bank took, had come.
        ((PAID, CAPTURED, REFUNDED), (PaymentState.CAPTURED, 1000, 0)),
        ((PAID, CAPTURED, TAKEN_BACK), (PaymentState.CAPTURED, 1000, 0)),
        ((PAID, CAPTURED, REFUNDED, event("REFUND_FAILED", "REF")), (PaymentState.CAPTURED, 1000, 0)),
    ],
)
def test_the_order_in_which_a_failed_capture_is_told_changes_nothing(
    said: tuple[Answer | Item, ...], expected: tuple[PaymentState, int, int]
) -> None:
    twice: list[Answer | Item] = [*said, *said[-1:]]
    for shuffled in permutations(twice):
        assert money(told(shuffled)) == expected


LATER: Final = NOW + timedelta(days=5)
THAT_NIGHT: Final = Period(since=LATER - timedelta(days=1), until=LATER + timedelta(days=1))


async def kept_records(said: Sequence[Answer]) -> InMemoryProviderRecords:
    records = InMemoryProviderRecords()
    for number, answer in enumerate(said):
        body = encoded(answer)
        its = ProviderAnswer(
            id=f"att_{number}", payment_id=PaymentId("pay_1"), reference="PSP", told_at=NOW, body=body
        )
        await records.keep("adyen", its)
    return records


def deliver(records: InMemoryProviderRecords, items: Iterable[Item], at: datetime) -> None:
    for item in items:
        notice = WebhookNotice(
            provider="adyen",
            event_id=item.event_id,
            event_type=item.event_code,
            payment_reference="pay_1",
            kept=kept(item),
        )
        records.deliver(notice, at)


async def listed(records: InMemoryProviderRecords) -> list[tuple[PaymentState, int, int]]:
    settings = settings_at("https://adyen.test")
    async with httpx.AsyncClient() as http:
        gateway = AdyenPaymentGateway(http, settings, records, SystemClock(), InMemoryErrorReports())
        pages = [page async for page in gateway.payments_created(THAT_NIGHT)]
    return [money(each.snapshot) for page in pages for each in page.listed]


async def test_money_that_fails_days_later_is_on_the_list_of_that_night() -> None:
    records = await kept_records([PAID, CAPTURE_ASKED])
    deliver(records, [CAPTURED], NOW)
    assert await listed(records) == []
    deliver(records, [FAILED], LATER)
    assert await listed(records) == [(PaymentState.AUTHORIZED, 0, 1000)]


@needed
async def test_the_sandbox_fails_a_capture_as_adyen_does(vendors: RunningSandbox) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        paid = await captured_by(gateway, bank)
        assert paid.received == paid.amount
        await bank.captures_fail(paid.reference)
        failed = await gateway.retrieve(paid.reference)
    assert (failed.received, failed.failed) == (Money.zero(paid.amount.currency), paid.amount)
    (text,) = vendors.control.get("/_control/adyen/notifications").json()[-1:]
    assert Specification().webhook_problems("CAPTURE_FAILED", json.loads(text)) == []


async def test_money_of_a_bank_of_the_shoppers_own_can_fail_as_well(vendors: RunningSandbox) -> None:
    async with adyen_at(vendors) as (gateway, bank):
        request = asking(token({"paymentMethod": {"type": "ideal"}}))
        paid = await gateway.create(request, key())
        await bank.agrees(paid.reference)
        assert (await gateway.retrieve(paid.reference)).state is PaymentState.CAPTURED
        await bank.captures_fail(paid.reference)
        failed = await gateway.retrieve(paid.reference)
    assert (failed.state, failed.received.minor, failed.failed) == (PaymentState.VOIDED, 0, request.amount)
