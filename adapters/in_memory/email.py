"""E-mail that stays in memory: a mailbox to look into."""

from ports.email import Email


class InMemoryEmailSender:
    """Implements `ports.email.EmailSender`; a repeat of a message is recognised by its id."""

    def __init__(self) -> None:
        self._sent: dict[str, Email] = {}

    @property
    def sent(self) -> tuple[Email, ...]:
        return tuple(self._sent.values())

    async def send(self, email: Email) -> None:
        self._sent.setdefault(email.message_id, email)
