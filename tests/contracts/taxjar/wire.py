"""TaxJar's adapter on a transport that says what it is told to, and shows what it was sent."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from adapters.resilience.policies import TAXJAR
from adapters.taxjar.tax_calculator import TaxJarTaxCalculator
from adapters.taxjar.tax_reports import TaxJarTaxReports
from domain.address import Address
from domain.identifiers import LineId
from domain.money import Money
from domain.tax import TaxableLine, TaxExemption, TaxQuestion
from tests.contracts.taxes.calculators import QUEENS, settings
from tests.contracts.vendor_calls import client_under
from tests.contracts.vendor_papers import read

Answer = Callable[[httpx.Request], httpx.Response]
URL: Final = "http://taxjar.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    calculator: TaxJarTaxCalculator
    reports: TaxJarTaxReports
    sent: list[httpx.Request] = field(default_factory=list)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.sent if request.content]


@asynccontextmanager
async def wired(answer: Answer) -> AsyncIterator[Wire]:
    sent: list[httpx.Request] = []

    def told(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answer(request)

    async with client_under(TAXJAR, transport=httpx.MockTransport(told)) as http:
        yield Wire(
            calculator=TaxJarTaxCalculator(http, settings(URL)),
            reports=TaxJarTaxReports(http, settings(URL)),
            sent=sent,
        )


def says(status: int, body: object) -> Answer:
    """Always this; bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content)


def problems(definition: str, body: object) -> list[str]:
    """What is wrong with a request by TaxJar's own types."""
    types = DRAFT202012.create_resource(read("taxjar", "request.schema.json"))
    registry: Registry[Any] = Registry().with_resource("urn:taxjar", types)
    validator = OAS31Validator({"$ref": f"urn:taxjar#/definitions/{definition}"}, registry=registry)
    return [error.message for error in validator.iter_errors(body)]


def three_lines(destination: Address = QUEENS, exemption: TaxExemption | None = None) -> TaxQuestion:
    """The question that is on record: 10.00, 10.00, and two of 10.00, delivered for nothing."""
    lines = tuple(
        TaxableLine(
            line_id=LineId(f"line_{number}"),
            tax_code="general",
            amount=Money.of(1000 * quantity, "USD"),
            quantity=quantity,
        )
        for number, quantity in enumerate((1, 1, 2))
    )
    return TaxQuestion(destination=destination, lines=lines, delivery=Money.of(0, "USD"), exemption=exemption)
