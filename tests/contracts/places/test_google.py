"""What each answer of Google means: a finding, or one of the ports' errors, and nothing else."""

import json
import logging
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.google_maps import geocoding_wire, wire
from adapters.google_maps.places import _read
from domain.address import Address
from domain.address_check import AddressFinding, AddressVerdict
from ports.errors import PortError, Rejected, Unavailable
from tests.contracts.email.letters import tells_nothing
from tests.contracts.places.google import (
    KEY,
    NOT_COVERED,
    TYPED,
    checked,
    component,
    geocoding,
    reply,
    settings,
    validation,
)
from tests.contracts.scripted_vendor import Reply, Silence, Step
from tests.contracts.vendor_calls import Told

MARIENPLATZ: Final = Address(
    country="DE", name="Ada", line1="Marienplatz 8", city="München", postcode="80331", phone="1"
)
WRONG: Final = replace(MARIENPLATZ, line1="Marienplaz 8", postcode="80313")
MISSPELLED: Final = component("route", "Marienplatz", spellCorrected=True)
KUWAIT: Final = Address(country="KW", line1="Arabian Gulf Street 1", city="Kuwait City", postcode="13001")


def of_validation(answer: Any, typed: Address = WRONG) -> AddressFinding:
    return wire.finding(json.dumps(answer).encode(), typed)


def of_geocoding(answer: Any, typed: Address = KUWAIT) -> AddressFinding:
    return geocoding_wire.finding(json.dumps(answer).encode(), typed)


def test_a_known_house_is_verified() -> None:
    assert of_validation(validation(), MARIENPLATZ).verdict is AddressVerdict.VERIFIED


@pytest.mark.parametrize(
    "correction",
    [
        MISSPELLED,
        component("postal_code", "80331", replaced=True),
        component("locality", "München", inferred=True),
    ],
    ids=str,
)
def test_a_house_under_another_name_is_suggested(correction: dict[str, Any]) -> None:
    finding = of_validation(validation(correction))
    assert finding == AddressFinding(verdict=AddressVerdict.CORRECTED, suggestion=MARIENPLATZ)


@pytest.mark.parametrize(
    "addition",
    [
        component("postal_code_suffix", "1351", inferred=True),
        component("administrative_area_level_1", "Bayern", inferred=True),
        component("country", "Deutschland", inferred=True),
    ],
    ids=str,
)
def test_what_is_only_added_is_no_correction(addition: dict[str, Any]) -> None:
    assert of_validation(validation(addition)).verdict is AddressVerdict.VERIFIED


@pytest.mark.parametrize("typed", ["MARIENPLATZ 8", "marienplatz, 8", "Marienplatz  8"])
def test_a_correction_that_says_the_same_is_none(typed: str) -> None:
    finding = of_validation(validation(MISSPELLED), replace(MARIENPLATZ, line1=typed))
    assert finding.verdict is AddressVerdict.VERIFIED


def test_a_region_is_suggested_only_to_those_who_gave_one() -> None:
    in_bavaria = validation(MISSPELLED, postalAddress={"administrativeArea": "Bayern"})
    assert of_validation(in_bavaria).suggestion == MARIENPLATZ
    corrected = of_validation(in_bavaria, replace(WRONG, region="Hessen")).suggestion
    assert corrected == replace(MARIENPLATZ, region="Bayern")


def test_further_lines_become_the_second() -> None:
    lines = {"addressLines": ["Marienplatz 8", "2. Stock", "links"]}
    suggestion = of_validation(validation(MISSPELLED, postalAddress=lines)).suggestion
    assert suggestion is not None
    assert (suggestion.line1, suggestion.line2) == ("Marienplatz 8", "2. Stock, links")


def test_long_lines_are_judged_each_by_its_own() -> None:
    typed = replace(WRONG, line1="Marienplaz " + "8" * 80, line2="Hof\u00a0" + "2" * 80)
    lines = {"addressLines": ["Marienplatz " + "8" * 80, typed.line2]}
    finding = of_validation(validation(MISSPELLED, postalAddress=lines), typed)
    assert finding.suggestion is not None
    assert (finding.suggestion.line2, finding.suggestion.postcode) == (typed.line2, "80331")


def test_a_flat_that_google_does_not_know_is_no_doubt_about_the_house() -> None:
    unknown_flat = validation(MISSPELLED, unconfirmedComponentTypes=["subpremise"])
    missing_flat = validation(
        MISSPELLED, verdict={"addressComplete": False}, missingComponentTypes=["subpremise"]
    )
    for answer in (unknown_flat, missing_flat):
        assert of_validation(answer).verdict is AddressVerdict.CORRECTED


@pytest.mark.parametrize(
    "answer",
    [
        validation(verdict={"validationGranularity": "ROUTE"}),
        validation(verdict={"validationGranularity": "OTHER"}),
        validation(verdict={"validationGranularity": "GRANULARITY_UNSPECIFIED"}),
        validation(verdict={"validationGranularity": "A_WORD_OF_NEXT_YEAR"}),
        validation(verdict={"addressComplete": False}),
        validation(verdict={"addressComplete": False}, missingComponentTypes=["street_number"]),
        validation(
            verdict={"addressComplete": False},
            missingComponentTypes=["subpremise"],
            unresolvedTokens=["marked"],
        ),
        validation(unconfirmedComponentTypes=["route"]),
        validation(MISSPELLED, postalAddress={"regionCode": "AT"}),
        validation(MISSPELLED, postalAddress={"addressLines": ["x" * 121]}),
        validation(MISSPELLED, postalAddress={"locality": "Mün\nchen"}),
        {"result": {}},
    ],
)
def test_what_is_in_doubt_is_unverifiable(answer: Any) -> None:
    assert of_validation(answer) == AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)


def test_a_geocoded_house_is_verified_or_its_town_corrected() -> None:
    assert of_geocoding(geocoding()).verdict is AddressVerdict.VERIFIED
    assert of_geocoding(geocoding(postcode="13002")).suggestion == replace(KUWAIT, postcode="13002")
    assert of_geocoding(geocoding(city="Hawally")).suggestion == replace(KUWAIT, city="Hawally")


@pytest.mark.parametrize(
    "answer",
    [
        geocoding(partial_match=True),
        geocoding(geometry={"location_type": "GEOMETRIC_CENTER"}),
        geocoding(geometry={"location_type": "A_WORD_OF_NEXT_YEAR"}),
        geocoding(country="SA"),
        {"status": "ZERO_RESULTS", "results": []},
        {"status": "OK", "results": []},
        {"status": "OK", "results": geocoding()["results"] * 2},
    ],
    ids=range(7),
)
def test_what_geocoding_guesses_is_unverifiable(answer: Any) -> None:
    assert of_geocoding(answer) == AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)


@pytest.mark.parametrize(
    ("step", "meaning", "tries"),
    [
        (reply({}, 401), Unavailable, 1),
        (reply({}, 403), Unavailable, 1),
        (reply({}, 404), Unavailable, 1),
        (reply({}, 302), Unavailable, 1),
        (reply({}, 429), Unavailable, 2),
        (reply({}, 500), Unavailable, 2),
        (reply({}, 503), Unavailable, 2),
        (Reply(body=b"<html>marked"), Unavailable, 1),
        (Reply(body=b"\xff\xfe"), Unavailable, 1),
        (Reply(body=b""), Unavailable, 1),
        (Reply(body=b"[" * 100_000), Unavailable, 1),
        (reply({"result": None}), Unavailable, 1),
        (reply({}), Unavailable, 1),
        (reply({"result": {"address": {"postalAddress": {"locality": 7}}}}), Unavailable, 1),
        (Silence.DROPS, Unavailable, 2),
        (NOT_COVERED, Rejected, 2),
    ],
    ids=range(16),
)
async def test_each_failure_has_its_meaning_and_tells_nothing(
    step: Step, meaning: type[PortError], tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    """After 400 the other service is asked once."""
    told = Told()
    with caplog.at_level(logging.DEBUG), pytest.raises(PortError) as failure:
        await checked(step, told=told)
    assert type(failure.value) is meaning
    assert len(told.records) == tries
    tells_nothing(failure.value)
    said = f"{told.records} {[record.getMessage() for record in caplog.records]}"
    assert "marked" not in said.lower()


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("INVALID_REQUEST", Rejected),
        ("REQUEST_DENIED", Unavailable),
        ("OVER_QUERY_LIMIT", Unavailable),
        ("OVER_DAILY_LIMIT", Unavailable),
        ("UNKNOWN_ERROR", Unavailable),
        ("A_MARKED_WORD", Unavailable),
    ],
)
async def test_geocoding_says_its_failures_in_a_word(
    status: str, meaning: type[PortError], caplog: pytest.LogCaptureFixture
) -> None:
    """Its key and the address are in the URL, so this is where they could get out."""
    answer = reply({"status": status, "results": [], "error_message": "marked"})
    with caplog.at_level(logging.DEBUG), pytest.raises(PortError) as failure:
        await checked(NOT_COVERED, answer)
    assert type(failure.value) is meaning
    tells_nothing(failure.value)
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "marked" not in said.lower()


async def test_a_google_that_hangs_is_left_after_its_time() -> None:
    with pytest.raises(Unavailable):
        await checked(Silence.HANGS)


def test_settings_keep_the_key_to_themselves() -> None:
    assert KEY not in repr(settings("https://maps.example"))


json_values: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def bent(draw: st.DrawFn, answer: Any) -> Any:
    """An answer of which some parts are something else, or gone."""
    if draw(st.integers(0, 9)) == 0:
        return draw(json_values)
    if isinstance(answer, dict):
        return {name: draw(bent(each)) for name, each in answer.items() if draw(st.integers(0, 9))}
    if isinstance(answer, list):
        return [draw(bent(each)) for each in answer]
    return answer


bodies: Final = (
    st.binary(max_size=200)
    | json_values.map(lambda value: json.dumps(value).encode())
    | bent(validation(MISSPELLED, unconfirmedComponentTypes=["route"])).map(lambda v: json.dumps(v).encode())
    | bent(geocoding(partial_match=False)).map(lambda v: json.dumps(v).encode())
)


@pytest.mark.parametrize("finding", [wire.finding, geocoding_wire.finding])
@given(status=st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 418]), body=bodies)
def test_whatever_google_says_is_a_finding_or_a_ports_error(finding: Any, status: int, body: bytes) -> None:
    answer = httpx.Response(status, content=body)
    try:
        found = _read(answer, finding, TYPED)
    except PortError as error:
        tells_nothing(error)
    else:
        if found.suggestion is not None:
            assert found.suggestion.country == TYPED.country
            assert found.suggestion.name == TYPED.name
            assert not found.suggestion.is_same_place_as(TYPED)
