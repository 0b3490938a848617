"""Telling people by e-mail."""

from dataclasses import field
from typing import Protocol

from domain.values import value


@value
class Email:
    """`message_id` is ours, stays the same when the same mail is sent again, and travels with it.

    Whom it is for and what it says stays out of every log.
    """

    message_id: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class EmailSender(Protocol):
    async def send(self, email: Email) -> None:
        """Hands the mail over once for each call: vendors don't recognise repeats, so whoever sends again
        after OutcomeUnknown may be read twice.

        Raises Rejected for good (bad address), Unavailable (nothing was sent, perhaps with the wait that the
        vendor asks for) or OutcomeUnknown to be sent again later.
        """
