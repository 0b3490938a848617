"""Checkouts: one row each, written over the version that was read; at the end together with the order."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, column, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSON

from adapters.postgres import checkout_content as content
from adapters.postgres import delivery_quotes
from adapters.postgres.goods import goods_of, see
from adapters.postgres.order_statements import CART_ADDED, CART_MUTABLE, CART_SAVED
from adapters.postgres.session import Session, outdated
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import CODE, checkouts
from domain.checkout import Checkout, CheckoutState
from domain.delivery import HeldQuotes
from domain.identifiers import CheckoutId, CustomerId, OrderId
from domain.money import Currency

_GET = Statement(select(*checkouts.c).where(checkouts.c.id == parameter("id", CODE)))
_LINE = func.json_array_elements(checkouts.c.content[literal_column("'lines'")]).table_valued(
    column("value", JSON), name="line"
)
_GET_WITH_GOODS = Statement(
    select(
        *checkouts.c,
        goods_of(func.array(select(_LINE.c.value.op("->>")(literal_column("'sku'"))).scalar_subquery())),
    ).where(checkouts.c.id == parameter("id", CODE))
)
_OF_CUSTOMER = Statement(
    select(*checkouts.c)
    .where(checkouts.c.customer_id == parameter("customer_id", CODE))
    .order_by(checkouts.c.created_at, checkouts.c.id)
)
_ADD = Statement(insert(checkouts))
_SAVE = Statement(
    update(checkouts)
    .where(checkouts.c.id == parameter("id", CODE), checkouts.c.version == parameter("before", Integer))
    .values({name: parameter(name, checkouts.c[name].type) for name in CART_MUTABLE})
    .returning(checkouts.c.version)
)


class PostgresCheckouts:
    """Implements `ports.unit_of_work.Checkouts`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, checkout_id: CheckoutId, *, to_quote: bool = False) -> Checkout | None:
        row = await self._session.read_one(_GET_WITH_GOODS if to_quote else _GET, id=checkout_id)
        if row is None:
            return None
        if to_quote:
            see(self._session.seen, row["goods"])
        return _checkout(row)

    async def add(self, checkout: Checkout) -> None:
        """Raises ConcurrentChange if there is one with this id."""
        columns = _columns(checkout)
        if not self._session.join_new_order(CART_ADDED, _of_cart(columns)):
            await self._session.write_later(_ADD, **columns)

    async def save(self, checkout: Checkout) -> None:
        columns = _columns(checkout) | {"before": checkout.version - 1}
        if not self._session.join_new_order(CART_SAVED, _of_cart(columns)):
            await self._session.write_later(_SAVE, refusal=outdated, **columns)

    async def of_customer(self, customer_id: CustomerId) -> Sequence[Checkout]:
        return [_checkout(row) for row in await self._session.read(_OF_CUSTOMER, customer_id=customer_id)]

    async def quotes(self, checkout_id: CheckoutId) -> HeldQuotes | None:
        row = await self._session.read_one(delivery_quotes.GET, checkout_id=checkout_id)
        return delivery_quotes.read(row["content"]) if row is not None else None

    async def keep_quotes(self, checkout_id: CheckoutId, quotes: HeldQuotes) -> None:
        await self._session.write_later(
            delivery_quotes.KEEP, checkout_id=checkout_id, content=delivery_quotes.written(quotes)
        )


def _columns(checkout: Checkout) -> dict[str, Any]:
    return {
        "id": checkout.id,
        "created_at": checkout.created_at,
        "expires_at": checkout.expires_at,
        "currency": checkout.currency.code,
        "client_token_hash": checkout.client_token_hash,
        "version": checkout.version,
        "state": checkout.state.value,
        "order_id": checkout.order_id,
        "content": content.written(checkout),
        "customer_id": checkout.customer_id,
    }


def _of_cart(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The names that these parameters have beside those of the order."""
    return {f"cart_{name}": value for name, value in columns.items()}


def _checkout(row: Row) -> Checkout:
    currency = Currency.of(row["currency"])
    document = content.read(row["content"])
    return Checkout(
        id=CheckoutId(row["id"]),
        version=row["version"],
        state=CheckoutState(row["state"]),
        currency=currency,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        client_token_hash=row["client_token_hash"],
        order_id=OrderId(row["order_id"]) if row["order_id"] else None,
        customer_id=CustomerId(row["customer_id"]) if row["customer_id"] else None,
        lines=content.lines_of(document, currency),
        pricing=content.pricing_of(document, currency),
        **content.rest_of(document, currency),
    )
