"""The carriers' adapters when things go wrong: tokens that run out, vendors that fail in every way, a quota
that is used up, and a shopper who waits.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, cast

import httpx
import pytest

from adapters.fedex.delivery_rates import FedExDeliveryRates
from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.resilience.access_tokens import AccessTokens, IssuedToken
from adapters.resilience.policies import POLICIES
from adapters.system_clock import SystemClock
from domain.catalog import Parcel
from domain.delivery import DeliveryOffers
from domain.packing import Pieces
from entrypoints.sandbox.app import create_app
from entrypoints.sandbox.faults import FaultKind
from entrypoints.sandbox.settings import SandboxSettings
from entrypoints.sandbox.world import World
from ports.delivery_rates import DeliveryRates
from ports.errors import PortError, Rejected, Unavailable
from tests.application.carriers import asking
from tests.contracts.delivery.carriers import FEDEX, FLAGS, HOME, NAMES, Sandbox, a_question, adapter, sandbox
from tests.contracts.scripted_vendor import Reply, Silence, scripted
from tests.contracts.vendor_calls import Told, client_under

# What GET …/delivery-options may take, whatever the carriers do.
PROMISED_SECONDS: Final = 3.2


def under_policies(world: World, clock: ManualClock) -> dict[str, DeliveryRates]:
    """The adapters as they are wired: each behind its policy, all with one cache."""
    app = cast(Any, create_app(SandboxSettings(seed=1), world=world))  # both are ASGI, typed differently
    cache = InMemoryCache(clock)
    clients = {}
    for name in NAMES:
        clients[name] = client_under(
            POLICIES[name], clock=clock, told=Told(), transport=httpx.ASGITransport(app)
        )
        clients[name].base_url = httpx.URL(f"http://sandbox/{name}")
    return {name: adapter(name, clients[name], cache, clock) for name in NAMES}


async def ask_all(vendors: Sandbox) -> DeliveryOffers:
    together = {flag: vendors.adapters[flag.key] for flag in FLAGS}
    return await asking(together, deadline_seconds=3).offers(a_question())


async def test_three_carriers_answer_with_one_list() -> None:
    offers = await ask_all(sandbox())
    assert offers.silent == ()
    assert {option.id.partition("_")[0] for option in offers.options} == set(NAMES)
    assert [option.amount.minor for option in offers.options] == sorted(
        o.amount.minor for o in offers.options
    )
    again = await ask_all(sandbox())
    assert [option.id for option in again.options] == [option.id for option in offers.options]


@pytest.mark.parametrize("carrier", NAMES)
async def test_twenty_who_ask_at_once_fetch_one_token(carrier: str) -> None:
    vendors = sandbox()
    await asyncio.gather(*(vendors.adapters[carrier].offers(a_question()) for _ in range(20)))
    assert vendors.calls(carrier)["oauth.token"] == 1


@pytest.mark.parametrize("carrier", NAMES)
async def test_a_token_that_is_worth_nothing_any_more_is_replaced_once(carrier: str) -> None:
    vendors = sandbox()
    await vendors.adapters[carrier].offers(a_question())
    vendors.world.carriers[carrier].revoke()
    other = a_question(goods=(Pieces(piece=Parcel(weight_grams=2_000), quantity=1),))
    offers = await asyncio.gather(*(vendors.adapters[carrier].offers(other) for _ in range(5)))
    assert all(offer.options for offer in offers)
    assert vendors.calls(carrier)["oauth.token"] == 2


async def test_two_processes_fetch_one_token() -> None:
    """Each has its own memory; the cache is the one thing that they share."""
    clock, fetched = SystemClock(), 0
    cache = InMemoryCache(clock)

    async def issue() -> IssuedToken:
        nonlocal fetched
        fetched += 1
        await asyncio.sleep(0)
        return IssuedToken(value=f"token-{fetched}", lifetime=timedelta(hours=1))

    async def call(token: str) -> httpx.Response:
        return httpx.Response(200, text=token)

    processes = [AccessTokens(cache, clock, "carrier", issue) for _ in range(4)]
    answers = await asyncio.gather(*(process.send(call) for process in processes for _ in range(5)))
    assert (fetched, {answer.text for answer in answers}) == (1, {"token-1"})


async def test_a_token_is_renewed_before_it_ends() -> None:
    clock, fetched = ManualClock(), 0
    cache = InMemoryCache(clock)

    async def issue() -> IssuedToken:
        nonlocal fetched
        fetched += 1
        return IssuedToken(value=f"token-{fetched}", lifetime=timedelta(hours=1))

    async def call(token: str) -> httpx.Response:
        return httpx.Response(200, text=token)

    tokens = AccessTokens(cache, clock, "carrier", issue)
    assert (await tokens.send(call)).text == "token-1"
    clock.advance(timedelta(minutes=58))
    assert (await tokens.send(call)).text == "token-1"
    clock.advance(timedelta(minutes=1))
    assert (await tokens.send(call)).text == "token-2"


async def test_somebody_who_died_fetching_does_not_keep_the_others_waiting_for_long() -> None:
    clock = ManualClock()
    cache = InMemoryCache(clock)
    await cache.put_if_absent("access-token-turn:carrier", b"taken", 3)

    async def issue() -> IssuedToken:
        return IssuedToken(value="token", lifetime=timedelta(hours=1))

    async def call(token: str) -> httpx.Response:
        return httpx.Response(200, text=token)

    began = clock.now()
    assert (await AccessTokens(cache, clock, "carrier", issue).send(call)).text == "token"
    assert clock.now() - began <= timedelta(seconds=3.1)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"access_token": "", "expires_in": 1}',
        b'{"access_token": "a b", "expires_in": 1}',
        b'{"access_token": "t\\r\\nX: y", "expires_in": 1}',
        b'{"access_token": "\xc3\xa9", "expires_in": "1"}',
    ],
    ids=["none", "empty", "two words", "header", "accent"],
)
async def test_a_token_that_is_none_is_unavailable(body: bytes) -> None:
    async with scripted(Reply(body=body)) as vendor, httpx.AsyncClient(base_url=vendor.url) as http:
        clock = SystemClock()
        with pytest.raises(Unavailable):
            await FedExDeliveryRates(http, FEDEX, InMemoryCache(clock), clock).offers(a_question())


@pytest.mark.parametrize("carrier", NAMES)
async def test_wrong_credentials_are_for_a_person_to_mend_and_in_no_text(
    carrier: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.sandbox.carriers.CLIENT_SECRET", "another")
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as failure:
        await sandbox().adapters[carrier].offers(a_question())
    assert failure.value.reason == f"{carrier}_token_401"
    told = " ".join(record.getMessage() for record in caplog.records) + repr(failure.value)
    assert "sandbox_secret" not in told
    assert "Marked" not in told


@pytest.mark.parametrize("carrier", NAMES)
@pytest.mark.parametrize("kind", [k for k in FaultKind if k is not FaultKind.DELAY])
@pytest.mark.parametrize("operation", ["oauth.token", "rates.list"])
async def test_every_way_to_fail_is_unavailable(carrier: str, kind: FaultKind, operation: str) -> None:
    world = World(SandboxSettings(seed=1))
    world.faults.add(carrier, operation, kind, times=None)
    with pytest.raises(Unavailable):
        await under_policies(world, ManualClock())[carrier].offers(a_question())


@pytest.mark.parametrize("carrier", NAMES)
async def test_absurd_prices_are_no_offers(carrier: str) -> None:
    vendors = sandbox()
    vendors.world.carriers[carrier].absurd = True
    assert await vendors.adapters[carrier].offers(a_question()) == DeliveryOffers()


@pytest.mark.parametrize("carrier", NAMES[:2])
async def test_a_place_that_a_carrier_does_not_go_to_is_refused(carrier: str) -> None:
    nowhere = replace(HOME, country="AQ", postcode="0000")
    with pytest.raises(Rejected):
        await sandbox().adapters[carrier].offers(a_question(destination=nowhere))


async def test_usps_is_asked_once_a_day_about_a_parcel_and_a_route() -> None:
    vendors, usps = sandbox(), "usps"
    first = await vendors.adapters[usps].offers(a_question())
    assert await vendors.adapters[usps].offers(a_question()) == first
    assert vendors.calls(usps)["rates.list"] == 1
    await vendors.adapters[usps].offers(a_question(destination=replace(HOME, postcode="10001")))
    assert vendors.calls(usps)["rates.list"] == 2


async def test_equal_parcels_are_one_question_to_usps() -> None:
    vendors = sandbox()
    crate = Parcel(weight_grams=20_000, length_mm=500, width_mm=400, height_mm=300)
    one, three = [
        (await vendors.adapters["usps"].offers(a_question(goods=(Pieces(piece=crate, quantity=n),)))).options
        for n in (1, 3)
    ]
    assert [option.amount.minor * 3 for option in one] == [option.amount.minor for option in three]
    assert vendors.calls("usps")["rates.list"] == 1


async def test_the_policy_keeps_uspss_quota_and_what_is_known_is_still_offered() -> None:
    world, clock = World(SandboxSettings(seed=1)), ManualClock()
    usps = under_policies(world, clock)["usps"]
    known = await usps.offers(a_question())
    refused = 0
    for number in range(80):
        try:
            await usps.offers(a_question(destination=replace(HOME, postcode=f"1{number:04d}")))
        except Unavailable:
            refused += 1
    calls = world.carriers["usps"].calls
    assert calls.total() <= 60
    assert refused == 80 - (calls["rates.list"] - 1)
    assert await usps.offers(a_question()) == known
    clock.advance(timedelta(hours=1))
    assert (await usps.offers(a_question(destination=replace(HOME, postcode="99501")))).options


@asynccontextmanager
async def carriers_at(url: str) -> AsyncIterator[dict[str, DeliveryRates]]:
    clock = SystemClock()
    cache = InMemoryCache(clock)
    async with httpx.AsyncClient(base_url=url) as http:
        yield {name: adapter(name, http, cache, clock) for name in NAMES}


async def test_a_carrier_that_hangs_is_cut_off_and_the_shopper_gets_the_others() -> None:
    """On a real socket: it takes the request, and says nothing for as long as anybody waits."""
    vendors = sandbox()
    token = Reply(body=b'{"access_token": "t", "expires_in": 3599}')
    async with scripted(token, Silence.HANGS) as hanging, carriers_at(hanging.url) as stuck:
        rates = {flag: vendors.adapters[flag.key] for flag in FLAGS} | {FLAGS[0]: stuck["fedex"]}
        began = time.monotonic()
        offers = await asking(rates, deadline_seconds=0.3).offers(a_question())
        took = time.monotonic() - began
    assert [request.target for request in hanging.received] == ["/oauth/token", "/rate/v1/rates/quotes"]
    assert offers.silent == ("fedex",)
    assert {option.id.partition("_")[0] for option in offers.options} == {"ups", "usps"}
    assert took < 0.3 + PROMISED_SECONDS - 3


async def test_all_of_them_hanging_takes_no_longer_than_was_promised() -> None:
    async with scripted(Silence.HANGS) as hanging, carriers_at(hanging.url) as stuck:
        together = asking({flag: stuck[flag.key] for flag in FLAGS}, deadline_seconds=3)
        began = time.monotonic()
        offers = await together.offers(a_question())
        took = time.monotonic() - began
    assert took < PROMISED_SECONDS
    assert offers.silent == NAMES
    assert all(option.estimated for option in offers.options)


async def test_whatever_a_carrier_does_it_is_silent_or_an_error_of_the_ports() -> None:
    strange = [
        Reply(body=b"<html>maintenance</html>"),
        Reply(status=204, body=b""),
        Reply(status=302, headers={"Location": "https://elsewhere.example"}),
        Reply(body=b'{"a"'),
    ]
    for reply in strange:
        async with scripted(reply) as vendor, carriers_at(vendor.url) as odd:
            for carrier in odd.values():
                with pytest.raises(PortError):
                    await carrier.offers(a_question())
