"""Checkouts: one row each, written over the version that was read."""

from sqlalchemy import Integer, insert, select, update

from adapters.postgres import checkout_content as content
from adapters.postgres.session import Session, outdated
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import CODE, checkouts
from domain.checkout import Checkout, CheckoutState
from domain.identifiers import CheckoutId, OrderId
from domain.money import Currency

_GET = Statement(select(*checkouts.c).where(checkouts.c.id == parameter("id", CODE)))
_ADD = Statement(insert(checkouts))
_SAVE = Statement(
    update(checkouts)
    .where(
        checkouts.c.id == parameter("checkout_id", CODE), checkouts.c.version == parameter("before", Integer)
    )
    .values(
        {
            name: parameter(name, checkouts.c[name].type)
            for name in ("version", "state", "order_id", "content")
        }
    )
    .values({name: parameter(name, checkouts.c[name].type) for name in ("currency", "expires_at")})
    .returning(checkouts.c.version)
)


class PostgresCheckouts:
    """Implements `ports.unit_of_work.Checkouts`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, checkout_id: CheckoutId) -> Checkout | None:
        row = await self._session.read_one(_GET, id=checkout_id)
        return _checkout(row) if row else None

    async def add(self, checkout: Checkout) -> None:
        """Raises ConcurrentChange if there is one with this id."""
        await self._session.write_later(
            _ADD,
            id=checkout.id,
            created_at=checkout.created_at,
            expires_at=checkout.expires_at,
            currency=checkout.currency.code,
            client_token_hash=checkout.client_token_hash,
            version=checkout.version,
            state=checkout.state.value,
            order_id=checkout.order_id,
            content=content.written(checkout),
        )

    async def save(self, checkout: Checkout) -> None:
        await self._session.write_later(
            _SAVE,
            refusal=outdated,
            checkout_id=checkout.id,
            before=checkout.version - 1,
            version=checkout.version,
            state=checkout.state.value,
            currency=checkout.currency.code,
            expires_at=checkout.expires_at,
            order_id=checkout.order_id,
            content=content.written(checkout),
        )


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
        lines=content.lines_of(document, currency),
        pricing=content.pricing_of(document, currency),
        **content.rest_of(document, currency),
    )
