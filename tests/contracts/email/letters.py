"""A letter with marked data in it, where letters are found, and where marked data must not be."""

from dataclasses import dataclass
from typing import Final

from adapters.sendgrid.settings import SendGridSettings
from ports.email import Email
from tests.sandbox.server import RunningSandbox

CONFIRMATION: Final = Email(
    message_id="msg_1",
    to="ada.marked@example.com",
    subject="Your order, Ada Marked",
    text="Thank you, marked. Total: 20.23 EUR.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What its reader finds, and our id on it."""

    to: str
    subject: str
    text: str
    message_id: str


def settings(base_url: str) -> SendGridSettings:
    return SendGridSettings(api_key="SG.marked-secret", sender="orders@shop.example", base_url=base_url)


def mailbox(sandbox: RunningSandbox) -> list[Letter]:
    return [
        Letter(
            to=found["to"][0],
            subject=found["subject"],
            text=found["text"],
            message_id=found["custom_args"]["message_id"],
        )
        for found in sandbox.control.get("/_control/mailbox").json()
    ]


def tells_nothing(error: BaseException) -> None:
    """Neither the error nor what stands behind it repeats anything that was sent or answered."""
    told = f"{error!r} {error} {error.args} {getattr(error, '__notes__', '')}".lower()
    assert "marked" not in told
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
