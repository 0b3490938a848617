"""Everything that the Stripe adapter sends is valid by Stripe's own specification."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import httpx
import pytest

from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import Instrument
from domain.period import Period
from domain.shop import CaptureMethod
from ports.payment_ledger import PaymentLedger
from ports.payments import PaymentGateway
from tests.contracts.payments.requests import asking, key
from tests.contracts.stripe.conftest import Sent
from tests.contracts.stripe.specification import Specification, needed
from tests.contracts.vendor_calls import stripe_with
from tests.sandbox.server import RunningSandbox

# stripe's HTTPXClient posts its form with httpx's old name.
pytestmark = [needed, pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")]

EVER: Final = Period(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
VISA: Final = Instrument(token="pm_card_visa")
BACK: Final = "https://shop.example/back?order=1&x=ä"
# The saved part of the specification leaves this list out.
UNSPECIFIED: Final = {("GET", "/v1/disputes")}


Story = Callable[[StripePaymentGateway], Awaitable[object]]


async def _paid(gateway: StripePaymentGateway) -> str:
    return (await gateway.create(asking(VISA.token, capture_method=CaptureMethod.AUTOMATIC), key())).reference


async def _authorized(gateway: StripePaymentGateway) -> str:
    return (await gateway.create(asking(VISA.token), key())).reference


async def _new(gateway: StripePaymentGateway) -> str:
    return (await gateway.create(asking(), key())).reference


async def confirm(gateway: StripePaymentGateway) -> None:
    await gateway.confirm(await _new(gateway), VISA, BACK, key())


async def confirm_without_a_way_back(gateway: StripePaymentGateway) -> None:
    declined = await gateway.create(asking("pm_card_visa_chargeDeclined"), key())
    await gateway.confirm(declined.reference, VISA, None, key())


async def capture(gateway: StripePaymentGateway) -> None:
    await gateway.capture(await _authorized(gateway), Money.of(1500, "EUR"), key())


async def void(gateway: StripePaymentGateway) -> None:
    await gateway.void(await _authorized(gateway), key())


async def retrieve(gateway: StripePaymentGateway) -> None:
    await gateway.retrieve(await _new(gateway))


async def find(gateway: StripePaymentGateway) -> None:
    await _new(gateway)
    assert await gateway.find(asking().payment_id, EVER) is None


async def refund(gateway: StripePaymentGateway) -> None:
    await gateway.refund(await _paid(gateway), RefundId("ref_1"), Money.of(500, "EUR"), key())


async def find_refund(gateway: StripePaymentGateway) -> None:
    assert await gateway.find_refund(await _paid(gateway), RefundId("ref_1")) is None


async def refunds(gateway: StripePaymentGateway) -> None:
    assert await gateway.refunds(await _paid(gateway)) == {}


async def disputes(gateway: StripePaymentGateway) -> None:
    assert await gateway.disputes(await _paid(gateway)) == ()


async def payments_created(gateway: StripePaymentGateway) -> None:
    await _new(gateway)
    assert [page.listed async for page in gateway.payments_created(EVER)]


async def refunds_created(gateway: StripePaymentGateway) -> None:
    await gateway.refund(await _paid(gateway), RefundId("ref_1"), Money.of(500, "EUR"), key())
    assert [page.listed async for page in gateway.refunds_created(EVER)]


async def disputes_created(gateway: StripePaymentGateway) -> None:
    await _paid(gateway)
    assert [page.listed async for page in gateway.disputes_created(EVER)] == [[]]


STORIES: Final[dict[str, tuple[Story, ...]]] = {
    "create": (
        lambda gateway: gateway.create(asking(), key()),
        lambda gateway: gateway.create(asking(capture_method=CaptureMethod.AUTOMATIC), key()),
        lambda gateway: gateway.create(asking(VISA.token), key()),
        lambda gateway: gateway.create(asking(VISA.token, capture_method=CaptureMethod.AUTOMATIC), key()),
        lambda gateway: gateway.create(asking(amount=Money.of(500, "ISK")), key()),
        lambda gateway: gateway.create(asking(amount=Money.of(1900, "JPY")), key()),
    ),
    "confirm": (confirm,),
    "capture": (capture,),
    "void": (void,),
    "retrieve": (retrieve,),
    "find": (find,),
    "refund": (refund,),
    "find_refund": (find_refund,),
    "refunds": (refunds,),
    "disputes": (disputes,),
    "payments_created": (payments_created,),
    "refunds_created": (refunds_created,),
    "disputes_created": (disputes_created,),
}


def test_every_question_that_the_port_knows_has_its_story() -> None:
    asked = {name for name, _ in inspect.getmembers(PaymentGateway, inspect.iscoroutinefunction)}
    asked.remove("behind")  # it is known without asking
    listed = {name for name, _ in inspect.getmembers(PaymentLedger, inspect.isfunction) if name[0] != "_"}
    assert asked | listed == set(STORIES)


@pytest.mark.parametrize("cards_only", [True, False], ids=["cards only", "automatic methods"])
@pytest.mark.parametrize("name", STORIES)
async def test_every_request_is_valid(
    vendors: RunningSandbox, sent: list[Sent], name: str, *, cards_only: bool
) -> None:
    gateway = _gateway(vendors.url, cards_only=cards_only)
    try:
        for story in STORIES[name]:
            await story(gateway)
    finally:
        await gateway.close()
    specification = Specification()
    assert sent
    for request in sent:
        _check_headers(request)
        if (request.method, request.path) not in UNSPECIFIED:
            problems = specification.problems(request.method, request.path, request.text)
            assert problems == [], f"{request.method} {request.path} {request.text}"


async def test_a_second_try_with_another_card_is_valid_too(vendors: RunningSandbox, sent: list[Sent]) -> None:
    gateway = _gateway(vendors.url, cards_only=True)
    await confirm_without_a_way_back(gateway)
    await gateway.close()
    assert Specification().problems("POST", sent[-1].path, sent[-1].text) == []
    assert sent[-1].text == "payment_method=pm_card_visa"


async def test_the_pages_of_a_list_follow_each_other(vendors: RunningSandbox, sent: list[Sent]) -> None:
    for _ in range(101):
        vendors.post("/payment_intents", {"amount": "1000", "currency": "eur"}).raise_for_status()
    gateway = _gateway(vendors.url, cards_only=True)
    assert await gateway.find(asking().payment_id, EVER) is None
    await gateway.close()
    assert len(sent) == 2
    assert "starting_after=pi_" in sent[1].text
    assert [Specification().problems("GET", page.path, page.text) for page in sent] == [[], []]


async def test_a_request_says_what_is_wanted_in_stripes_words(
    vendors: RunningSandbox, sent: list[Sent]
) -> None:
    gateway = _gateway(vendors.url, cards_only=False)
    request = asking(VISA.token, Money.of(2023, "EUR"))
    await gateway.create(request, key())
    await gateway.close()
    form = httpx.QueryParams(sent[0].text)
    assert dict(form) == {
        "amount": "2023",
        "currency": "eur",
        "capture_method": "automatic",
        "automatic_payment_methods[enabled]": "true",
        "payment_method_options[card][capture_method]": "manual",
        "expand[0]": "payment_method",
        "confirm": "true",
        "payment_method": VISA.token,
        "return_url": request.return_url,
        "metadata[payment_id]": request.payment_id,
        "metadata[order_id]": request.order_id,
    }


@pytest.mark.parametrize("capture_method", CaptureMethod, ids=lambda method: str(method.value))
async def test_a_shop_that_takes_cards_only_asks_for_nothing_else(
    vendors: RunningSandbox, sent: list[Sent], capture_method: CaptureMethod
) -> None:
    gateway = _gateway(vendors.url, cards_only=True)
    payment = await gateway.create(asking(capture_method=capture_method), key())
    await gateway.retrieve(payment.reference)
    await gateway.close()
    form = dict(httpx.QueryParams(sent[0].text))
    asked = {name: value for name, value in form.items() if name not in ("amount", "currency")}
    assert {name: value for name, value in asked.items() if not name.startswith("metadata")} == {
        "payment_method_types[0]": "card",
        "capture_method": capture_method.value,
    }
    assert sent[1].text == ""


async def test_every_write_travels_under_the_key_of_its_attempt(
    vendors: RunningSandbox, sent: list[Sent]
) -> None:
    gateway = _gateway(vendors.url, cards_only=True)
    keys = [key() for _ in range(4)]
    payment = await gateway.create(asking(VISA.token), keys[0])
    await gateway.confirm((await gateway.create(asking(), keys[1])).reference, VISA, BACK, keys[2])
    await gateway.capture(payment.reference, payment.amount, keys[3])
    await gateway.close()
    assert [request.headers["Idempotency-Key"] for request in sent] == keys


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("amount=10.50&currency=eur", "10.50"),
        ("amount=1050&currency=eur&idempotency_key=abc", "idempotency_key"),
        ("amount=1050&currency=eur&capture_method=later", "later"),
        ("amount=1050&currency=eur&automatic_payment_methods[enabled]=perhaps", "perhaps"),
        ("amount=1050&currency=eur&payment_method_types=card", "card"),
        ("currency=eur", "amount"),
    ],
)
def test_an_invalid_body_would_be_seen(text: str, problem: str) -> None:
    assert problem in " ".join(Specification().problems("POST", "/v1/payment_intents", text))


@pytest.mark.parametrize(
    ("path", "query", "problem"),
    [
        ("/v1/payment_intents", "limit=many", "many"),
        ("/v1/payment_intents", "created[gte]=yesterday", "yesterday"),
        ("/v1/refunds", "payment=pi_1", "payment"),
        ("/v1/payment_intentions", "", "is not in the specification"),
    ],
)
def test_an_invalid_query_would_be_seen(path: str, query: str, problem: str) -> None:
    assert problem in " ".join(Specification().problems("GET", path, query))


def _gateway(url: str, *, cards_only: bool) -> StripePaymentGateway:
    return stripe_with(
        StripeSettings(
            secret_key="sk_test_sandbox",
            webhook_secret="whsec_sandbox",
            base_url=f"{url}/stripe",
            cards_only=cards_only,
        )
    )


def _check_headers(request: Sent) -> None:
    assert request.headers["Stripe-Version"] == "2023-10-16"
    assert request.headers["Authorization"] == "Bearer sk_test_sandbox"
    assert ("Idempotency-Key" in request.headers) == (request.method == "POST")
    if request.method == "POST" and request.text:
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
