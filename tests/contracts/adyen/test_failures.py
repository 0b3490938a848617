"""What Adyen's errors and silences mean: a no, certainly nothing, or a doubt; and one effect in any case."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import httpx
import msgspec
import pytest

from adapters.adyen.errors import EFFECTS, REFUSALS, Effect, ServiceError, decline, refusal
from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.in_memory.provider_records import InMemoryProviderRecords
from adapters.resilience.policies import ADYEN
from adapters.system_clock import SystemClock
from domain.payment import DeclineReason, Instrument, PaymentState
from domain.shop import CaptureMethod
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.payments import PaymentRequest
from tests.contracts.adyen.specification import needed
from tests.contracts.payments.adyen import AdyenBank, adyen_at, card, settings_at
from tests.contracts.payments.requests import asking, key
from tests.contracts.vendor_calls import client_under
from tests.contracts.vendor_papers import read
from tests.sandbox.server import RunningSandbox

WORKS: Final = card()


def paying(instrument: Instrument = WORKS) -> PaymentRequest:
    return replace(asking("x", capture_method=CaptureMethod.MANUAL), instrument=instrument)


@pytest.fixture
async def line(vendors: RunningSandbox) -> AsyncIterator[tuple[AdyenPaymentGateway, AdyenBank]]:
    async with adyen_at(vendors) as pair:
        yield pair


Line = tuple[AdyenPaymentGateway, AdyenBank]


@pytest.mark.parametrize("kind", ["lost", "500_after", "500", "refuse", "429"])
async def test_a_failure_is_tried_again_under_its_key_and_has_one_effect(
    vendors: RunningSandbox, line: Line, kind: str
) -> None:
    gateway, _ = line
    vendors.fault("payments.create", kind, vendor="adyen")
    assert (await gateway.create(paying(), key())).state is PaymentState.AUTHORIZED
    assert len(vendors.control.get("/_control/adyen/payments").json()) == 1


@pytest.mark.parametrize("operation", ["create", "capture", "void"])
@pytest.mark.parametrize("kind", ["lost", "500_after", "invalid"])
async def test_a_write_whose_answer_never_comes_is_a_doubt_that_a_repeat_settles(
    vendors: RunningSandbox, line: Line, operation: str, kind: str
) -> None:
    gateway, bank = line
    request, attempt = paying(), key()
    first = key()
    names = {"create": "payments.create", "capture": "payments.captures", "void": "payments.cancels"}

    async def asked() -> Any:
        match operation:
            case "create":
                return await gateway.create(request, attempt)
            case "capture":
                return await gateway.capture(request.payment_id, request.amount, attempt)
            case _:
                return await gateway.void(request.payment_id, attempt)

    if operation != "create":
        await gateway.create(request, first)
    vendors.fault(names[operation], kind, vendor="adyen", times=4)
    with pytest.raises(OutcomeUnknown):
        await asked()
    vendors.control.delete("/_control/faults").raise_for_status()
    await asked()
    await bank.everything_is_carried_out()
    (payment,) = vendors.control.get("/_control/adyen/payments").json()
    expected = {"create": (0, False), "capture": (request.amount.minor, False), "void": (0, True)}
    assert (payment["captured"], payment["is_cancelled"]) == expected[operation]


async def test_a_webhook_that_is_quicker_than_the_answer_is_not_lost(
    vendors: RunningSandbox, line: Line
) -> None:
    gateway, bank = line
    request = paying()
    await gateway.create(request, key())
    attempt = key()
    vendors.fault("payments.captures", "lost", vendor="adyen", times=4)
    with pytest.raises(OutcomeUnknown):
        await gateway.capture(request.payment_id, request.amount, attempt)
    vendors.control.delete("/_control/faults").raise_for_status()
    await bank.everything_is_carried_out()
    assert (await gateway.capture(request.payment_id, request.amount, attempt)).state is PaymentState.CAPTURED


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (422, {"errorType": "validation", "errorCode": "130"}, Rejected),
        (400, {"errorType": "validation", "errorCode": "702"}, Rejected),
        (422, {"errorType": "modification", "errorCode": "167"}, Rejected),
        (422, {"errorType": "validation", "errorCode": "704"}, OutcomeUnknown),
        (403, {"errorType": "security", "errorCode": "901"}, Unavailable),
        (401, {"errorType": "security", "errorCode": "000"}, Unavailable),
        (422, {"errorType": "configuration", "errorCode": "905"}, Unavailable),
        (404, {}, Unavailable),
        (409, {"errorType": "validation"}, OutcomeUnknown),
        (422, {"errorType": "internal", "errorCode": "999"}, OutcomeUnknown),
        (418, {"errorType": "teapot"}, OutcomeUnknown),
        (422, {}, OutcomeUnknown),
    ],
)
async def test_each_error_is_a_no_or_nothing_or_a_doubt(
    status: int, error: dict[str, str], kind: type[Exception]
) -> None:
    reports = InMemoryErrorReports()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"status": status, "message": "a secret", **error})

    async with client_under(ADYEN, transport=httpx.MockTransport(answer)) as http:
        gateway = AdyenPaymentGateway(
            http, settings_at("http://adyen.test"), InMemoryProviderRecords(), SystemClock(), reports
        )
        with pytest.raises(kind) as caught:
            await gateway.create(paying(), key())
    assert "secret" not in str(caught.value)
    assert bool(reports.reported) is (kind is not Rejected)


def test_every_category_of_errors_has_its_meaning() -> None:
    """Those of https://docs.adyen.com/development-resources/response-handling."""
    assert set(EFFECTS) == {"validation", "modification", "configuration", "security", "internal"}
    assert set(EFFECTS.values()) == set(Effect)


@pytest.mark.parametrize("error_type", ["security", "configuration"])
def test_after_a_try_that_may_have_happened_nothing_is_certain(error_type: str) -> None:
    error = ServiceError(error_code="901", error_type=error_type)
    assert isinstance(refusal(403, error, earlier_try_lost=True), OutcomeUnknown)


@pytest.mark.parametrize(("code", "words", "reason"), [(c, w, r) for c, (w, r) in REFUSALS.items()])
def test_each_refusal_is_known_by_its_code_and_by_its_words(
    code: str, words: str, reason: DeclineReason
) -> None:
    assert decline(code) == decline(None, words)
    assert (decline(code).code, decline(code).reason) == (code, reason)


@pytest.mark.parametrize(("code", "words"), [("999", None), (None, "Moon full"), (None, None)])
def test_an_unknown_refusal_is_a_refusal_without_a_reason(code: str | None, words: str | None) -> None:
    assert decline(code, words).reason is DeclineReason.NOT_ACCEPTED


def test_every_reason_that_a_shopper_can_be_told_is_somebodys() -> None:
    assert {reason for _, reason in REFUSALS.values()} == set(DeclineReason)


@needed
def test_the_errors_of_adyens_own_mocks_are_read() -> None:
    bodies = read("adyen", "sdk-mocks.json")["bodies"]
    invalid = msgspec.convert(bodies["payments-error-invalid-data-422"], ServiceError)
    assert isinstance(refusal(422, invalid, earlier_try_lost=False), Rejected)
    forbidden = msgspec.convert(bodies["paymentmethods-error-forbidden-403"], ServiceError)
    assert isinstance(refusal(403, forbidden, earlier_try_lost=False), Unavailable)
