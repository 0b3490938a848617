"""What the service's failures mean: nothing happened, or nobody knows; and a repeat shows which."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.inventory_service.inventory_service import HttpInventoryService
from adapters.inventory_service.settings import InventorySettings
from adapters.resilience.policies import INVENTORY
from domain.identifiers import AttemptId, OrderId, Sku
from domain.reservation import ReservationState
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.inventory import HoldRequest
from tests.builders import new_id, pieces
from tests.contracts.inventory.conftest import MakeService, SandboxShelves, client_files
from tests.contracts.scripted_vendor import Reply, ScriptedVendor
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

TEA = Sku("TEA")
ORDER = OrderId("ord_1")
REQUEST = HoldRequest(order_id=ORDER, goods=tuple(pieces(TEA=2)), duration=timedelta(minutes=5))
# The policy tries this often.
TRIES = INVENTORY.retries + 1


def key() -> AttemptId:
    return AttemptId(new_id("att"))


@pytest.fixture
def shelves(vendors: RunningSandbox) -> SandboxShelves:
    shelves = SandboxShelves(vendors)
    shelves.receive(TEA, 5)
    return shelves


@pytest.mark.parametrize("kind", ["lost", "500_after", "500", "refuse", "invalid"])
@pytest.mark.parametrize("operation", ["reserve", "confirm", "release"])
async def test_a_write_without_an_answer_is_in_doubt_and_a_repeat_sees_it_through(
    vendors: RunningSandbox,
    shelves: SandboxShelves,
    over_mutual_tls: HttpInventoryService,
    operation: str,
    kind: str,
) -> None:
    service, made = over_mutual_tls, await over_mutual_tls.reserve(REQUEST, key())
    assert made.reference is not None
    reference, once = made.reference, key()

    async def call() -> ReservationState:
        if operation == "reserve":
            return (await service.reserve(REQUEST, once)).state
        if operation == "confirm":
            return (await service.confirm(reference, ORDER, once)).state
        return (await service.release(reference, once)).state

    vendors.fault("*", kind, vendor="inventory", times=1 if kind == "invalid" else TRIES)
    if operation != "reserve" and kind == "invalid":
        assert (await call()) in (ReservationState.CONFIRMED, ReservationState.RELEASED), "nothing to read"
    else:
        with pytest.raises(OutcomeUnknown):
            await call()
    await call()
    held, sold, free = shelves.count(TEA)
    expected = {"reserve": (4, 0, 1), "confirm": (0, 2, 3), "release": (0, 0, 5)}
    assert (held, sold, free) == expected[operation]


async def test_a_service_that_is_asked_too_often_did_nothing(
    vendors: RunningSandbox, shelves: SandboxShelves, over_mutual_tls: HttpInventoryService
) -> None:
    vendors.fault("reservations.create", "429", vendor="inventory", times=TRIES)
    with pytest.raises(Unavailable):
        await over_mutual_tls.reserve(REQUEST, key())
    assert shelves.count(TEA) == (0, 0, 5)


async def test_a_short_failure_is_not_even_noticed(
    vendors: RunningSandbox, shelves: SandboxShelves, over_mutual_tls: HttpInventoryService
) -> None:
    vendors.fault("reservations.create", "lost", vendor="inventory", times=1)
    hold = await over_mutual_tls.reserve(REQUEST, key())
    assert hold.state is ReservationState.HELD
    assert shelves.count(TEA) == (2, 0, 3)


async def test_a_wrong_key_is_no_fault_of_the_goods(
    vendors: RunningSandbox, shelves: SandboxShelves, make_service: MakeService
) -> None:
    service = make_service(client_files(vendors.certificates), "wrong")
    with pytest.raises(Unavailable) as refused:
        await service.reserve(REQUEST, key())
    assert refused.value.reason == "http_401"
    assert await service.available([TEA]) == {}


async def test_what_cannot_be_asked_about_is_missing_and_the_rest_is_told(
    vendors: RunningSandbox, shelves: SandboxShelves, over_mutual_tls: HttpInventoryService
) -> None:
    vendors.fault("products.availability", "500", vendor="inventory", times=TRIES)
    assert await over_mutual_tls.available([TEA]) == {}
    assert await over_mutual_tls.available([TEA]) == {TEA: 5}


async def test_browsers_do_not_ask_the_service_each_time(
    vendors: RunningSandbox, shelves: SandboxShelves, over_mutual_tls: HttpInventoryService
) -> None:
    assert await over_mutual_tls.available([TEA]) == {TEA: 5}
    shelves.receive(TEA, 5)
    assert await over_mutual_tls.available([TEA]) == {TEA: 5}


def answering(*replies: Reply) -> ScriptedVendor:
    return ScriptedVendor(replies, leaves=False)


@pytest.fixture
async def scripted() -> AsyncIterator[Any]:
    """A service that says what it is told to, reached in clear."""
    opened: list[Any] = []

    async def open_one(*replies: Reply) -> HttpInventoryService:
        vendor, clock = answering(*replies), ManualClock()
        await vendor.open()
        http = client_under(INVENTORY, clock=clock)
        opened.extend((vendor, http))
        settings = InventorySettings(base_url=vendor.url, api_key="inv_1")
        return HttpInventoryService(http, settings, InMemoryCache(clock), clock)

    yield open_one
    for thing in opened:
        if isinstance(thing, ScriptedVendor):
            thing.close()
        else:
            await thing.aclose()


def fault(code: str, status: int) -> Reply:
    return Reply(status=status, body=b'{"error": {"code": "%s"}}' % code.encode())


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        # Somebody else answers in the service's place: our address is wrong, and no hold is lost.
        (Reply(status=404, body=b"<html>not here</html>"), Unavailable),
        (Reply(status=403, body=b""), Unavailable),
        (Reply(status=400, body=b"bad"), OutcomeUnknown),
        (Reply(status=302, body=b""), OutcomeUnknown),
        (fault("request_invalid", 400), Rejected),
        (fault("a_code_of_tomorrow", 409), Rejected),
        (fault("idempotency_key_reused", 422), OutcomeUnknown),
    ],
    ids=str,
)
async def test_answers_that_say_nothing_about_a_hold(
    scripted: Any, reply: Reply, error: type[PortError]
) -> None:
    service = await scripted(reply)
    for call in (
        service.reserve(REQUEST, key()),
        service.confirm("res_1", ORDER, key()),
        service.release("res_1", key()),
    ):
        with pytest.raises(error):
            await call


async def test_an_item_that_the_answer_leaves_out_was_not_reserved(scripted: Any) -> None:
    service = await scripted(
        Reply(
            status=201,
            body=b'{"reservation_id": "r", "expires_at": "2099-01-01T00:00:00Z", "items": []}',
        )
    )
    hold = await service.reserve(REQUEST, key())
    assert (hold.state, hold.short_of, hold.reference) == (ReservationState.PARTIAL, (TEA,), "r")


async def test_a_service_whose_clock_goes_wrong_still_says_how_long_a_hold_lasts(scripted: Any) -> None:
    service = await scripted(
        Reply(
            status=201,
            body=b'{"reservation_id": "r", "expires_at": "2019-03-01T12:10:00Z", "items": []}',
            headers={"Date": "Fri, 01 Mar 2019 12:00:00 GMT"},
        )
    )
    hold = await service.reserve(REQUEST, key())
    lasts = hold.expires_at - ManualClock().now()
    assert timedelta(minutes=9, seconds=55) < lasts <= timedelta(minutes=10)


async def test_a_service_that_cannot_be_asked_for_its_holds_says_so(scripted: Any) -> None:
    service = await scripted(Reply(status=405, body=b""))
    with pytest.raises(Rejected):
        await service.find(ORDER)
