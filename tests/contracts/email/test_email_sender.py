"""What every sender of e-mail promises, on the fake and on SendGrid's adapter."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import httpx
import pytest

from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.faults import Moment
from adapters.resilience.policies import SENDGRID
from adapters.sendgrid.email_sender import SendGridEmailSender
from ports.email import Email, EmailSender
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contracts.email.letters import CONFIRMATION, Letter, mailbox, settings, tells_nothing
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox


class Trouble:
    """What befalls the fake's next mail, named as the sandbox names its faults."""

    def __init__(self) -> None:
        self._planned: dict[Moment, PortError] = {}

    def plan(self, kind: str) -> None:
        match kind:
            case "429":
                self._planned["before"] = Unavailable("rate_limited")
            case "500" | "refuse":
                self._planned["before"] = OutcomeUnknown("failed")
            case _:
                self._planned["after"] = OutcomeUnknown("failed")

    def __call__(self, operation: str, moment: Moment) -> None:
        assert operation == "send"
        if moment in self._planned:
            raise self._planned.pop(moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A sender, who finds its letters, and who makes its next mail go wrong."""

    sender: EmailSender
    letters: Callable[[], Sequence[Letter]]
    fail: Callable[[str], None]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client_under(SENDGRID) as client:
        yield client


@pytest.fixture(params=["fake", "sendgrid"])
def post(request: pytest.FixtureRequest, vendors: RunningSandbox, http: httpx.AsyncClient) -> Post:
    if request.param == "sendgrid":
        return Post(
            sender=SendGridEmailSender(http, settings(f"{vendors.url}/sendgrid")),
            letters=lambda: mailbox(vendors),
            fail=lambda kind: vendors.fault("mail.send", kind, vendor="sendgrid"),
        )
    trouble = Trouble()
    fake = InMemoryEmailSender(trouble)
    return Post(
        sender=fake,
        letters=lambda: [
            Letter(to=mail.to, subject=mail.subject, text=mail.text, message_id=mail.message_id)
            for mail in fake.sent
        ],
        fail=trouble.plan,
    )


def letter_of(email: Email) -> Letter:
    return Letter(to=email.to, subject=email.subject, text=email.text, message_id=email.message_id)


async def test_a_letter_arrives_as_it_was_written(post: Post) -> None:
    await post.sender.send(CONFIRMATION)
    assert post.letters() == [letter_of(CONFIRMATION)]


@pytest.mark.parametrize(
    "text", ["Takk! Beløp: 20,23 €\n\nÆØÅ", "<b>not markup</b> & {{nor a template}}", "."]
)
async def test_every_character_arrives(post: Post, text: str) -> None:
    email = Email(message_id="msg_1", to="ola@example.com", subject=f"Ordre – {text[:4]}", text=text)
    await post.sender.send(email)
    assert post.letters() == [letter_of(email)]


async def test_letters_to_several_people_are_kept_apart(post: Post) -> None:
    other = Email(message_id="msg_2", to="bob@example.com", subject="Yours", text="Thank you.")
    await post.sender.send(CONFIRMATION)
    await post.sender.send(other)
    assert post.letters() == [letter_of(CONFIRMATION), letter_of(other)]


async def test_a_repeat_is_sent_once_more_and_carries_the_same_id(post: Post) -> None:
    await post.sender.send(CONFIRMATION)
    await post.sender.send(CONFIRMATION)
    assert post.letters() == [letter_of(CONFIRMATION)] * 2


@pytest.mark.parametrize("to", ["ada.marked", "marked at nowhere", ""])
async def test_an_address_that_is_none_is_refused_for_good(post: Post, to: str) -> None:
    with pytest.raises(Rejected) as refusal:
        await post.sender.send(Email(message_id="msg_3", to=to, subject="Hello marked", text="marked"))
    tells_nothing(refusal.value)
    assert post.letters() == []


@pytest.mark.parametrize(
    ("kind", "meaning", "letters"),
    [
        ("429", Unavailable, 0),
        ("500", OutcomeUnknown, 0),
        ("500_after", OutcomeUnknown, 1),
        ("refuse", OutcomeUnknown, 0),
        ("lost", OutcomeUnknown, 1),
    ],
)
async def test_a_failure_is_told_by_what_may_have_been_sent_and_the_mail_can_be_sent_again(
    post: Post, kind: str, meaning: type[PortError], letters: int
) -> None:
    post.fail(kind)
    with pytest.raises(meaning) as failure:
        await post.sender.send(CONFIRMATION)
    assert len(post.letters()) == letters
    tells_nothing(failure.value)
    await post.sender.send(CONFIRMATION)
    assert post.letters() == [letter_of(CONFIRMATION)] * (letters + 1)


def test_a_letters_contents_stay_out_of_its_own_description() -> None:
    assert "marked" not in repr(CONFIRMATION)
    assert "msg_1" in repr(CONFIRMATION)
