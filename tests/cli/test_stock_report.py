"""`fastcart stock-report`: what it prints, and the code that it ends with."""

from datetime import UTC, datetime

import pytest

from application.stock_report import ServiceAway, StockReport
from domain.identifiers import OrderId, Sku
from domain.period import Period
from domain.stock_comparison import StockDifference, StockFinding
from entrypoints.cli import stock_report
from entrypoints.cli.endings import NotDone
from entrypoints.cli.stock_report import report_stock
from entrypoints.settings import Settings, settings_from

PERIOD = Period(since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 12, 1, tzinfo=UTC))
INVENTORY = {
    "INVENTORY_URL": "https://127.0.0.1:1/api/v2",
    "INVENTORY_API_KEY": "inv_1",
    "INVENTORY_CLIENT_CERTIFICATE": "client.pem",
    "INVENTORY_CLIENT_KEY": "client.key",
    "INVENTORY_CA": "ca.pem",
}


def settings(database_url: str, **more: str) -> Settings:
    return settings_from({"DATABASE_URL": database_url, "FASTCART_PAYMENTS": "simulated", **more})


def a_report(*findings: StockFinding, was_compared: bool = True) -> StockReport:
    return StockReport(
        period=PERIOD, orders=7, under_way=1, was_compared=was_compared, findings=tuple(findings)
    )


def test_a_shop_without_an_inventory_service_is_told_so(database_url: str) -> None:
    with pytest.raises(NotDone, match="INVENTORY_URL"):
        report_stock(settings(database_url), None, None)


def test_a_period_that_ends_before_it_begins_is_refused(database_url: str) -> None:
    with pytest.raises(NotDone, match="until"):
        report_stock(settings(database_url, **INVENTORY), PERIOD.until, PERIOD.since)


def test_without_such_orders_nobody_has_to_look_and_nobody_is_asked(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_stock(settings(database_url, **INVENTORY), PERIOD.since, PERIOD.until) == 0
    assert "No differences." in capsys.readouterr().out


def test_what_differs_is_listed_and_somebody_has_to_look(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = StockFinding(
        order_id=OrderId("ord_1"), difference=StockDifference.TO_BOOK_BACK, sku=Sku("TEA"), pieces=2
    )

    async def reported(_: Settings, period: Period) -> StockReport:
        assert period == PERIOD
        return a_report(finding, was_compared=False)

    monkeypatch.setattr(stock_report, "_reported", reported)
    assert report_stock(settings(database_url, **INVENTORY), PERIOD.since, PERIOD.until) == 1
    told = capsys.readouterr().out
    for words in ("7 orders", "1 of them", "our own records", "ord_1", "TEA", "book it back"):
        assert words in told


def test_a_service_that_does_not_answer_is_no_agreement(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Settings, period: Period) -> StockReport:
        raise ServiceAway("client_certificate_refused")

    monkeypatch.setattr(stock_report, "_reported", away)
    with pytest.raises(NotDone, match="client_certificate_refused"):
        report_stock(settings(database_url, **INVENTORY), PERIOD.since, PERIOD.until)
