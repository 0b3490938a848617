"""Customers: a row each, written over the version that was read, and beside it a row for each provider."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import CTE, Integer, Select, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.session import Session, outdated
from adapters.postgres.statement import Row, Statement, parameter, recordset
from adapters.postgres.tables import AT, CODE, customer_accounts, customers
from domain.attempt import Attempt
from domain.customer import Customer, CustomerState, ProviderAccount, mailbox
from domain.identifiers import CustomerId

_MUTABLE: Final = (*("version", "state", "due_at", "mailbox", "email", "name", "user_id", "password_hash"),)
_ACCOUNT: Final = ("provider", "reference", "attempt")


def _accounts() -> Any:
    """All rows of the customer as a JSON array; NULL for none."""
    rows = (
        select(*(customer_accounts.c[name] for name in _ACCOUNT))
        .where(customer_accounts.c.customer_id == customers.c.id)
        .order_by(customer_accounts.c.provider)
        .correlate(customers)
        .subquery("account")
    )
    return select(func.json_agg(rows.table_valued())).scalar_subquery().label("accounts")


_CUSTOMERS: Final = select(*customers.c, _accounts())
_ID: Final = parameter("id", CODE)
_AFTER: Final = parameter("after", CODE)
_GET = Statement(_CUSTOMERS.where(customers.c.id == _ID))
_HOLD = Statement(_CUSTOMERS.where(customers.c.id == _ID).with_for_update(read=True, of=customers))
_BY_MAILBOX = Statement(_CUSTOMERS.where(customers.c.mailbox == parameter("mailbox", CODE)))
_PLACE: Final = tuple_(customers.c.created_at, customers.c.id)
_behind: Final = customers.alias("behind")


def _page() -> Statement:
    behind = select(_behind.c.created_at, _behind.c.id).where(_behind.c.id == _AFTER).scalar_subquery()
    newest_first: Select[Any] = _CUSTOMERS.order_by(customers.c.created_at.desc(), customers.c.id.desc())
    return Statement(
        newest_first.where(or_(_AFTER.is_(None), _PLACE.op("<")(behind))).limit(parameter("limit", Integer()))
    )


_PAGE = _page()


def _with_accounts(customer: CTE) -> Statement:
    """The customer's row was written, and its accounts are written with it; otherwise nothing is."""
    given = recordset("accounts", [customer_accounts.c[name] for name in _ACCOUNT])
    rows = select(customer.c.id, *(given.c[name] for name in _ACCOUNT))
    put = insert(customer_accounts).from_select(["customer_id", *_ACCOUNT], rows)
    written = put.on_conflict_do_update(
        constraint="customer_accounts_pkey",
        set_={"reference": put.excluded.reference, "attempt": put.excluded.attempt},
    ).cte("accounts_part")
    return Statement(select(customer.c.id).add_cte(written))


_ADD = _with_accounts(insert(customers).returning(customers.c.id).cte("written"))
_SAVE = _with_accounts(
    update(customers)
    .where(customers.c.id == _ID, customers.c.version == parameter("before", Integer))
    .values({name: parameter(name, customers.c[name].type) for name in _MUTABLE})
    .returning(customers.c.id)
    .cte("written")
)


def _due() -> Statement:
    free = (
        select(customers.c.id)
        .where(customers.c.due_at <= parameter("now", AT))
        .order_by(customers.c.due_at, customers.c.id)
        .limit(parameter("limit", Integer()))
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    return Statement(
        update(customers)
        .where(customers.c.id == free.c.id)
        .values(due_at=parameter("lease_until", AT))
        .returning(customers.c.id)
    )


_DUE = _due()


class _Account(msgspec.Struct, frozen=True):
    provider: str
    reference: str | None
    attempt: Attempt | None


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(tuple[_Account, ...]).decode


class PostgresCustomers:
    """Implements `ports.customers.Customers`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, customer_id: CustomerId) -> Customer | None:
        row = await self._session.read_one(_GET, id=customer_id)
        return _customer(row) if row is not None else None

    async def by_email(self, email: str) -> Customer | None:
        row = await self._session.read_one(_BY_MAILBOX, mailbox=mailbox(email))
        return _customer(row) if row is not None else None

    async def add(self, customer: Customer, due_at: datetime | None) -> None:
        await self._session.write_later(_ADD, **_columns(customer, due_at))

    async def save(self, customer: Customer, due_at: datetime | None) -> None:
        columns = _columns(customer, due_at) | {"before": customer.version - 1}
        await self._session.write_later(_SAVE, refusal=outdated, **columns)

    async def hold(self, customer_id: CustomerId) -> Customer | None:
        rows = await self._session.write(_HOLD, id=customer_id)
        return _customer(rows[0]) if rows else None

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[CustomerId]:
        rows = await self._session.write(_DUE, now=now, lease_until=lease_until, limit=limit)
        return [CustomerId(row["id"]) for row in rows]

    async def page(self, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        return [_customer(row) for row in await self._session.read(_PAGE, after=after, limit=limit)]


def _columns(customer: Customer, due_at: datetime | None) -> dict[str, Any]:
    accounts = [
        _Account(provider=account.provider, reference=account.reference, attempt=account.attempt)
        for account in customer.accounts
    ]
    return {
        "id": customer.id,
        "created_at": customer.created_at,
        "due_at": due_at,
        "version": customer.version,
        "state": customer.state.value,
        "mailbox": mailbox(customer.email) if customer.email is not None else None,
        "email": customer.email,
        "name": customer.name,
        "user_id": customer.user_id,
        "password_hash": customer.password_hash,
        "accounts": _encode(accounts).decode(),
    }


def _customer(row: Row) -> Customer:
    accounts = _decode(row["accounts"]) if row["accounts"] is not None else ()
    return Customer(
        id=CustomerId(row["id"]),
        state=CustomerState(row["state"]),
        created_at=row["created_at"],
        version=row["version"],
        email=row["email"],
        name=row["name"],
        user_id=row["user_id"],
        password_hash=row["password_hash"],
        accounts=tuple(
            ProviderAccount(provider=each.provider, reference=each.reference, attempt=each.attempt)
            for each in accounts
        ),
    )
