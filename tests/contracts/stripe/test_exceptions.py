"""Every exception of Stripe's SDK has its row in the adapter's table, and one that is new is found."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Final

import pytest
import stripe
from stripe import oauth_error

from adapters.in_memory.error_reports import InMemoryErrorReports, Reported
from adapters.stripe.errors import EFFECTS, Effect, meaning
from adapters.stripe.settings import StripeSettings
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contracts.payments.requests import asking, key
from tests.contracts.scripted_vendor import Reply, scripted
from tests.contracts.vendor_calls import stripe_with

Kind = type[stripe.StripeError]
SECRET: Final = "sk_test_marked told to nobody"


def _exceptions_of_the_sdk() -> list[Kind]:
    """All subclasses, those of modules that are only imported when they are needed among them."""
    for module in pkgutil.iter_modules(stripe.__path__, "stripe."):
        if "error" in module.name:
            importlib.import_module(module.name)
    found: list[Kind] = []
    waiting: list[Kind] = [stripe.StripeError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return sorted(set(found), key=lambda kind: (kind.__module__, kind.__name__))


# Listed once, before any test plants one of its own.
KINDS: Final = _exceptions_of_the_sdk()
MEANT: Final[dict[Effect, tuple[type[PortError], type[PortError]]]] = {
    Effect.REFUSED: (Rejected, Rejected),
    Effect.NOTHING: (Unavailable, Unavailable),
    Effect.UNKNOWN: (OutcomeUnknown, Unavailable),
}


def without_a_row(kinds: Iterable[Kind]) -> set[str]:
    return {f"{kind.__module__}.{kind.__name__}" for kind in kinds if kind not in EFFECTS}


def raised(kind: Kind, status: int | None = None, code: str | None = None) -> stripe.StripeError:
    """One as the SDK would raise it, whatever its own constructor takes."""
    error = kind.__new__(kind)
    stripe.StripeError.__init__(error, SECRET, http_body=SECRET, http_status=status, code=code)
    error.__cause__ = ConnectionResetError(SECRET)
    return error


def test_every_exception_of_the_sdk_has_a_row_and_every_row_an_exception() -> None:
    assert len(KINDS) > 30
    assert without_a_row(KINDS) == set()
    assert set(EFFECTS) == set(KINDS)


def test_one_that_is_new_would_be_found_and_until_then_is_in_doubt() -> None:
    class TideError(stripe.StripeError):
        """Not in the table."""

    assert without_a_row([*KINDS, TideError]) == {f"{__name__}.TideError"}
    assert isinstance(meaning(raised(TideError), writing=True), OutcomeUnknown)
    assert isinstance(meaning(raised(TideError), writing=False), Unavailable)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
@pytest.mark.parametrize("writing", [True, False], ids=["write", "read"])
def test_each_is_translated_without_a_word_of_its_text(kind: Kind, writing: bool) -> None:
    told = meaning(raised(kind), writing=writing)
    assert type(told) is MEANT[EFFECTS[kind]][0 if writing else 1]
    assert "marked" not in f"{told!r} {told} {told.args} {vars(told)}"


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        (stripe.CardError, Effect.REFUSED),
        (stripe.InvalidRequestError, Effect.REFUSED),
        (stripe.RateLimitError, Effect.NOTHING),
        (stripe.AuthenticationError, Effect.NOTHING),
        (stripe.PermissionError, Effect.NOTHING),
        (stripe.IdempotencyError, Effect.UNKNOWN),
        (stripe.APIConnectionError, Effect.UNKNOWN),
        (stripe.APIError, Effect.UNKNOWN),
        (oauth_error.InvalidRequestError, Effect.UNKNOWN),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_those_that_our_calls_can_meet_mean(kind: Kind, effect: Effect) -> None:
    assert EFFECTS[kind] is effect


@pytest.mark.parametrize("kind", [stripe.CardError, stripe.InvalidRequestError, stripe.APIError])
@pytest.mark.parametrize(
    ("status", "expected"), [(409, OutcomeUnknown), (429, Unavailable)], ids=["conflict", "too many"]
)
def test_these_statuses_say_more_than_the_class(kind: Kind, status: int, expected: type[PortError]) -> None:
    assert type(meaning(raised(kind, status), writing=True)) is expected


@pytest.mark.parametrize("kind", [stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError])
def test_after_a_try_that_was_lost_nothing_is_certain_any_more(kind: Kind) -> None:
    assert type(meaning(raised(kind), writing=True, earlier_try_lost=True)) is OutcomeUnknown
    assert type(meaning(raised(kind), writing=False, earlier_try_lost=True)) is Unavailable


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("0", 0), ("", None), ("soon", None), ("-1", None), ("1.5", None), ("²", None)],
)
def test_a_wait_is_a_whole_number_of_seconds(text: str, seconds: int | None) -> None:
    error = stripe.RateLimitError("slow down", http_status=429, headers={"retry-after": text})
    told = meaning(error, writing=True)
    assert isinstance(told, Unavailable)
    assert told.retry_after_seconds == seconds


def page(body: str, status: int = 200) -> Reply:
    return Reply(status=status, body=body.encode())


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
@pytest.mark.parametrize(
    ("answer", "reported"),
    [
        (page('{"error": {"type": "idempotency_error"}}', 400), "IdempotencyError"),
        (page('{"error": {"type": "invalid_request_error"}}', 401), "AuthenticationError"),
        (page('{"error": {"type": "invalid_request_error"}}', 403), "PermissionError"),
        (page('{"unlike": "a payment"}'), "AnswerUnreadable"),
        (page('{"error": {"type": "card_error", "code": "card_declined"}}', 402), None),
        (page('{"error": {"type": "invalid_request_error"}}', 404), None),
        (page('{"error": {"type": "rate_limit_error"}}', 429), None),
        (page('{"error": {"type": "api_error"}}', 500), None),
    ],
    ids=lambda value: str(value) if value is None or isinstance(value, str) else str(value.status),
)
async def test_what_a_working_shop_does_not_meet_is_reported_and_charges_nothing_twice(
    answer: Reply, reported: str | None
) -> None:
    reports = InMemoryErrorReports()
    async with scripted(answer) as vendor:
        settings = StripeSettings(secret_key="sk_test_1", webhook_secret="whsec_1", base_url=vendor.url)
        gateway = stripe_with(settings, reports=reports)
        with pytest.raises((Rejected, Unavailable, OutcomeUnknown)):
            await gateway.create(asking("pm_card_visa"), key())
        await gateway.close()
    told = Reported(where="stripe.payment_intents.create", error=reported or "", subject=None)
    assert reports.reported == ((told,) if reported else ())
    assert len({request.headers["idempotency-key"] for request in vendor.received}) == 1
