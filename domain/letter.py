"""Letters: what a subscriber has to be told, written in the commit that makes it true, sent afterwards."""

from enum import Enum

from domain.identifiers import SubscriptionId
from domain.values import value


class LetterKind(Enum):
    INVOICE_UNPAID = "invoice_unpaid"
    DOWNGRADED = "downgraded"


@value
class Letter:
    """`about` is our id of the invoice, if it is about one."""

    id: str
    kind: LetterKind
    subscription_id: SubscriptionId
    about: str | None = None
