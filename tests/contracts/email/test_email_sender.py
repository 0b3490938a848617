"""What every sender of e-mail promises, on the fake and on SendGrid's adapter; and what SendGrid's failures
mean.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from adapters.in_memory.email import InMemoryEmailSender
from adapters.sendgrid.email_sender import SendGridEmailSender
from adapters.sendgrid.settings import SendGridSettings
from ports.email import Email, EmailSender
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.sandbox.server import RunningSandbox, running_sandbox

CONTRACTS = Path(os.environ.get("FASTCART_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts"))
SPECIFICATION = CONTRACTS / "sendgrid" / "mail-send.trimmed.json"
CONFIRMATION = Email(
    message_id="msg_1",
    to="ada.marked@example.com",
    subject="Your order ord_1",
    text="Thank you. Total: 20.23 EUR.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A sender, and who finds its letters: addressee and subject of each."""

    sender: EmailSender
    letters: Callable[[], Sequence[tuple[str, str]]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def sendgrid(sandbox: RunningSandbox) -> AsyncIterator[SendGridEmailSender]:
    sandbox.control.post("/_control/reset").raise_for_status()
    settings = SendGridSettings(
        api_key="SG.marked-secret", sender="orders@shop.example", base_url=f"{sandbox.url}/sendgrid"
    )
    async with httpx.AsyncClient(timeout=2) as http:
        yield SendGridEmailSender(http, settings)


@pytest.fixture(params=["fake", "sendgrid"])
def post(request: pytest.FixtureRequest, sendgrid: SendGridEmailSender, sandbox: RunningSandbox) -> Post:
    if request.param == "sendgrid":
        return Post(sender=sendgrid, letters=lambda: _mailbox(sandbox))
    fake = InMemoryEmailSender()
    return Post(sender=fake, letters=lambda: [(mail.to, mail.subject) for mail in fake.sent])


def _mailbox(sandbox: RunningSandbox) -> list[tuple[str, str]]:
    letters = sandbox.control.get("/_control/mailbox").json()
    return [(letter["to"][0], letter["subject"]) for letter in letters]


async def test_a_letter_arrives(post: Post) -> None:
    await post.sender.send(CONFIRMATION)
    assert post.letters() == [(CONFIRMATION.to, CONFIRMATION.subject)]


async def test_a_letter_that_is_sent_again_goes_to_the_same_person(post: Post) -> None:
    await post.sender.send(CONFIRMATION)
    await post.sender.send(CONFIRMATION)
    assert set(post.letters()) == {(CONFIRMATION.to, CONFIRMATION.subject)}


async def test_letters_to_several_people_are_kept_apart(post: Post) -> None:
    other = Email(message_id="msg_2", to="bob@example.com", subject="Yours", text="Thank you.")
    await post.sender.send(CONFIRMATION)
    await post.sender.send(other)
    assert sorted(post.letters()) == [(CONFIRMATION.to, CONFIRMATION.subject), (other.to, other.subject)]


@pytest.mark.parametrize(
    ("fault", "meaning", "letters"),
    [
        ("429", Unavailable, 0),
        ("500", OutcomeUnknown, 0),
        ("500_after", OutcomeUnknown, 1),
        ("refuse", OutcomeUnknown, 0),
        ("lost", OutcomeUnknown, 1),
    ],
)
async def test_each_failure_of_sendgrid_has_its_meaning(
    sandbox: RunningSandbox,
    sendgrid: SendGridEmailSender,
    fault: str,
    meaning: type[PortError],
    letters: int,
) -> None:
    sandbox.fault("*", fault, vendor="sendgrid")
    with pytest.raises(meaning) as failure:
        await sendgrid.send(CONFIRMATION)
    assert len(_mailbox(sandbox)) == letters
    _tells_nothing(failure.value)
    await sendgrid.send(CONFIRMATION)
    assert len(_mailbox(sandbox)) == letters + 1


async def test_an_address_that_is_none_is_refused_for_good(sendgrid: SendGridEmailSender) -> None:
    with pytest.raises(Rejected) as refusal:
        await sendgrid.send(Email(message_id="msg_3", to="marked at nowhere", subject="Hello", text="Hi."))
    _tells_nothing(refusal.value)


async def test_nobody_at_home_means_that_nothing_was_sent() -> None:
    settings = SendGridSettings(api_key="SG.marked", sender="a@shop.example", base_url="http://127.0.0.1:1")
    async with httpx.AsyncClient(timeout=2) as http:
        with pytest.raises(Unavailable) as failure:
            await SendGridEmailSender(http, settings).send(CONFIRMATION)
    _tells_nothing(failure.value)


def _tells_nothing(error: BaseException) -> None:
    told = f"{error!r} {error} {getattr(error, '__notes__', '')}"
    assert "marked" not in told
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


@pytest.mark.skipif(
    not SPECIFICATION.exists(),
    reason="SendGrid's specification is not here; name its folder in FASTCART_CONTRACTS",
)
async def test_what_is_sent_is_valid_by_sendgrids_specification(
    sendgrid: SendGridEmailSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    send = httpx.AsyncClient.send

    async def record(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        assert request.url.path.endswith("/v3/mail/send")
        sent.append(json.loads(request.content))
        return await send(client, request, **options)

    monkeypatch.setattr(httpx.AsyncClient, "send", record)
    await sendgrid.send(CONFIRMATION)
    assert _problems(sent[0]) == []
    assert _problems({**sent[0], "from": "orders@shop.example"}) != []


def _problems(body: object) -> list[str]:
    specification = json.loads(SPECIFICATION.read_text())
    pointer = "/components/requestBodies/PostMailSend/content/application~1json/schema"
    registry: Registry[Any] = Registry().with_resource(
        "urn:sendgrid", DRAFT202012.create_resource(specification)
    )
    validator = OAS31Validator({"$ref": f"urn:sendgrid#{pointer}"}, registry=registry)
    return [error.message for error in validator.iter_errors(body)]
