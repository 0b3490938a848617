"""Priced lines, totals and delivery as they are shown, in a checkout and in its order alike."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from domain.delivery import DeliveryOffers, DeliveryOption
from domain.pricing import CartLine, PricedLine, Totals
from domain.readiness import Message
from entrypoints.http.structs.values import AddressStruct, MoneyStruct, money_shown


class LineShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """`total` is `subtotal - discount + tax`.

    `available`: how many pieces could be had when a checkout's line was last looked at.
    """

    id: str
    sku: str
    title: str
    quantity: int
    unit_price: MoneyStruct
    subtotal: MoneyStruct
    discount: MoneyStruct
    tax: MoneyStruct
    total: MoneyStruct
    available: int | None = None


class TotalShown(msgspec.Struct, frozen=True):
    """A row of the sum, to be shown in this order: subtotal, discount (a magnitude), delivery, tax, total."""

    type: str
    label: str
    amount: MoneyStruct


class TaxShown(msgspec.Struct, frozen=True):
    """`rate_ppm` is parts per million: 190000 is 19 %."""

    name: str
    rate_ppm: int
    amount: MoneyStruct


class OptionShown(msgspec.Struct, frozen=True):
    """Days are working days until it arrives; `estimated`: a rate of the shop's own, because no carrier had
    an offer.
    """

    id: str
    title: str
    amount: MoneyStruct
    min_days: int
    max_days: int
    quoted_until: datetime | None
    estimated: bool


class GroupShown(msgspec.Struct, frozen=True):
    """Lines that travel together to one destination, with the option chosen for them."""

    id: str
    line_ids: list[str]
    destination: AddressStruct | None
    chosen: OptionShown | None


class MessageShown(msgspec.Struct, frozen=True):
    """`path` is a JSON pointer; `severity` says who can do something about it."""

    code: str
    path: str
    text: str
    severity: str


class OptionsShown(msgspec.Struct, frozen=True):
    """Cheapest first; empty until there are lines and a country to deliver to.

    Each price is honoured until its `quoted_until`; null: until the shop changes it. `messages` say when a
    carrier did not answer (`carrier_silent`), and when the shop's own rates stand in (`flat_rates_used`).
    """

    options: list[OptionShown]
    messages: list[MessageShown]


def line_shown(priced: PricedLine, line: CartLine | None = None) -> LineShown:
    return LineShown(
        priced.id,
        priced.sku,
        priced.title,
        priced.quantity,
        money_shown(priced.unit_price),
        money_shown(priced.subtotal),
        money_shown(priced.discount),
        money_shown(priced.tax),
        money_shown(priced.total),
        line.free if line else None,
    )


def totals_shown(totals: Totals) -> list[TotalShown]:
    return [TotalShown(row.type, row.label, money_shown(row.amount)) for row in totals.entries()]


def taxes_shown(totals: Totals) -> list[TaxShown]:
    return [TaxShown(part.name, part.rate_ppm, money_shown(part.amount)) for part in totals.taxes]


def option_shown(option: DeliveryOption) -> OptionShown:
    return OptionShown(
        option.id,
        option.title,
        money_shown(option.amount),
        option.min_days,
        option.max_days,
        option.quoted_until,
        option.estimated,
    )


def offers_shown(offers: DeliveryOffers) -> OptionsShown:
    return OptionsShown(
        [option_shown(option) for option in offers.options], messages_shown(offers.messages())
    )


def messages_shown(messages: Sequence[Message]) -> list[MessageShown]:
    return [
        MessageShown(message.code, message.path, message.text, message.severity.value) for message in messages
    ]
