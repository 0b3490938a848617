"""E-mail that stays in memory: a mailbox to look into."""

from adapters.in_memory.faults import Fault, no_fault
from ports.email import Email
from ports.errors import Rejected


class InMemoryEmailSender:
    """Implements `ports.email.EmailSender`. It doesn't recognise repeats, as the vendors don't."""

    def __init__(self, fault: Fault = no_fault) -> None:
        self._fault = fault
        self._sent: list[Email] = []

    @property
    def sent(self) -> tuple[Email, ...]:
        return tuple(self._sent)

    async def send(self, email: Email) -> None:
        self._fault("send", "before")
        if "@" not in email.to:
            raise Rejected("invalid_address")
        self._sent.append(email)
        self._fault("send", "after")
