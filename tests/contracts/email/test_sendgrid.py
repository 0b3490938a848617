"""SendGrid's adapter: what it sends is valid by SendGrid's specification, and what each answer means."""

import json
import logging
from dataclasses import replace
from typing import Any, Final

import pytest
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from adapters.resilience.policies import SENDGRID
from adapters.sendgrid.email_sender import SendGridEmailSender
from ports.email import Email
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contracts.email.letters import CONFIRMATION, settings, tells_nothing
from tests.contracts.scripted_vendor import Received, Reply, Silence, Step, scripted
from tests.contracts.vendor_calls import client_under
from tests.contracts.vendor_papers import needs, read

SPECIFICATION: Final = "mail-send.trimmed.json"
TOLD: Final = b'{"errors": [{"message": "ada.marked@example.com", "field": "SG.marked-secret"}]}'
ACCEPTED: Final = Reply(status=202, body=b"", headers={"X-Message-Id": "x"})


def answers(status: int, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body=TOLD, headers=named)


async def sent_to(*steps: Step, email: Email = CONFIRMATION) -> list[Received]:
    """Sends one mail to a SendGrid that says this. Raises what the sender raises."""
    # Silence is noticed soon, and a busy machine still has time to answer.
    policy = replace(SENDGRID, timeout_seconds=1) if Silence.HANGS in steps else SENDGRID
    async with scripted(*steps) as vendor, client_under(policy) as http:
        try:
            await SendGridEmailSender(http, settings(vendor.url)).send(email)
        except PortError as error:
            error.add_note(f"tried {len(vendor.received)} times")
            raise
    return vendor.received


@needs("sendgrid")
@pytest.mark.parametrize(
    "email",
    [
        CONFIRMATION,
        Email(message_id="msg_2", to="ola@example.com", subject="Ordre – æøå", text="Beløp: 20,23 €\n"),
    ],
    ids=["plain", "beyond ASCII"],
)
async def test_what_is_sent_is_valid_by_sendgrids_specification(email: Email) -> None:
    (request,) = await sent_to(ACCEPTED, email=email)
    assert (request.method, request.target) == ("POST", "/v3/mail/send")
    assert request.headers["authorization"] == "Bearer SG.marked-secret"
    assert request.headers["content-type"] == "application/json"
    assert problems(json.loads(request.body)) == []


@needs("sendgrid")
@pytest.mark.parametrize(
    "change",
    [
        {"from": "orders@shop.example"},
        {"personalizations": [{"to": "ada@example.com"}]},
        {"content": [{"value": "no type"}]},
        {"subject": 7},
    ],
    ids=str,
)
async def test_an_invalid_mail_would_be_seen(change: dict[str, Any]) -> None:
    (request,) = await sent_to(ACCEPTED)
    assert problems({**json.loads(request.body), **change}) != []


async def test_our_id_travels_with_the_mail() -> None:
    (request,) = await sent_to(ACCEPTED)
    (to,) = json.loads(request.body)["personalizations"]
    assert to == {"to": [{"email": CONFIRMATION.to}], "custom_args": {"message_id": "msg_1"}}


@pytest.mark.parametrize(
    ("step", "meaning"),
    [
        (answers(400), Rejected),
        (answers(413), Rejected),
        (answers(401), Unavailable),
        (answers(403), Unavailable),
        (answers(404), Unavailable),
        (answers(405), Unavailable),
        (answers(429), Unavailable),
        (answers(200), OutcomeUnknown),
        (answers(302), OutcomeUnknown),
        (answers(408), OutcomeUnknown),
        (answers(500), OutcomeUnknown),
        (answers(502), OutcomeUnknown),
        (answers(503), OutcomeUnknown),
        (Silence.HANGS, OutcomeUnknown),
        (Silence.DROPS, OutcomeUnknown),
    ],
    ids=lambda value: str(getattr(value, "status", getattr(value, "__name__", value))),
)
async def test_each_answer_has_its_meaning_and_repeats_nothing(
    step: Step, meaning: type[PortError], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(PortError) as failure:
        await sent_to(step)
    assert type(failure.value) is meaning
    tells_nothing(failure.value)
    assert failure.value.__notes__ == ["tried 1 times"]
    assert "marked" not in " ".join(record.getMessage() for record in caplog.records).lower()


async def test_nobody_at_home_means_that_nothing_was_sent() -> None:
    async with client_under(SENDGRID) as http:
        with pytest.raises(Unavailable) as failure:
            await SendGridEmailSender(http, settings("http://127.0.0.1:1")).send(CONFIRMATION)
    tells_nothing(failure.value)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "30"}, 30),
        ({"Retry_After": "30", "X_RateLimit_Reset": "1767225660"}, 30),
        ({"X_RateLimit_Reset": "1767225660", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 60),
        ({"X_RateLimit_Reset": "1767225600", "Date": "Thu, 01 Jan 2026 00:00:09 GMT"}, 0),
        ({"X_RateLimit_Reset": "1767225660"}, None),
        ({"X_RateLimit_Reset": "1767225660", "Date": "soon"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "9" * 5000}, None),
        ({}, None),
    ],
)
async def test_the_wait_that_sendgrid_asks_for_is_told(headers: dict[str, str], seconds: int | None) -> None:
    with pytest.raises(Unavailable) as failure:
        await sent_to(answers(429, **headers))
    assert failure.value.retry_after_seconds == seconds


def test_settings_keep_the_key_to_themselves() -> None:
    assert "marked" not in repr(settings("https://api.sendgrid.com"))


def problems(body: object) -> list[str]:
    specification = read("sendgrid", SPECIFICATION)
    pointer = "/components/requestBodies/PostMailSend/content/application~1json/schema"
    registry: Registry[Any] = Registry().with_resource(
        "urn:sendgrid", DRAFT202012.create_resource(specification)
    )
    validator = OAS31Validator({"$ref": f"urn:sendgrid#{pointer}"}, registry=registry)
    return [error.message for error in validator.iter_errors(body)]
