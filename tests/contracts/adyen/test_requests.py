"""Every request that the adapter sends is one of the specification's, and so is the sandbox's answer."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
import pytest

from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.wire import token
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.in_memory.provider_records import InMemoryProviderRecords
from adapters.resilience.policies import ADYEN
from adapters.system_clock import SystemClock
from domain.customer import Payer
from domain.identifiers import CustomerId, RefundId
from domain.money import Money
from domain.payment import Instrument
from domain.shop import CaptureMethod
from ports.errors import Rejected
from tests.contracts.adyen.specification import Specification, needed
from tests.contracts.payments.adyen import AdyenBank, card, settings_at
from tests.contracts.payments.requests import asking, key
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

pytestmark = needed
EUR_5: Final = Money.of(500, "EUR")
ASKS: Final = card(number="test_4212345678910006")
WORKS: Final = card()
IN_BROWSER: Final = Instrument(
    token=token(
        {
            "paymentMethod": {"type": "ideal"},
            "browserInfo": {
                "acceptHeader": "*/*",
                "colorDepth": 24,
                "javaEnabled": False,
                "language": "nl-NL",
                "screenHeight": 723,
                "screenWidth": 1536,
                "timeZoneOffset": 0,
                "userAgent": "Mozilla/5.0",
            },
            "origin": "https://shop.example",
        }
    )
)

ADA: Final = Payer(customer_id=CustomerId("cus_ada"), user_id="user-7")
# Somebody who came from another provider, and is known to Adyen by another id than ours.
SAVES: Final = Payer(customer_id=CustomerId("cus_eva"), reference="shopper-eva", saves_method=True)
SAVED: Final = Instrument(token="7219627091701347")
SAVED_IN_FORM: Final = Instrument(
    token=token({"paymentMethod": {"type": "scheme", "storedPaymentMethodId": SAVED.token}})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    path: str
    headers: httpx.Headers
    sent: Any
    status: int
    answer: Any


class Wiretap(httpx.AsyncBaseTransport):
    """Passes everything on, and keeps it."""

    def __init__(self) -> None:
        self._network = httpx.AsyncHTTPTransport()
        self.heard: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._network.handle_async_request(request)
        answer = await response.aread()
        self.heard.append(
            Exchange(
                path=request.url.path.removeprefix("/adyen/v71"),
                headers=request.headers,
                sent=json.loads(request.content),
                status=response.status_code,
                answer=json.loads(answer),
            )
        )
        return httpx.Response(response.status_code, headers=response.headers, content=answer)

    async def aclose(self) -> None:
        await self._network.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    gateway: AdyenPaymentGateway
    bank: AdyenBank
    heard: list[Exchange]


@pytest.fixture
async def line(vendors: RunningSandbox) -> AsyncIterator[Line]:
    settings, tap = settings_at(vendors.url), Wiretap()
    bank = AdyenBank(vendors, settings)
    async with client_under(ADYEN, transport=tap) as http:
        gateway = AdyenPaymentGateway(http, settings, bank.records, SystemClock(), InMemoryErrorReports())
        bank.gateway = gateway
        yield Line(gateway=gateway, bank=bank, heard=tap.heard)


async def pays(
    line: Line,
    instrument: Instrument = WORKS,
    method: CaptureMethod = CaptureMethod.MANUAL,
    payer: Payer | None = None,
) -> str:
    request = replace(asking("x", capture_method=method), instrument=instrument, payer=payer)
    return (await line.gateway.create(request, key())).reference


async def created(line: Line) -> None:
    await pays(line)


async def created_to_be_captured_at_once(line: Line) -> None:
    await pays(line, method=CaptureMethod.AUTOMATIC)


async def paid_with_all_that_a_browser_says(line: Line) -> None:
    await pays(line, IN_BROWSER)


async def paid_by_a_customer(line: Line) -> None:
    await pays(line, payer=ADA)


async def paid_and_to_be_saved(line: Line) -> None:
    await pays(line, payer=SAVES)


async def paid_with_what_was_saved(line: Line) -> None:
    await pays(line, SAVED, payer=SAVES)


async def paid_in_the_form_with_what_was_saved(line: Line) -> None:
    await pays(line, SAVED_IN_FORM, payer=SAVES)


async def declined(line: Line) -> None:
    await pays(line, card("NOT_ENOUGH_BALANCE"))


async def pending(line: Line) -> None:
    await pays(line, card("PENDING"))


async def back_from_bank(line: Line) -> None:
    await line.bank.agrees(await pays(line, ASKS))


async def refused_at_bank(line: Line) -> None:
    await line.bank.refuses(await pays(line, ASKS))


async def captured(line: Line) -> None:
    await line.gateway.capture(await pays(line), EUR_5, key())


async def voided(line: Line) -> None:
    await line.gateway.void(await pays(line), key())


async def refunded(line: Line) -> None:
    reference = await pays(line, method=CaptureMethod.AUTOMATIC)
    await line.gateway.refund(reference, RefundId("ref_1"), EUR_5, key())


STORIES: Final[dict[str, Callable[[Line], Awaitable[None]]]] = {
    story.__name__: story
    for story in (
        *(created, created_to_be_captured_at_once, paid_with_all_that_a_browser_says, declined, pending),
        *(paid_by_a_customer, paid_and_to_be_saved),
        *(paid_with_what_was_saved, paid_in_the_form_with_what_was_saved),
        *(back_from_bank, refused_at_bank, captured, voided, refunded),
    )
}


@pytest.mark.parametrize("name", STORIES)
async def test_what_is_sent_and_answered_is_what_the_specification_says(line: Line, name: str) -> None:
    await STORIES[name](line)
    specification = Specification()
    assert line.heard
    for exchange in line.heard:
        assert specification.request_problems(exchange.path, exchange.sent) == []
        assert specification.answer_problems(exchange.path, exchange.status, exchange.answer) == []


async def test_our_ids_travel_with_a_payment(line: Line) -> None:
    attempt = key()
    request = replace(asking("x"), instrument=WORKS)
    await line.gateway.create(request, attempt)
    (exchange,) = line.heard
    assert exchange.headers["Idempotency-Key"] == attempt
    assert len(attempt) <= 64
    assert exchange.headers["X-API-Key"] == "AQE_sandbox"
    assert exchange.sent["reference"] == request.order_id
    assert exchange.sent["metadata"] == {"payment_id": request.payment_id, "order_id": request.order_id}
    assert exchange.sent["returnUrl"] == request.return_url


def about_shopper(exchange: Exchange) -> dict[str, Any]:
    names = ("shopperReference", "storePaymentMethod", "shopperInteraction", "recurringProcessingModel")
    return {name: exchange.sent[name] for name in names if name in exchange.sent}


async def test_a_guests_payment_says_nothing_of_a_shopper(line: Line) -> None:
    await pays(line)
    assert about_shopper(line.heard[0]) == {}


async def test_a_customer_is_named_by_our_id_and_nothing_is_stored_unasked(line: Line) -> None:
    await pays(line, payer=ADA)
    assert about_shopper(line.heard[0]) == {"shopperReference": "cus_ada"}
    assert "user-7" not in str(line.heard[0].sent)


async def test_what_is_to_be_saved_is_stored_for_the_id_that_adyen_knows(line: Line) -> None:
    await pays(line, payer=SAVES)
    assert about_shopper(line.heard[0]) == {
        "shopperReference": "shopper-eva",
        "storePaymentMethod": True,
        "shopperInteraction": "Ecommerce",
        "recurringProcessingModel": "CardOnFile",
    }


async def test_the_next_card_after_a_decline_is_stored_for_the_same_shopper(line: Line) -> None:
    reference = await pays(line, card("NOT_ENOUGH_BALANCE"), payer=SAVES)
    await line.gateway.confirm(reference, WORKS, None, key())
    first, second = map(about_shopper, line.heard)
    assert first == second
    assert second["storePaymentMethod"] is True


async def test_a_payment_that_began_without_a_card_keeps_who_pays(line: Line) -> None:
    begun = await line.gateway.create(replace(asking(), payer=SAVES), key())
    await line.gateway.confirm(begun.reference, WORKS, None, key())
    (exchange,) = line.heard
    assert about_shopper(exchange)["shopperReference"] == "shopper-eva"
    assert about_shopper(exchange)["storePaymentMethod"] is True


@pytest.mark.parametrize("instrument", [SAVED, SAVED_IN_FORM], ids=["its id", "the form"])
async def test_what_was_saved_pays_for_its_shopper_and_is_not_stored_again(
    line: Line, instrument: Instrument
) -> None:
    await pays(line, instrument, payer=SAVES)
    assert about_shopper(line.heard[0]) == {
        "shopperReference": "shopper-eva",
        "shopperInteraction": "ContAuth",
        "recurringProcessingModel": "CardOnFile",
    }


@pytest.mark.parametrize("instrument", [SAVED, SAVED_IN_FORM], ids=["its id", "the form"])
async def test_what_somebody_saved_pays_for_no_guest(line: Line, instrument: Instrument) -> None:
    with pytest.raises(Rejected):
        await pays(line, instrument)


async def test_a_refund_carries_its_own_id(line: Line) -> None:
    await refunded(line)
    assert line.heard[-1].sent["reference"] == "ref_1"


async def test_a_payment_that_nobody_pays_asks_nothing_of_adyen(line: Line) -> None:
    reference = (await line.gateway.create(asking(), key())).reference
    await line.gateway.void(reference, key())
    assert line.heard == []


async def test_amounts_are_in_adyens_units() -> None:
    """Its decimals are not ISO's for some currencies."""
    records = InMemoryProviderRecords()
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["amount"])
        return httpx.Response(200, json={"pspReference": "PSP", "resultCode": "Authorised"})

    async with client_under(ADYEN, transport=httpx.MockTransport(answer)) as http:
        settings = settings_at("http://adyen.test")
        gateway = AdyenPaymentGateway(http, settings, records, SystemClock(), InMemoryErrorReports())
        for amount in (Money.of(1999, "ISK"), Money.of(500, "JPY"), Money.of(1234, "KWD")):
            request = replace(asking("x", amount), instrument=WORKS)
            assert (await gateway.create(request, key())).amount == amount
    assert [(each["currency"], each["value"]) for each in sent] == [
        ("ISK", 199_900),
        ("JPY", 500),
        ("KWD", 1234),
    ]
