"""TaxJar's taxes: what is asked is valid by its types, what was recorded is understood, and nothing that it
might say gets past the checks or raises what nobody expects.
"""

import json
import logging
from copy import deepcopy
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from adapters.taxjar.tax_answer import answer_to
from domain.address import Address
from domain.money import Money
from domain.tax import TaxAnswer, TaxExemption, TaxQuestion, TaxRate
from domain.values import replace
from ports.errors import PortError, Rejected, Unavailable
from tests.contracts.taxes.calculators import QUEENS, SYDNEY, VANCOUVER, settings
from tests.contracts.taxjar.wire import problems, says, three_lines, wired
from tests.contracts.vendor_papers import needs, read

NEW_YORK = TaxRate(name="sales tax", rate_ppm=88_750)
ORIGIN = Address(country="US", region="NJ", postcode="07446", city="Ramsey", line1="1 Marked Road")


def recorded(name: str) -> Any:
    return read("taxjar", name)["response"]["body"]


def usd(*minors: int) -> tuple[Money, ...]:
    return tuple(Money.of(minor, "USD") for minor in minors)


async def answered(body: object, question: TaxQuestion | None = None) -> TaxAnswer:
    async with wired(says(200, body)) as taxjar:
        return await taxjar.calculator.calculate(question or three_lines())


@needs("taxjar")
async def test_the_recorded_lines_sum_to_what_is_collected() -> None:
    """0.89, 0.89 and 1.78 are 3.56; 3.55 is collected."""
    body = recorded("recorded/taxes.200.ny-three-lines.json")
    for taxed in body["tax"]["breakdown"]["line_items"]:
        # Whoever was recorded counted lines from 1.
        taxed["id"] = str(int(taxed["id"]) - 1)
    answer = await answered(body)
    assert answer.total() == Money.of(355, "USD")
    assert answer.lines == usd(89, 89, 177)
    assert answer.delivery == Money.of(0, "USD")
    assert [(part.name, part.rate_ppm, part.amount.minor) for part in answer.parts] == [
        ("sales tax", 88_750, 355)
    ]
    assert answer.service == "taxjar"
    assert answer.rates is not None
    assert answer.rates.lines == ((NEW_YORK,),) * 3


@needs("taxjar")
async def test_the_sample_of_a_taxed_delivery_is_understood() -> None:
    body = recorded("samples/taxes.json")
    body["tax"]["breakdown"]["line_items"][0]["id"] = "0"
    line = replace(three_lines().lines[0], amount=Money.of(1500, "USD"))
    question = replace(three_lines(), lines=(line,), delivery=Money.of(150, "USD"))
    answer = await answered(body, question)
    assert (answer.lines, answer.delivery.minor) == (usd(105), 11)


@needs("taxjar")
async def test_an_address_that_contradicts_itself_is_refused() -> None:
    async with wired(says(400, recorded("recorded/taxes.400.zip-state.json"))) as taxjar:
        with pytest.raises(Rejected) as refusal:
            await taxjar.calculator.calculate(three_lines())
    assert str(refusal.value.code) == "taxjar_400"


@needs("taxjar")
async def test_a_wrong_key_is_told_apart_from_a_wrong_address() -> None:
    async with wired(says(401, recorded("recorded/nexus.401.json"))) as taxjar:
        with pytest.raises(Unavailable) as away:
            await taxjar.calculator.calculate(three_lines())
    assert away.value.reason == "taxjar_401"


@needs("taxjar")
@pytest.mark.parametrize(
    "question",
    [
        three_lines(),
        replace(three_lines(), origin=ORIGIN, delivery=Money.of(999, "USD")),
        three_lines(exemption=TaxExemption.GOVERNMENT),
        replace(three_lines(), lines=()),
        three_lines(VANCOUVER),
        three_lines(Address(country="DE")),
    ],
    ids=["as recorded", "with an origin", "exempt", "no lines", "Canada", "a country alone"],
)
async def test_what_is_asked_is_valid_by_taxjars_own_types(question: TaxQuestion) -> None:
    async with wired(says(500, {})) as taxjar:
        with pytest.raises(Unavailable):
            await taxjar.calculator.calculate(question)
    assert len(taxjar.sent) == 3, "a read is tried again"
    request, body = taxjar.sent[0], taxjar.bodies[0]
    assert (request.method, request.url.path) == ("POST", "/v2/taxes")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-api-version"] == "2020-08-07"
    assert request.headers["authorization"].startswith("Bearer ")
    assert problems("TaxParams", body) == []
    assert ("amount" in body) is not ("line_items" in body)
    assert "name" not in json.dumps(body).lower()


@needs("taxjar")
async def test_a_wrong_request_would_be_seen() -> None:
    async with wired(says(500, {})) as taxjar:
        with pytest.raises(Unavailable):
            await taxjar.calculator.calculate(three_lines())
    body = taxjar.bodies[0]
    assert problems("TaxParams", {**body, "shipping": "0.00"}) != []
    assert problems("TaxParams", {**body, "currency": "USD"}) != []


async def test_the_question_is_the_one_on_record() -> None:
    discounted = replace(
        three_lines().lines[2],
        amount=Money.of(1850, "USD"),
        discount=Money.of(150, "USD"),
        tax_code="food",
    )
    question = replace(
        three_lines(), lines=(*three_lines().lines[:2], discounted), delivery=Money.of(99, "USD")
    )
    async with wired(says(500, {})) as taxjar:
        with pytest.raises(Unavailable):
            await taxjar.calculator.calculate(replace(question, origin=ORIGIN))
    assert taxjar.bodies[0] == {
        "to_country": "US",
        "to_zip": "11430",
        "to_state": "NY",
        "to_city": "Jamaica",
        "to_street": "A Marked Road",
        "from_country": "US",
        "from_zip": "07446",
        "from_state": "NJ",
        "from_city": "Ramsey",
        "from_street": "1 Marked Road",
        "shipping": 0.99,
        "line_items": [
            {"id": "0", "quantity": 1, "unit_price": 10, "discount": 0},
            {"id": "1", "quantity": 1, "unit_price": 10, "discount": 0},
            {"id": "2", "quantity": 2, "unit_price": 10, "discount": 1.5, "product_tax_code": "40030"},
        ],
    }


async def test_amounts_travel_with_all_their_decimals() -> None:
    async with wired(says(500, {})) as taxjar:
        with pytest.raises(Unavailable):
            await taxjar.calculator.calculate(
                replace(three_lines(), delivery=Money.of(99_999_999_999, "USD"))
            )
    assert b'"shipping":999999999.99' in taxjar.sent[0].content


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        *((status, Rejected) for status in (400, 422)),
        *((status, Unavailable) for status in (201, 302, 401, 403, 404, 405, 406, 410, 418, 429, 500, 503)),
    ],
)
async def test_each_status_has_its_meaning(
    status: int, meaning: type[PortError], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with wired(
            says(status, {"status": status, "error": "marked", "detail": "A Marked Road"})
        ) as it:
            with pytest.raises(PortError) as failure:
                await it.calculator.calculate(three_lines())
    assert type(failure.value) is meaning
    told = f"{failure.value!r} {failure.value} {caplog.text}"
    assert "marked" not in told.lower()


async def test_a_lost_connection_is_asked_again_and_then_unavailable() -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("A Marked Road", request=request)

    async with wired(lost) as taxjar:
        with pytest.raises(Unavailable):
            await taxjar.calculator.calculate(three_lines())
    assert len(taxjar.sent) == 3


async def test_money_that_taxjar_does_not_know_is_never_sent() -> None:
    yen = Money.of(1000, "JPY")
    line = replace(three_lines().lines[0], amount=yen)
    async with wired(says(200, {})) as taxjar:
        with pytest.raises(Rejected):
            await taxjar.calculator.calculate(replace(three_lines(), lines=(line,), delivery=yen))
    assert taxjar.sent == []


# An answer like the one on record, and what must not be believed of it.


def line(number: int, tax: object = 0.89, taxable: object = 10.0, **more: object) -> dict[str, Any]:
    rate = {"combined_tax_rate": 0.08875}
    return {"id": str(number), "tax_collectable": tax, "taxable_amount": taxable, **rate, **more}


GOOD: dict[str, Any] = {
    "tax": {
        "amount_to_collect": 3.55,
        "rate": 0.08875,
        "has_nexus": True,
        "breakdown": {
            "line_items": [line(0), line(1), line(2, 1.78, 20.0)],
            "shipping": {"tax_collectable": 0.0, "taxable_amount": 0.0, "combined_tax_rate": 0.08875},
        },
    }
}


def changed(**changes: object) -> dict[str, Any]:
    return {"tax": {**GOOD["tax"], **changes}}


def with_lines(*lines: dict[str, Any], **changes: object) -> dict[str, Any]:
    breakdown = {**GOOD["tax"]["breakdown"], "line_items": list(lines)}
    return changed(breakdown=breakdown, **changes)


async def test_a_good_answer_is_believed() -> None:
    assert (await answered(GOOD)).total() == Money.of(355, "USD")


INCREDIBLE: dict[str, object] = {
    "negative": changed(amount_to_collect=-3.55),
    "missing": {"tax": {name: told for name, told in GOOD["tax"].items() if name != "amount_to_collect"}},
    "null": changed(amount_to_collect=None),
    "not a number": changed(amount_to_collect="NaN"),
    "infinite": changed(amount_to_collect="Infinity"),
    "endless": changed(amount_to_collect="1e999999"),
    "a word": changed(amount_to_collect="three"),
    "a list": [],
    "no tax": {},
    "sums that are off": changed(amount_to_collect=3.99),
    "sums that are far off": changed(amount_to_collect=355),
    "no breakdown": changed(breakdown=None),
    "no lines": with_lines(),
    "a line missing": with_lines(line(0), line(1)),
    "a line too many": with_lines(line(0), line(1), line(2, 1.78, 20.0), line(3)),
    "a line twice": with_lines(line(0), line(1), line(1)),
    "another line": with_lines(line(0), line(1), line(7, 1.78, 20.0)),
    "a negative line": with_lines(line(0, -0.89), line(1, 2.67), line(2, 1.78, 20.0)),
    "a line that is not a number": with_lines(line(0, "NaN"), line(1), line(2, 1.78, 20.0)),
    "an absurd rate": with_lines(
        line(0, 7, 10, combined_tax_rate=0.7),
        line(1, 7, 10, combined_tax_rate=0.7),
        line(2, 14, 20, combined_tax_rate=0.7),
        amount_to_collect=28,
    ),
    "a rate that is a percentage": with_lines(
        line(0, 0.89, combined_tax_rate=8.875), line(1), line(2, 1.78, 20.0)
    ),
    "more than its rate makes": with_lines(
        line(0, 4.0), line(1, 4.0), line(2, 8.0, 20.0), amount_to_collect=16
    ),
    "a negative rate of nothing": with_lines(
        *(line(number, 0, 10, combined_tax_rate=-0.01) for number in range(3)), amount_to_collect=0
    ),
    "a tax without a rate": with_lines(line(0, 0.89, combined_tax_rate=0), line(1), line(2, 1.78, 20.0)),
    "tax on what was free": changed(
        breakdown={
            **GOOD["tax"]["breakdown"],
            "shipping": {"tax_collectable": 0.5, "taxable_amount": 5, "combined_tax_rate": 0.1},
        },
        amount_to_collect=4.05,
    ),
}


@pytest.mark.parametrize("body", INCREDIBLE.values(), ids=INCREDIBLE)
async def test_what_cannot_be_charged_is_no_answer(body: object) -> None:
    with pytest.raises(Unavailable) as away:
        await answered(body)
    assert away.value.reason == "taxjar_answer_invalid"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"tax": {"amount_to_collect": NaN}}', b"null", b"<html>"],
)
async def test_what_is_no_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(Unavailable):
        await answered(body)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([0, 0.89, -0.01, 3.55, "3.55", "NaN", "1e9999", 1e300, 0.08875, 10])
    | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def mangled(draw: st.DrawFn) -> object:
    """The good answer with some of its leaves replaced by anything."""
    body = deepcopy(GOOD)
    parts = [
        body["tax"],
        body["tax"]["breakdown"],
        body["tax"]["breakdown"]["shipping"],
        *body["tax"]["breakdown"]["line_items"],
    ]
    for _ in range(draw(st.integers(1, 4))):
        part = draw(st.sampled_from(parts))
        part[draw(st.sampled_from([*part, "country_tax_rate", "gst_tax_rate", "gst"]))] = draw(json_values)
    return body


@examples(max_examples=400)
@given(body=mangled(), place=st.sampled_from([QUEENS, VANCOUVER, SYDNEY, Address(country="DE")]))
def test_whatever_it_says_is_charged_exactly_or_not_at_all(body: object, place: Address) -> None:
    question = three_lines(place)
    try:
        answer = answer_to(question, json.dumps(body).encode())
    except Unavailable:
        return
    assert answer.checked_against(question) is answer
    assert answer.rates is not None
    assert all(0 <= rate.rate_ppm <= 600_000 for taxes in answer.rates.lines for rate in taxes)


@examples(max_examples=200)
@given(body=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    with pytest.raises(Unavailable):
        answer_to(three_lines(), body)


async def test_canadian_taxes_are_told_by_name() -> None:
    provincial = {"gst_tax_rate": 0.05, "pst_tax_rate": 0.07, "qst_tax_rate": 0.0, "qst": 0.0}
    lines = [
        {"id": str(n), "taxable_amount": net, "tax_collectable": tax, "gst": gst, "pst": pst, **provincial}
        for n, (net, tax, gst, pst) in enumerate(
            [(10, 1.2, 0.5, 0.7), (10, 1.2, 0.5, 0.7), (20, 2.4, 1, 1.4)]
        )
    ]
    answer = await answered(
        {"tax": {"amount_to_collect": 4.8, "breakdown": {"line_items": lines}}}, three_lines(VANCOUVER)
    )
    assert [(part.name, part.rate_ppm, part.amount.minor) for part in answer.parts] == [
        ("GST", 50_000, 200),
        ("PST", 70_000, 280),
    ]


async def test_a_rate_that_holds_for_a_part_only_is_remembered_as_what_it_came_to() -> None:
    """Clothing in New York: the town taxes it, the state doesn't."""
    lines = [
        line(0, 0.49, 10.0),
        line(1, 0.49, 10.0),
        line(2, 0.98, 20.0),
    ]
    answer = await answered(with_lines(*lines, amount_to_collect=1.95))
    assert answer.rates is not None
    assert [[rate.rate_ppm for rate in taxes] for taxes in answer.rates.lines] == [
        [49_000],
        [49_000],
        [49_000],
    ]


async def test_no_nexus_is_no_tax_and_known_as_such() -> None:
    answer = await answered({"tax": {"amount_to_collect": 0, "rate": 0, "has_nexus": False}})
    assert answer.total().minor == 0
    assert answer.rates is not None
    assert answer.rates.lines == ((), (), ())


def test_settings_keep_the_key_to_themselves() -> None:
    assert "marked" not in repr(settings("http://taxjar.test"))
