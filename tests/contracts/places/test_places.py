"""What all places promise, on the fake and on Google's adapter over the sandbox: a verdict, a suggestion that
can be sent as it is, and the ports' errors when nobody can say.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.flagged.places import FlaggedPlaces
from adapters.google_maps.places import GooglePlaces
from adapters.in_memory.flags import InMemoryFlags
from adapters.in_memory.places import InMemoryPlaces
from adapters.resilience.policies import GOOGLE_MAPS
from domain.address import Address
from domain.address_check import AddressFinding, AddressVerdict
from ports.errors import Unavailable
from ports.flags import Flag
from ports.places import Places
from tests.contracts.places.google import settings
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

LINDEN = Address(
    country="DE",
    name="Erika Muster",
    line1="Unter den Linden 1",
    city="Berlin",
    postcode="10117",
    phone="+49 30 1",
)
PARKWAY = Address(
    country="US", line1="1600 Amphitheatre Parkway", city="Mountain View", region="CA", postcode="94043"
)


@pytest.fixture(params=["fake", "google"])
async def places(request: pytest.FixtureRequest, vendors: RunningSandbox) -> AsyncIterator[Places]:
    if request.param == "fake":
        yield InMemoryPlaces()
        return
    async with client_under(GOOGLE_MAPS) as http:
        yield GooglePlaces(http, settings(f"{vendors.url}/google_maps"))


async def found(places: Places, address: Address) -> AddressFinding:
    finding = await places.check(address)
    assert finding is not None
    return finding


@pytest.mark.parametrize("address", [LINDEN, PARKWAY])
async def test_an_address_that_exists_is_verified(places: Places, address: Address) -> None:
    assert (await found(places, address)).verdict is AddressVerdict.VERIFIED


@pytest.mark.parametrize("change", [{"line1": "UNTER DEN LINDEN 1"}, {"city": "berlin"}], ids=str)
async def test_how_it_is_written_is_no_matter(places: Places, change: dict[str, str]) -> None:
    assert (await found(places, replace(LINDEN, **change))).verdict is AddressVerdict.VERIFIED


@pytest.mark.parametrize(
    "change", [{"line1": "Unter den Lindne 1"}, {"postcode": "10171"}, {"city": "Berlim"}], ids=str
)
async def test_what_is_nearly_right_is_corrected_and_the_recipient_stays(
    places: Places, change: dict[str, str]
) -> None:
    finding = await found(places, replace(LINDEN, **change))
    assert finding == AddressFinding(verdict=AddressVerdict.CORRECTED, suggestion=LINDEN)


async def test_a_suggestion_is_itself_verified(places: Places) -> None:
    finding = await found(places, replace(PARKWAY, postcode="94040"))
    assert finding.suggestion is not None
    assert (await found(places, finding.suggestion)).verdict is AddressVerdict.VERIFIED


@pytest.mark.parametrize(
    "address",
    [
        replace(LINDEN, line1="Am Ende der Welt 99", city="Nirgendwo", postcode="99999"),
        replace(LINDEN, country="AQ"),
        Address(country="DE", line1="x", city="y", postcode="z"),
    ],
)
async def test_what_nobody_knows_is_unverifiable(places: Places, address: Address) -> None:
    assert (await found(places, address)).verdict is AddressVerdict.UNVERIFIABLE


async def test_a_country_that_is_only_geocoded_is_checked_too(places: Places) -> None:
    tokyo = Address(country="JP", line1="1-1 Chiyoda", city="Tokyo", postcode="100-8111")
    assert (await found(places, tokyo)).verdict is AddressVerdict.VERIFIED
    wrong = await found(places, replace(tokyo, postcode="100-8112"))
    assert wrong == AddressFinding(verdict=AddressVerdict.CORRECTED, suggestion=tokyo)


async def test_the_same_question_has_the_same_answer(places: Places) -> None:
    asked = replace(LINDEN, postcode="10171")
    assert await found(places, asked) == await found(places, asked)


@pytest.mark.parametrize("kind", ["refuse", "429", "500", "500_after", "lost", "invalid"])
async def test_a_google_that_fails_is_unavailable(vendors: RunningSandbox, kind: str) -> None:
    vendors.fault("addresses.validate", kind, vendor="google_maps", times=None)
    async with client_under(GOOGLE_MAPS) as http:
        with pytest.raises(Unavailable):
            await GooglePlaces(http, settings(f"{vendors.url}/google_maps")).check(LINDEN)


@pytest.mark.parametrize("kind", ["refuse", "500", "lost"])
async def test_one_failure_is_tried_over(vendors: RunningSandbox, kind: str) -> None:
    vendors.fault("addresses.validate", kind, vendor="google_maps", times=1)
    async with client_under(GOOGLE_MAPS) as http:
        finding = await found(GooglePlaces(http, settings(f"{vendors.url}/google_maps")), LINDEN)
    assert finding.verdict is AddressVerdict.VERIFIED


async def test_places_are_asked_at_each_call_as_their_flag_says() -> None:
    flags, vendor = InMemoryFlags(), InMemoryPlaces()
    behind_flag = FlaggedPlaces(flags, vendor)
    assert await behind_flag.check(LINDEN) is not None
    flags.turn(Flag.PLACES, "off")
    assert await behind_flag.check(LINDEN) is None
    flags.turn(Flag.PLACES, "on")
    assert await behind_flag.check(LINDEN) is not None
    assert vendor.asked == 2
    assert await FlaggedPlaces(flags, None).check(LINDEN) is None
