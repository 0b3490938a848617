"""What a reconciliation gets to see of payments that Adyen speaks of again long after they began."""

from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from adapters.adyen.answers import Answer, Item, encoded, kept
from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.settings import AdyenSettings
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.in_memory.provider_records import InMemoryProviderRecords
from adapters.system_clock import SystemClock
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payment import PaymentState
from domain.period import Period
from ports.payments import WebhookNotice
from ports.provider_records import ProviderAnswer
from tests.contracts.adyen.test_history import CAPTURE_ASKED, CAPTURED, PAID, event

BEGUN_AT: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
FIVE_DAYS_LATER: Final = BEGUN_AT + timedelta(days=5)
THAT_NIGHT: Final = Period(
    since=FIVE_DAYS_LATER - timedelta(days=1), until=FIVE_DAYS_LATER + timedelta(days=1)
)
SETTINGS: Final = AdyenSettings(
    api_key="AQE",
    merchant_account="FastCart",
    client_key="test",
    hmac_keys=("00",),
    base_url="https://a.test",
)


async def paid_at(moment: datetime) -> InMemoryProviderRecords:
    records = InMemoryProviderRecords()
    said: tuple[Answer, ...] = (PAID, CAPTURE_ASKED)
    for number, answer in enumerate(said):
        told = ProviderAnswer(
            id=f"att_{number}",
            payment_id=PaymentId("pay_1"),
            reference="PSP",
            told_at=moment,
            body=encoded(answer),
        )
        await records.keep("adyen", told)
    tell(records, CAPTURED, moment)
    return records


def tell(records: InMemoryProviderRecords, item: Item, at: datetime) -> None:
    notice = WebhookNotice(
        provider="adyen",
        event_id=f"{item.event_code}-{at:%d}",
        event_type=item.event_code,
        payment_reference="pay_1",
        kept=kept(item),
    )
    records.deliver(notice, at)


async def received(records: InMemoryProviderRecords, period: Period) -> list[tuple[PaymentState, Money]]:
    async with httpx.AsyncClient() as http:
        gateway = AdyenPaymentGateway(http, SETTINGS, records, SystemClock(), InMemoryErrorReports())
        pages = [page async for page in gateway.payments_created(period)]
    return [(each.snapshot.state, each.snapshot.received) for page in pages for each in page.listed]


async def test_money_that_is_told_as_failed_days_later_is_listed_on_that_day() -> None:
    records = await paid_at(BEGUN_AT)
    assert await received(records, THAT_NIGHT) == []
    tell(records, event("CAPTURE_FAILED", "CAP"), FIVE_DAYS_LATER)
    assert await received(records, THAT_NIGHT) == [(PaymentState.AUTHORIZED, Money.of(0, "EUR"))]


async def test_an_older_payment_that_is_spoken_of_again_is_as_it_was() -> None:
    records = await paid_at(BEGUN_AT)
    tell(records, event("REFUND", "REF"), FIVE_DAYS_LATER)
    assert await received(records, THAT_NIGHT) == [(PaymentState.CAPTURED, Money.of(1000, "EUR"))]
