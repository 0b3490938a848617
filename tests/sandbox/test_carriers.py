"""The simulated carriers turn away what the real ones do, and can be made dearer, absurd and forgetful."""

from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from entrypoints.sandbox.carriers import zone
from tests.sandbox.server import RunningSandbox

FORM: Final = {
    "grant_type": "client_credentials",
    "client_id": "sandbox_client",
    "client_secret": "sandbox_secret",
}
BASIC: Final = httpx.BasicAuth("sandbox_client", "sandbox_secret")
PARCEL: Final = {
    "originZIPCode": "38118",
    "destinationZIPCode": "94105",
    "weight": 1.5,
    "length": 8,
    "width": 6,
    "height": 4,
}
QUOTES: Final = {
    "fedex": "/fedex/rate/v1/rates/quotes",
    "ups": "/ups/api/rating/v2409/Shop",
    "usps": "/usps/prices/v3/total-rates/search",
}


def token(sandbox: RunningSandbox, vendor: str) -> str:
    match vendor:
        case "fedex":
            answer = sandbox.control.post("/fedex/oauth/token", data=FORM)
        case "ups":
            answer = sandbox.control.post(
                "/ups/security/v1/oauth/token", data={"grant_type": "client_credentials"}, auth=BASIC
            )
        case _:
            answer = sandbox.control.post("/usps/oauth2/v3/token", json=FORM)
    told: str = answer.raise_for_status().json()["access_token"]
    return told


def ask(sandbox: RunningSandbox, vendor: str, body: Any, bearer: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {bearer}"}
    return sandbox.control.post(QUOTES[vendor], json=body, headers=headers)


def ground(answer: httpx.Response) -> float:
    (price,) = [
        option["totalBasePrice"]
        for option in answer.raise_for_status().json()["rateOptions"]
        if option["rates"][0]["mailClass"] == "USPS_GROUND_ADVANTAGE"
    ]
    return float(price)


@pytest.mark.parametrize("vendor", QUOTES)
def test_without_a_token_there_is_no_quote(sandbox: RunningSandbox, vendor: str) -> None:
    assert ask(sandbox, vendor, PARCEL, "made-up").status_code == 401


@pytest.mark.parametrize("vendor", QUOTES)
@pytest.mark.parametrize("body", [{}, [], {"requestedShipment": 1}, {"RateRequest": {"Shipment": []}}])
def test_a_question_that_makes_no_sense_is_refused(sandbox: RunningSandbox, vendor: str, body: Any) -> None:
    assert ask(sandbox, vendor, body, token(sandbox, vendor)).status_code == 400


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/fedex/oauth/token", {"data": {**FORM, "client_secret": "wrong"}}),
        ("/ups/security/v1/oauth/token", {"data": FORM, "auth": httpx.BasicAuth("sandbox_client", "wrong")}),
        ("/ups/security/v1/oauth/token", {"data": FORM, "headers": {"Authorization": "Basic ?"}}),
        ("/usps/oauth2/v3/token", {"json": {**FORM, "client_secret": "wrong"}}),
    ],
)
def test_wrong_credentials_get_no_token(sandbox: RunningSandbox, path: str, sent: dict[str, Any]) -> None:
    assert sandbox.control.post(path, **sent).status_code == 401


@pytest.mark.parametrize("path", ["/fedex/oauth/token", "/ups/security/v1/oauth/token"])
def test_a_grant_has_to_be_named(sandbox: RunningSandbox, path: str) -> None:
    assert sandbox.control.post(path, data={"client_id": "x"}, auth=BASIC).status_code == 400


def test_a_token_ends_with_its_time_and_when_it_is_revoked(sandbox: RunningSandbox) -> None:
    bearer = token(sandbox, "usps")
    assert ask(sandbox, "usps", PARCEL, bearer).status_code == 200
    sandbox.control.post("/_control/carriers/usps/revoke_tokens").raise_for_status()
    assert ask(sandbox, "usps", PARCEL, bearer).status_code == 401
    bearer = token(sandbox, "usps")
    hours = int(timedelta(hours=4).total_seconds())
    sandbox.control.post("/_control/clock/advance", json={"seconds": hours}).raise_for_status()
    assert ask(sandbox, "usps", PARCEL, bearer).status_code == 401


def test_prices_go_by_weight_and_distance_and_can_be_changed(sandbox: RunningSandbox) -> None:
    bearer = token(sandbox, "usps")
    usual = ground(ask(sandbox, "usps", PARCEL, bearer))
    assert ground(ask(sandbox, "usps", PARCEL, bearer)) == usual
    assert ground(ask(sandbox, "usps", {**PARCEL, "weight": 9}, bearer)) > usual
    assert ground(ask(sandbox, "usps", {**PARCEL, "destinationZIPCode": "38119"}, bearer)) < usual
    sandbox.control.post("/_control/carriers/usps", json={"percent": 200}).raise_for_status()
    assert ground(ask(sandbox, "usps", PARCEL, bearer)) == pytest.approx(2 * usual, abs=0.02)
    sandbox.control.post("/_control/carriers/usps", json={"absurd": True}).raise_for_status()
    assert ground(ask(sandbox, "usps", PARCEL, bearer)) < 0


def test_usps_answers_sixty_questions_an_hour(sandbox: RunningSandbox) -> None:
    bearer = token(sandbox, "usps")
    answers = [ask(sandbox, "usps", PARCEL, bearer) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {200}
    assert answers[60].status_code == 429
    assert 3_500 < int(answers[60].headers["Retry-After"]) <= 3_600
    sandbox.control.post("/_control/clock/advance", json={"seconds": 3_600}).raise_for_status()
    assert ask(sandbox, "usps", PARCEL, bearer).status_code == 200


def test_what_was_asked_is_counted(sandbox: RunningSandbox) -> None:
    ask(sandbox, "usps", PARCEL, token(sandbox, "usps"))
    told = sandbox.control.get("/_control/carriers").json()
    assert told["usps"] == {"percent": 100, "absurd": False, "calls": {"oauth.token": 1, "rates.list": 1}}
    assert told["ups"]["calls"] == {}


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (("US", "38118"), ("US", "38118"), 1),
        (("US", "00501"), ("US", "99950"), 7),
        (("US", "38118"), ("DE", "38118"), 12),
        (("GB", "SW1A 1AA"), ("GB", ""), 6),
    ],
)
def test_zones_are_told_from_postcodes(here: tuple[str, str], there: tuple[str, str], expected: int) -> None:
    origin, destination = ({"country": country, "postcode": code} for country, code in (here, there))
    assert zone(origin, destination) == expected
