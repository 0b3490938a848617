"""What we write down of Adyen's answers, and a webhook's items: all that is ever told of a payment."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from adapters.adyen.amounts import Amount
from domain.shop import CaptureMethod
from ports.provider_records import ProviderRecord, Told


class Agreed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A payment was begun: nothing of it is at Adyen before somebody pays.

    `shopper` is the id that Adyen knows the customer by, None for a guest; `saves_method` is their wish.
    """

    payment_id: str
    order_id: str
    amount: Amount
    capture_method: CaptureMethod
    shopper: str | None = None
    saves_method: bool = False


class Tried(msgspec.Struct, frozen=True, tag=True):
    """Somebody paid, or came back from the bank. With `agreed` where this is what began the payment; `method`
    is what they paid with, None for who came back.
    """

    psp_reference: str | None
    result_code: str
    refusal_code: str | None = None
    action: str | None = None
    agreed: Agreed | None = None
    method: str | None = None


class Modified(msgspec.Struct, frozen=True, tag=True):
    """A capture, cancel or refund was received; a refund has our id."""

    operation: str
    psp_reference: str
    of_payment: str
    amount: Amount | None = None
    refund_id: str | None = None


class Addressed(msgspec.Struct, frozen=True, tag=True):
    """Which try a refund goes to, written down before it is asked for: a repeat goes there too, whatever was
    told meanwhile.
    """

    of_payment: str


class GivenUp(msgspec.Struct, frozen=True, tag=True):
    """Voided before there was anything to cancel: nobody may pay it any more."""


Answer = Agreed | Tried | Modified | Addressed | GivenUp


class Item(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One event of a webhook."""

    psp_reference: str
    event_code: str
    success: str
    amount: Amount
    merchant_account_code: str
    merchant_reference: str = ""
    original_reference: str = ""
    reason: str = ""
    payment_method: str = ""
    additional_data: dict[str, str] = {}

    @property
    def has_succeeded(self) -> bool:
        return self.success == "true"

    @property
    def event_id(self) -> str:
        """The same event comes twice with the same; a payment that failed can succeed after all."""
        return f"{self.event_code}.{self.psp_reference}.{self.success}"

    @property
    def of_payment(self) -> str:
        return self.original_reference or self.psp_reference


class Wrapped(msgspec.Struct):
    item: Item = msgspec.field(name="NotificationRequestItem")


class Notification(msgspec.Struct, rename="camel"):
    """A JSON webhook has one item: https://docs.adyen.com/development-resources/webhooks. Others could have
    several.
    """

    notification_items: list[Wrapped]


# What is read of the additional data, of which much is about the shopper.
_READ: Final = ("modification.action", "defensePeriodEndsAt")
_answer: Final = msgspec.json.Decoder(Answer)
_item: Final = msgspec.json.Decoder(Item)
notification: Final = msgspec.json.Decoder(Notification)


class Entry(msgspec.Struct, frozen=True):
    """One thing told, and when."""

    id: str
    at: datetime
    said: Answer | Item


def encoded(answer: Answer) -> bytes:
    return msgspec.json.encode(answer)


def kept(item: Item) -> bytes:
    """What is read again of an item, and nothing about a person: a success has digits of a card as reason."""
    read = {name: item.additional_data[name] for name in _READ if name in item.additional_data}
    reason = "" if item.has_succeeded else item.reason
    return msgspec.json.encode(msgspec.structs.replace(item, additional_data=read, reason=reason))


def entries(records: Sequence[ProviderRecord]) -> Iterator[Entry]:
    """What the records say, in their order."""
    for record in records:
        read = _answer if record.told is Told.ANSWER else _item
        yield Entry(record.id, record.told_at, read.decode(record.body))
