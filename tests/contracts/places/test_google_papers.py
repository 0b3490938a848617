"""What is asked of Google is valid by its own papers, and so is what the sandbox says in its place."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from domain.address import Address
from domain.address_check import AddressVerdict
from ports.errors import Rejected
from tests.contracts.places.google import KEY, NOT_COVERED, TYPED, checked, geocoding, reply, validation
from tests.contracts.places.papers import (
    GEOCODE,
    geocoding_answer_problems,
    geocoding_examples,
    geocoding_problems,
    needed,
    validation_answer_problems,
    validation_request_problems,
)
from tests.contracts.vendor_papers import FOLDER
from tests.sandbox.server import RunningSandbox

pytestmark = needed
ADDRESSES = [
    TYPED,
    Address(country="US", line1="1 Main St", city="Springfield", region="IL", postcode="62701"),
    Address(country="HK", line1="尖沙咀 1", city="香港"),
]
EXAMPLES = sorted(geocoding_examples()) if (FOLDER / "google").is_dir() else []


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.country)
async def test_a_validation_is_asked_as_google_takes_it(address: Address) -> None:
    _, (request,) = await checked(reply(validation()), address=address)
    assert (request.method, request.target) == ("POST", "/v1:validateAddress")
    assert request.headers["x-goog-api-key"] == KEY
    assert request.headers["content-type"] == "application/json"
    assert validation_request_problems(json.loads(request.body)) == []


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.country)
async def test_a_geocoding_is_asked_as_google_takes_it(address: Address) -> None:
    _, (_, request) = await checked(NOT_COVERED, reply(geocoding()), address=address)
    url = urlsplit(request.target)
    assert (request.method, url.path) == ("GET", GEOCODE)
    parameters = dict(parse_qsl(url.query))
    assert geocoding_problems(parameters) == []
    assert parameters["key"] == KEY
    assert parameters["components"] == f"country:{address.country}"


async def test_neither_name_nor_telephone_number_is_told() -> None:
    _, requests = await checked(NOT_COVERED, reply(geocoding()))
    for request in requests:
        told = f"{request.target} {request.body.decode()}"
        assert "Ada" not in told
        assert "49" not in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "Marienplatz 8"},
        {"address": {"regionCode": "DE", "addressLines": "Marienplatz 8"}},
        {"address": {"region": "DE"}},
        {"adress": {}},
    ],
    ids=str,
)
def test_a_wrong_validation_would_be_seen(wrong: dict[str, Any]) -> None:
    assert validation_request_problems(wrong) != []


def test_a_wrong_geocoding_would_be_seen() -> None:
    assert geocoding_problems({"address": "x"}) != []
    assert geocoding_problems({"adress": "x", "key": KEY}) == ["adress is unknown"]


def test_what_the_tests_let_google_say_is_something_that_it_says() -> None:
    assert validation_answer_problems(validation()) == []
    assert geocoding_answer_problems(geocoding()) == []
    assert validation_answer_problems({"result": {"verdict": {"validationGranularity": "HOUSE"}}}) != []
    assert geocoding_answer_problems({"status": "FINE", "results": []}) != []


@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_example_of_google_is_understood(name: str) -> None:
    example = geocoding_examples()[name]
    assert geocoding_answer_problems(example) == []
    asked = checked(NOT_COVERED, reply(example))
    if example["status"] == "INVALID_REQUEST":
        with pytest.raises(Rejected):
            await asked
    else:
        finding, _ = await asked
        assert finding is not None
        assert finding.verdict is AddressVerdict.UNVERIFIABLE, "none of them is the German place asked for"


@pytest.mark.parametrize(
    ("postcode", "verdict"), [("94043", AddressVerdict.VERIFIED), ("94040", AddressVerdict.CORRECTED)]
)
async def test_an_example_says_what_it_says_of_its_own_address(
    postcode: str, verdict: AddressVerdict
) -> None:
    typed = Address(
        country="US", line1="1600 Amphitheatre Pkwy", city="Mountain View", region="CA", postcode=postcode
    )
    finding, _ = await checked(NOT_COVERED, reply(geocoding_examples()["response"]), address=typed)
    assert finding is not None
    assert finding.verdict is verdict
    if finding.suggestion is not None:
        assert finding.suggestion.postcode == "94043"
        assert finding.suggestion.line1 == typed.line1


@pytest.mark.parametrize(
    "lines",
    [["Unter den Linden 1"], ["Unter den Lindne 1"], ["Unter den Linden"], ["Nowhere 1", "Flat 7"]],
    ids=str,
)
def test_the_sandbox_speaks_as_google_does(vendors: RunningSandbox, lines: list[str]) -> None:
    postal = {"regionCode": "DE", "locality": "Berlin", "postalCode": "10117", "addressLines": lines}
    answer = ask(vendors, {"address": postal})
    assert answer.status_code == 200
    assert validation_answer_problems(answer.json()) == []


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"address": "1-1 Chiyoda, 100-8111 Tokyo", "components": "country:JP"}, "OK"),
        ({"address": "Chiyoda, Tokyo", "components": "country:JP"}, "OK"),
        ({"address": "Nowhere 1", "components": "country:DE"}, "ZERO_RESULTS"),
        ({}, "INVALID_REQUEST"),
        ({"address": "x", "key": "none"}, "REQUEST_DENIED"),
    ],
    ids=str,
)
def test_the_sandbox_geocodes_as_google_does(
    vendors: RunningSandbox, parameters: dict[str, str], status: str
) -> None:
    answer = vendors.control.get(f"/google_maps{GEOCODE}", params={"key": KEY, **parameters})
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert geocoding_answer_problems(answer.json()) == []


@pytest.mark.parametrize(
    ("headers", "body", "status", "word"),
    [
        ({}, {"address": {"regionCode": "DE"}}, 403, "PERMISSION_DENIED"),
        ({"X-Goog-Api-Key": "none"}, {"address": {"regionCode": "DE"}}, 400, "INVALID_ARGUMENT"),
        ({"X-Goog-Api-Key": KEY}, {"address": {"regionCode": "JP"}}, 400, "INVALID_ARGUMENT"),
        ({"X-Goog-Api-Key": KEY}, {"address": 7}, 400, "INVALID_ARGUMENT"),
        ({"X-Goog-Api-Key": KEY}, {"address": {"regionCode": "DE"}}, 400, "INVALID_ARGUMENT"),
    ],
    ids=str,
)
def test_the_sandbox_refuses_in_googles_form(
    vendors: RunningSandbox, headers: dict[str, str], body: object, status: int, word: str
) -> None:
    answer = vendors.control.post("/google_maps/v1:validateAddress", json=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["status"]) == (status, word)


def ask(vendors: RunningSandbox, body: object) -> httpx.Response:
    return vendors.control.post("/google_maps/v1:validateAddress", json=body, headers={"X-Goog-Api-Key": KEY})
