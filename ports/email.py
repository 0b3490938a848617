"""Telling people by e-mail."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """`message_id` is ours and stays the same when the same mail is sent again, so that a repeat can be
    recognised.
    """

    message_id: str
    to: str
    subject: str
    text: str


class EmailSender(Protocol):
    async def send(self, email: Email) -> None:
        """Raises Rejected for good (bad address), Unavailable or OutcomeUnknown to be sent again later."""
