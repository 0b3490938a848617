"""What still stands between a checkout and an order, as messages with a stable code and the place to mend."""

from enum import Enum

from domain.values import value


class Severity(Enum):
    """Who can do something about it: nobody needs to, the shopper by typing, the shopper by agreeing, no
    one.
    """

    RECOVERABLE = "recoverable"
    NEEDS_INPUT = "requires_buyer_input"
    NEEDS_REVIEW = "requires_buyer_review"
    FINAL = "final"

    @property
    def blocks(self) -> bool:
        """Whether a checkout has to wait for it; the others are only to be known, or looked at."""
        return self in (Severity.NEEDS_INPUT, Severity.FINAL)


@value
class Message:
    """`path` is a JSON pointer into the checkout; `text` is a plain English sentence that may be shown."""

    code: str
    path: str
    text: str
    severity: Severity


def blocking(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Those that a checkout has to wait for; it is ready without any."""
    return tuple(message for message in messages if message.severity.blocks)
