"""Nobody gets in without a certificate that the service trusts, nobody else is believed to be the service;
and certificates change under load.
"""

import asyncio
import ssl
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from adapters.inventory_service.inventory_service import HttpInventoryService
from adapters.inventory_service.mutual_tls import REFUSED, UNREADABLE, UNTRUSTED
from adapters.inventory_service.settings import CertificateFiles
from domain.identifiers import AttemptId, OrderId, Sku
from domain.reservation import ReservationState
from entrypoints.sandbox.certificates import Authority, Pair, write
from ports.errors import PortError, Unavailable
from ports.inventory import HoldRequest
from tests.builders import new_id, pieces
from tests.contracts.inventory.conftest import API_KEY, MakeService, client_files
from tests.sandbox.server import RunningSandbox

TEA = Sku("TEA")
A_POT = HoldRequest(order_id=OrderId("ord_1"), goods=tuple(pieces(TEA=1)), duration=timedelta(minutes=5))


def key() -> AttemptId:
    return AttemptId(new_id("att"))


def stock_up(vendors: RunningSandbox, quantity: int) -> None:
    vendors.control.post(f"/_control/inventory/products/{TEA}/receive", json={"pieces": quantity})


def taken(vendors: RunningSandbox) -> int:
    (shelf,) = vendors.control.get("/_control/inventory").json()["shelves"]
    reserved: int = shelf["reserved"]
    return reserved


def files_with(folder: Path, pair: Pair, ca: bytes) -> CertificateFiles:
    files = CertificateFiles(
        certificate=folder / "client.pem", key=folder / "client.key", ca=folder / "ca.pem"
    )
    for path, content in ((files.certificate, pair.certificate), (files.key, pair.key), (files.ca, ca)):
        write(path, content)
    return files


def ours(vendors: RunningSandbox) -> Pair:
    files = client_files(vendors.certificates)
    return Pair(certificate=files.certificate.read_bytes(), key=files.key.read_bytes())


def trusted(vendors: RunningSandbox) -> bytes:
    return client_files(vendors.certificates).ca.read_bytes()


async def refusal_of(service: HttpInventoryService) -> str:
    with pytest.raises(Unavailable) as refused:
        await service.reserve(A_POT, key())
    return refused.value.reason


async def test_without_any_certificate_nobody_gets_in(vendors: RunningSandbox) -> None:
    context = ssl.create_default_context(cafile=client_files(vendors.certificates).ca)
    async with httpx.AsyncClient(verify=context, headers={"X-API-Key": API_KEY}) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(f"{vendors.inventory_url}/products/{TEA}/availability")


async def test_a_certificate_of_somebody_else_is_refused_and_nothing_was_sent(
    vendors: RunningSandbox, make_service: MakeService, tmp_path: Path
) -> None:
    stock_up(vendors, 3)
    files = files_with(tmp_path, Authority("somebody else").client(), trusted(vendors))
    assert await refusal_of(make_service(files, API_KEY)) == REFUSED
    assert taken(vendors) == 0


async def test_a_certificate_that_is_over_is_refused(
    vendors: RunningSandbox, make_service: MakeService, tmp_path: Path
) -> None:
    assert vendors.front_door is not None
    authority = vendors.front_door.authority
    over = files_with(tmp_path, authority.client(valid_for=-timedelta(days=1)), trusted(vendors))
    assert await refusal_of(make_service(over, API_KEY)) == REFUSED
    still_good = files_with(tmp_path, authority.client(), trusted(vendors))
    stock_up(vendors, 3)
    hold = await make_service(still_good, API_KEY).reserve(A_POT, key())
    assert hold.state is ReservationState.HELD


@pytest.mark.parametrize("missing", ["client.pem", "client.key", "ca.pem"])
async def test_a_file_that_is_not_there_is_told_and_taken_up_when_it_comes(
    vendors: RunningSandbox, make_service: MakeService, tmp_path: Path, missing: str
) -> None:
    stock_up(vendors, 3)
    files = files_with(tmp_path, ours(vendors), trusted(vendors))
    content = (tmp_path / missing).read_bytes()
    (tmp_path / missing).unlink()
    service = make_service(files, API_KEY)
    assert await refusal_of(service) == UNREADABLE
    write(tmp_path / missing, content)
    assert (await service.reserve(A_POT, key())).state is ReservationState.HELD


async def test_a_service_whose_certificate_we_do_not_trust_gets_nothing(
    vendors: RunningSandbox, make_service: MakeService, tmp_path: Path
) -> None:
    files = files_with(tmp_path, ours(vendors), Authority("somebody else").ca)
    assert await refusal_of(make_service(files, API_KEY)) == UNTRUSTED


async def test_files_that_do_not_fit_together_yet_change_nothing(
    vendors: RunningSandbox, make_service: MakeService, tmp_path: Path
) -> None:
    stock_up(vendors, 3)
    pair = ours(vendors)
    service = make_service(files_with(tmp_path, pair, trusted(vendors)), API_KEY)
    await service.reserve(A_POT, key())
    write(tmp_path / "client.pem", Authority("half a change").client().certificate)
    assert (await service.reserve(A_POT, key())).state is ReservationState.HELD


async def test_certificates_and_their_authority_change_under_load_and_no_request_fails(
    vendors: RunningSandbox, over_mutual_tls: HttpInventoryService, make_service: MakeService, tmp_path: Path
) -> None:
    stock_up(vendors, 1_000)
    before = files_with(tmp_path, ours(vendors), trusted(vendors))
    outcomes: Counter[str] = Counter()
    answered, over = asyncio.Semaphore(0), asyncio.Event()

    async def keep_buying() -> None:
        while not over.is_set():
            try:
                hold = await over_mutual_tls.reserve(A_POT, key())
                outcomes[hold.state.value] += 1
            except PortError as error:
                outcomes[f"{type(error).__name__} {error}"] += 1
            answered.release()

    async def some_more() -> None:
        for _ in range(40):
            await answered.acquire()

    buyers = [asyncio.create_task(keep_buying()) for _ in range(8)]
    await some_more()
    for change in ("renew", "retire", "renew", "retire"):
        vendors.control.post(f"/_control/inventory/certificates/{change}").raise_for_status()
        await some_more()
    over.set()
    await asyncio.gather(*buyers)
    assert set(outcomes) == {ReservationState.HELD.value}
    assert taken(vendors) == outcomes.total()
    # Whoever did not change is not let in any more, so it was the new certificates that got in.
    assert await refusal_of(make_service(before, API_KEY)) in (REFUSED, UNTRUSTED)
