"""TaxJar's books: what is written is valid by its types, what was recorded is read, and each status has its
meaning.
"""

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from adapters.taxjar.report_wire import ids_shown, is_same, shown
from domain.address import Address
from domain.identifiers import OrderId, RefundId, Sku
from domain.money import Money
from domain.tax import TaxExemption
from domain.tax_report import ReportedLine, TaxReport
from domain.values import replace
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contracts.taxes.reports import BERLIN, WHEN, a_refund_of, a_sale
from tests.contracts.taxjar.wire import Answer, problems, says, wired
from tests.contracts.vendor_papers import needs, read

SALE = a_sale()
REFUND = a_refund_of(SALE)
DUPLICATE = {"status": 422, "error": "Unprocessable Entity", "detail": "Provider tranx already imported"}


def usd(minor: int) -> Money:
    return Money.of(minor, "USD")


def on_record() -> TaxReport:
    """The sale that was recorded: three products of 10.00, one of them twice."""
    lines = tuple(
        ReportedLine(
            sku=Sku(f"SKU-{number}"),
            title="Product",
            tax_code="TaxCode - 34067",
            quantity=quantity,
            unit_price=usd(1000),
            discount=usd(0),
            tax=usd(89 * quantity),
        )
        for number, quantity in ((1, 1), (2, 1), (3, 2))
    )
    return TaxReport(
        id=OrderId("R925733488"),
        at=datetime(2024, 1, 26, 21, 12, 59, tzinfo=UTC),
        refund_of=None,
        origin=None,
        destination=Address(country="US", region="NY", postcode="11430"),
        lines=lines,
        delivery=usd(0),
        tax=usd(356),
        exemption=None,
    )


def script(**answers: tuple[int, object]) -> Answer:
    """By method: `script(POST=(422, …), GET=(200, …))`."""

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = answers[request.method]
        return httpx.Response(status, json=body)

    return answer


@needs("taxjar")
@pytest.mark.parametrize("name", ["recorded/orders.create.201.json", "recorded/orders.show.200.json"])
def test_a_recorded_sale_is_the_same(name: str) -> None:
    there = shown(json.dumps(read("taxjar", name)["response"]["body"]).encode())
    assert there is not None
    assert is_same(on_record(), there)
    assert not is_same(replace(on_record(), tax=usd(355)), there)


@needs("taxjar")
def test_a_recorded_refund_is_the_same_though_it_is_negative() -> None:
    body = read("taxjar", "recorded/refunds.create.201.negative.json")["response"]["body"]
    there = shown(json.dumps(body).encode())
    assert there is not None
    refund = replace(on_record(), id=RefundId("R925733488-REFUND"), refund_of=OrderId("R925733488"))
    assert is_same(refund, there)


@needs("taxjar")
def test_the_samples_are_read() -> None:
    for name in ("samples/order.json", "samples/refund.json"):
        there = shown(json.dumps(read("taxjar", name)["response"]["body"]).encode())
        assert there is not None
        assert there.exemption_type == "non_exempt"
    listed = read("taxjar", "samples/orders.json")["response"]["body"]
    assert ids_shown(json.dumps(listed).encode()) == {"123", "456"}


@needs("taxjar")
@pytest.mark.parametrize(
    ("report", "definition"),
    [
        (SALE, "CreateOrderParams"),
        (REFUND, "CreateRefundParams"),
        (replace(SALE, origin=BERLIN, destination=BERLIN), "CreateOrderParams"),
        (replace(SALE, exemption=TaxExemption.WHOLESALE, lines=()), "CreateOrderParams"),
        (replace(SALE, destination=Address(country="DE")), "CreateOrderParams"),
    ],
    ids=["a sale", "a refund", "in Germany", "exempt", "a country alone"],
)
async def test_what_is_written_is_valid_by_taxjars_own_types(report: TaxReport, definition: str) -> None:
    async with wired(says(201, {})) as taxjar:
        await taxjar.reports.report(report)
    (request,), (body,) = taxjar.sent, taxjar.bodies
    kind = "refunds" if report.refund_of else "orders"
    assert (request.method, request.url.path) == ("POST", f"/v2/transactions/{kind}")
    assert problems(definition, body) == []
    nets = [line["quantity"] * line["unit_price"] - line["discount"] for line in body["line_items"]]
    assert round(body["amount"] * 100) == round((sum(nets) + body["shipping"]) * 100)
    assert "marked" not in json.dumps(body).lower().replace("a marked road", "")


@needs("taxjar")
async def test_a_repeat_is_read_and_left_alone_where_it_is_the_same() -> None:
    there = read("taxjar", "recorded/orders.show.200.json")["response"]["body"]
    duplicate = read("taxjar", "recorded/refunds.create.422.duplicate.json")["response"]["body"]
    async with wired(script(POST=(422, duplicate), GET=(200, there))) as taxjar:
        await taxjar.reports.report(on_record())
    assert [request.method for request in taxjar.sent] == ["POST", "GET"]


@needs("taxjar")
async def test_a_repeat_is_written_over_where_it_differs() -> None:
    there = read("taxjar", "recorded/orders.show.200.json")["response"]["body"]
    async with wired(script(POST=(422, DUPLICATE), GET=(200, there), PUT=(200, there))) as taxjar:
        await taxjar.reports.report(replace(on_record(), tax=usd(355)))
    assert [request.method for request in taxjar.sent] == ["POST", "GET", "PUT"]
    assert taxjar.sent[-1].url.path == "/v2/transactions/orders/R925733488"
    assert problems("UpdateOrderParams", taxjar.bodies[-1]) == []


async def test_what_is_refused_though_it_is_not_there_stays_refused() -> None:
    answers = script(POST=(422, DUPLICATE), GET=(404, {}), PUT=(404, {}))
    async with wired(answers) as taxjar:
        with pytest.raises(Rejected):
            await taxjar.reports.report(SALE)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        *((status, Rejected) for status in (400,)),
        *((status, Unavailable) for status in (200, 302, 401, 403, 404, 405, 406, 410, 429)),
        *((status, OutcomeUnknown) for status in (408, 500, 503)),
    ],
)
async def test_each_status_of_a_write_has_its_meaning(
    status: int, meaning: type[PortError], caplog: pytest.LogCaptureFixture
) -> None:
    body = {"status": status, "error": "marked", "detail": "A Marked Road"}
    with caplog.at_level(logging.DEBUG):
        async with wired(says(status, body)) as taxjar:
            with pytest.raises(PortError) as failure:
                await taxjar.reports.report(SALE)
    assert type(failure.value) is meaning
    assert "marked" not in f"{failure.value!r} {failure.value} {caplog.text}".lower()


async def test_a_write_in_doubt_is_not_repeated_at_once() -> None:
    async with wired(says(500, {})) as taxjar:
        with pytest.raises(OutcomeUnknown):
            await taxjar.reports.report(SALE)
    assert len(taxjar.sent) == 1


async def test_days_are_asked_for_as_taxjar_writes_them() -> None:
    async with wired(says(200, {"orders": ["a"], "refunds": ["b"]})) as taxjar:
        assert await taxjar.reports.reported(WHEN.date(), WHEN.date()) >= {"a", "b"}
    assert [request.url.path for request in taxjar.sent] == [
        "/v2/transactions/orders",
        "/v2/transactions/refunds",
    ]
    for request in taxjar.sent:
        assert dict(request.url.params) == {
            "from_transaction_date": "2026/11/23",
            "to_transaction_date": "2026/11/23",
        }


async def test_a_list_that_cannot_be_read_is_no_list() -> None:
    async with wired(says(200, {"orders": 7})) as taxjar:
        with pytest.raises(Unavailable):
            await taxjar.reports.reported(WHEN.date(), WHEN.date())


@pytest.mark.parametrize(("status", "there"), [(200, True), (404, True), (500, False), (401, False)])
async def test_a_withdrawal_is_done_when_nothing_is_left(status: int, there: bool) -> None:
    async with wired(says(status, {})) as taxjar:
        if there:
            await taxjar.reports.withdraw(RefundId(REFUND.id))
        else:
            with pytest.raises(PortError):
                await taxjar.reports.withdraw(RefundId(REFUND.id))
    assert taxjar.sent[0].method == "DELETE"
    assert taxjar.sent[0].url.path == f"/v2/transactions/refunds/{REFUND.id}"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["NaN", "1e9999", "-0.0"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FIELDS = (
    *("transaction_id", "transaction_date", "to_country", "to_zip", "amount", "shipping", "sales_tax"),
    *("line_items", "exemption_type", "transaction_reference_id"),
)


@examples(max_examples=200)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), anything, min_size=1, max_size=3))
async def test_whatever_stands_in_the_books_is_the_same_or_not(changes: dict[str, Any]) -> None:
    """Never an error that nobody expects."""
    record = {"transaction_id": SALE.id, "transaction_date": "2026-11-23T23:59:59.000Z", **changes}
    async with wired(says(200, {"order": record})) as taxjar:
        with suppress(Unavailable):
            assert not await taxjar.reports.agrees_with(SALE)
