"""Sales and refunds as a tax service is told of them."""

from datetime import UTC, datetime

from domain.address import Address
from domain.identifiers import OrderId, RefundId, Sku
from domain.money import Money
from domain.tax_report import ReportedLine, TaxReport
from tests.builders import new_id
from tests.contracts.taxes.calculators import QUEENS

WHEN = datetime(2026, 11, 23, 23, 59, 59, 123456, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money.of(minor, "USD")


def a_line(sku: str = "MUG", **changes: object) -> ReportedLine:
    facts: dict[str, object] = {
        "sku": Sku(sku),
        "title": "A mug",
        "tax_code": "general",
        "quantity": 2,
        "unit_price": usd(1000),
        "discount": usd(150),
        "tax": usd(164),
    }
    return ReportedLine(**{**facts, **changes})  # type: ignore[arg-type]


def a_sale(**changes: object) -> TaxReport:
    facts: dict[str, object] = {
        "id": OrderId(new_id("ord")),
        "at": WHEN,
        "refund_of": None,
        "origin": None,
        "destination": QUEENS,
        "lines": (a_line(), a_line("TEA", tax_code="food", discount=usd(0), tax=usd(0))),
        "delivery": usd(599),
        "tax": usd(217),
        "exemption": None,
    }
    return TaxReport(**{**facts, **changes})  # type: ignore[arg-type]


def a_refund_of(sale: TaxReport, **changes: object) -> TaxReport:
    facts: dict[str, object] = {
        "id": RefundId(new_id("ref")),
        "refund_of": OrderId(sale.id),
        "lines": (a_line(quantity=1, unit_price=usd(925), discount=usd(0), tax=usd(82)),),
        "delivery": usd(0),
        "tax": usd(82),
    }
    return a_sale(**{**facts, **changes})


BERLIN = Address(country="DE", postcode="10117", city="Berlin", line1="Unter den Linden 1")
