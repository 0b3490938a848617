"""What the carriers are asked is valid by their own specifications, and says no more than a price needs."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from domain.address import Address
from domain.catalog import Parcel
from domain.delivery import DeliveryQuestion
from domain.money import Money
from domain.packing import Pieces
from tests.contracts.delivery.carriers import ABROAD, HOME, NAMES, a_question, adapter
from tests.contracts.vendor_papers import needs, read

TOKEN: Final = {"access_token": "t0ken", "token_type": "Bearer", "expires_in": "3599"}
ANSWERS: Final[Mapping[str, Any]] = {
    "fedex": {"output": {"rateReplyDetails": []}},
    "ups": {"RateResponse": {"RatedShipment": []}},
    "usps": {"rateOptions": []},
}
ISSUES: Final = {"fedex": "/oauth/token", "ups": "/security/v1/oauth/token", "usps": "/oauth2/v3/token"}
SOME: Final = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def sent(carrier: str, question: DeliveryQuestion) -> dict[str, httpx.Request]:
    """The two requests that a question makes, by their path."""
    seen: dict[str, httpx.Request] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        seen[request.url.path] = request
        is_issue = request.url.path == ISSUES[carrier]
        return httpx.Response(200, json=TOKEN if is_issue else ANSWERS[carrier])

    clock = ManualClock()
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(answer), base_url="https://carrier.example"
    ) as http:
        await adapter(carrier, http, InMemoryCache(clock), clock).offers(question)
    return seen


async def body_of(carrier: str, question: DeliveryQuestion) -> Any:
    requests = await sent(carrier, question)
    (quote,) = [request for path, request in requests.items() if path != ISSUES[carrier]]
    return json.loads(quote.content)


@cache
def fedex_check() -> Any:
    return OAS31Validator(read("fedex", "rate-request.facts.schema.json"))


@cache
def usps_check() -> Any:
    papers = read("usps", "prices.facts.schema.json")
    return OAS31Validator({"$ref": "#/$defs/totalRatesSearch", "$defs": papers["$defs"]})


@cache
def ups_check() -> Any:
    papers = DRAFT202012.create_resource(read("ups", "rating.trimmed.json"))
    schema = {"$ref": "urn:ups#/components/schemas/RATERequestWrapper"}
    return OAS30Validator(schema, registry=Registry().with_resource("urn:ups", papers))


CHECKS: Final[Mapping[str, Callable[[], Any]]] = {"fedex": fedex_check, "ups": ups_check, "usps": usps_check}


def problems(carrier: str, body: Any) -> list[str]:
    return [error.message for error in CHECKS[carrier]().iter_errors(body)]


places = st.builds(
    Address,
    country=st.sampled_from(["US", "CA", "DE", "HK"]),
    city=st.none() | st.text(max_size=60),
    line1=st.none() | st.text(max_size=120),
    region=st.sampled_from([None, "CA", "QC", "Bayern"]),
    postcode=st.sampled_from([None, "", "94105", "94105-1234", "10117", " SW1A 1AA ", "1" * 120]),
)
goods = st.lists(
    st.builds(
        Pieces,
        piece=st.builds(
            Parcel,
            weight_grams=st.integers(0, 40_000),
            length_mm=st.integers(0, 900),
            width_mm=st.integers(0, 900),
            height_mm=st.integers(0, 900),
        ),
        quantity=st.integers(1, 300),
    ),
    min_size=1,
    max_size=4,
)


@needs("ups")
@pytest.mark.parametrize("carrier", NAMES)
@SOME
@given(destination=places, sent_goods=goods, currency=st.sampled_from(["USD", "JPY", "KWD"]))
async def test_any_question_is_valid_by_the_carriers_specification_or_is_not_asked(
    carrier: str, destination: Address, sent_goods: list[Pieces], currency: str
) -> None:
    question = a_question(destination=destination, goods=tuple(sent_goods), subtotal=Money.of(2400, currency))
    requests = await sent(carrier, question)
    for path, request in requests.items():
        if path != ISSUES[carrier]:
            body = json.loads(request.content)
            # A place without postcodes has none to tell, which the facts leave out.
            if carrier == "fedex" and destination.country == "HK":
                body["requestedShipment"]["recipient"]["address"].setdefault("postalCode", "0")
            assert problems(carrier, body) == []


@needs("ups")
@pytest.mark.parametrize(
    ("carrier", "spoil"),
    [
        ("fedex", lambda body: body["requestedShipment"].pop("pickupType")),
        ("fedex", lambda body: body.update(accountNumber="740561073")),
        ("ups", lambda body: body["RateRequest"]["Shipment"].pop("ShipTo")),
        ("ups", lambda body: body["RateRequest"]["Shipment"]["Package"][0].update(PackageWeight="1")),
        ("usps", lambda body: body.pop("weight")),
        ("usps", lambda body: body.update(destinationZIPCode="9410")),
    ],
)
async def test_an_invalid_question_would_be_seen(carrier: str, spoil: Callable[[Any], object]) -> None:
    body = await body_of(carrier, a_question())
    assert problems(carrier, body) == []
    spoil(body)
    assert problems(carrier, body) != []


async def test_tokens_are_asked_for_as_each_carrier_wants_it() -> None:
    fedex, ups, usps = [(await sent(name, a_question()))[ISSUES[name]] for name in NAMES]
    credentials = {"client_id": "sandbox_client", "client_secret": "sandbox_secret"}
    grant = {"grant_type": "client_credentials"}
    assert {k: v[0] for k, v in parse_qs(fedex.content.decode()).items()} == {**grant, **credentials}
    assert ups.content == b"grant_type=client_credentials"
    basic = ups.headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic) == b"sandbox_client:sandbox_secret"
    assert json.loads(usps.content) == {**grant, **credentials}


@pytest.mark.parametrize("carrier", NAMES)
async def test_every_request_is_marked_as_a_read_with_its_operation(carrier: str) -> None:
    requests = await sent(carrier, a_question())
    marks = {request.extensions["operation"] for request in requests.values()}
    assert marks == {"oauth.token", "rates.list"}
    assert not any(request.extensions["writes"] for request in requests.values())
    (quote,) = [request for path, request in requests.items() if path != ISSUES[carrier]]
    assert quote.headers["authorization"] == "Bearer t0ken"


async def test_ups_is_asked_at_an_address_that_its_specification_knows() -> None:
    """`requestoption` has ten letters at most there, so the days are asked for by a parameter."""
    requests = await sent("ups", a_question())
    (asked,) = [request for path, request in requests.items() if path != ISSUES["ups"]]
    assert (asked.method, asked.url.path) == ("POST", "/api/rating/v2409/Shop")
    assert dict(asked.url.params) == {"additionalinfo": "timeintransit"}
    assert len(asked.headers["transid"]) == 32
    assert asked.headers["transactionsrc"] == "fastcart"


@pytest.mark.parametrize("carrier", NAMES)
async def test_who_lives_there_is_nobodys_business(carrier: str) -> None:
    requests = await sent(carrier, a_question(destination=replace(HOME, phone="+1 555 0100")))
    told = b"".join(request.content for request in requests.values())
    assert b"Ada" not in told
    assert b"0100" not in told


async def test_parcels_are_weighed_and_measured_upwards() -> None:
    mug = Parcel(weight_grams=454, length_mm=101, width_mm=90, height_mm=77)
    asked = a_question(goods=(Pieces(piece=mug, quantity=1),))
    (fedex,) = (await body_of("fedex", asked))["requestedShipment"]["requestedPackageLineItems"]
    assert fedex["weight"] == {"units": "KG", "value": 0.46}
    assert fedex["dimensions"] == {"length": 11, "width": 9, "height": 8, "units": "CM"}
    (ups,) = (await body_of("ups", asked))["RateRequest"]["Shipment"]["Package"]
    assert (ups["PackageWeight"]["Weight"], ups["PackageWeight"]["UnitOfMeasurement"]["Code"]) == (
        "1.1",
        "LBS",
    )
    assert (ups["Dimensions"]["Length"], ups["Dimensions"]["Height"]) == ("4", "4")
    usps = await body_of("usps", asked)
    assert (usps["weight"], usps["length"], usps["width"], usps["height"]) == (2, 6, 4, 4)


@pytest.mark.parametrize(
    ("grams", "pounds"), [(0, 0.25), (113, 0.25), (114, 0.5), (449, 0.99), (450, 1), (454, 2), (907, 2)]
)
async def test_usps_is_asked_about_the_end_of_a_price_step(grams: int, pounds: float) -> None:
    asked = a_question(goods=(Pieces(piece=Parcel(weight_grams=grams), quantity=1),))
    assert (await body_of("usps", asked))["weight"] == pounds


async def test_quebec_has_its_old_name_at_fedex() -> None:
    montreal = Address(country="CA", region="QC", city="Montréal", postcode="H3N 1S4")
    body = await body_of("fedex", a_question(destination=montreal))
    assert body["requestedShipment"]["recipient"]["address"]["stateOrProvinceCode"] == "PQ"


async def test_ups_is_asked_for_the_next_working_day() -> None:
    """The test's clock stands at Thursday, 1 January 2026."""
    body = await body_of("ups", a_question())
    assert body["RateRequest"]["Shipment"]["DeliveryTimeInformation"]["Pickup"]["Date"] == "20260102"


def too_heavy(quantity: int, grams: int) -> Pieces:
    return Pieces(piece=Parcel(weight_grams=grams), quantity=quantity)


@pytest.mark.parametrize(
    ("carrier", "changes"),
    [
        ("usps", {"destination": ABROAD}),
        ("usps", {"subtotal": Money.of(2400, "EUR")}),
        ("usps", {"destination": replace(HOME, postcode="nowhere")}),
        *((name, {"destination": replace(HOME, postcode=None)}) for name in NAMES),
        *((name, {"goods": (too_heavy(1, 90_000),)}) for name in NAMES),
        *((name, {"goods": (too_heavy(9_999, 30_000),)}) for name in NAMES[:2]),
    ],
)
async def test_what_a_carrier_does_not_do_is_not_even_asked(carrier: str, changes: dict[str, Any]) -> None:
    assert await sent(carrier, a_question(**changes)) == {}
