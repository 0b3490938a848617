"""What a checkout was promised that delivery costs: one document, written over as a whole."""

from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.documents import DeliveryDocument, delivery_document, delivery_from
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import CODE, delivery_quotes
from domain.delivery import DeliveryOffers, DeliveryOption, HeldQuotes
from domain.money import Currency

_ADDED: Final = insert(delivery_quotes)
KEEP: Final = Statement(
    _ADDED.on_conflict_do_update(
        index_elements=[delivery_quotes.c.checkout_id], set_={"content": _ADDED.excluded.content}
    )
)
GET: Final = Statement(
    select(delivery_quotes.c.content).where(delivery_quotes.c.checkout_id == parameter("checkout_id", CODE))
)


class _Quotes(msgspec.Struct, frozen=True, omit_defaults=True):
    """`currency` is that of all amounts; None where there are none."""

    shipment: str
    currency: str | None = None
    options: tuple[DeliveryDocument, ...] = ()
    silent: tuple[str, ...] = ()
    earlier: tuple[DeliveryDocument, ...] = ()


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Quotes).decode


def written(quotes: HeldQuotes) -> str:
    """The document of these quotes."""
    every = (*quotes.offers.options, *quotes.earlier)
    document = _Quotes(
        shipment=quotes.shipment,
        currency=every[0].amount.currency.code if every else None,
        options=tuple(map(delivery_document, quotes.offers.options)),
        silent=quotes.offers.silent,
        earlier=tuple(map(delivery_document, quotes.earlier)),
    )
    return _encode(document).decode()


def read(content: str) -> HeldQuotes:
    document = _decode(content)

    def options(documents: tuple[DeliveryDocument, ...]) -> tuple[DeliveryOption, ...]:
        return tuple(delivery_from(each, Currency.of(document.currency or "")) for each in documents)

    return HeldQuotes(
        shipment=document.shipment,
        offers=DeliveryOffers(options=options(document.options), silent=document.silent),
        earlier=options(document.earlier),
    )
