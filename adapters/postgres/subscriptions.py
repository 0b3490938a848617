"""Subscriptions: a row each, written over the version that was read, with invoices, log and letters in the
same transaction; and the lists of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Table,
    cast,
    column,
    exists,
    func,
    or_,
    select,
    table,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres import order_log
from adapters.postgres.connections import Connections
from adapters.postgres.session import Session, outdated, run_alone
from adapters.postgres.statement import Statement, parameter, recordset
from adapters.postgres.subscription_rows import (
    invoice_from,
    invoice_rows,
    subscription_columns,
    subscription_from,
)
from adapters.postgres.tables import (
    AT,
    CODE,
    customers,
    invoices,
    outbox,
    subscription_log,
    subscriptions,
)
from domain.events import Event
from domain.identifiers import CustomerId, InvoiceId, PlanId, SubscriptionId
from domain.invoice import Invoice
from domain.journal import Account
from domain.news import News
from domain.subscription import Subscription, SubscriptionNews
from ports.queries import AccountBalance
from ports.subscriptions import SubscriptionChoice

_ID: Final = parameter("id", CODE)
_NUMBER: Final = parameter("number", BigInteger())
_LIMIT: Final = parameter("limit", Integer())
_AFTER: Final = parameter("after", CODE)


def _invoices_of() -> Any:
    """All invoices of the subscription as a JSON array, the oldest first; NULL for none."""
    rows = (
        select(*(c for c in invoices.c if c.name != "subscription_number"))
        .where(invoices.c.subscription_number == subscriptions.c.number)
        .order_by(invoices.c.created_at, invoices.c.id)
        .correlate(subscriptions)
        .subquery("invoice")
    )
    return select(func.json_agg(rows.table_valued())).scalar_subquery().label("invoices")


def _due() -> Statement:
    free = (
        select(subscriptions.c.id)
        .where(subscriptions.c.due_at <= parameter("now", AT))
        .order_by(subscriptions.c.due_at, subscriptions.c.id)
        .limit(_LIMIT)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    return Statement(
        update(subscriptions)
        .where(subscriptions.c.id == free.c.id)
        .values(due_at=parameter("lease_until", AT))
        .returning(subscriptions.c.id)
    )


def _put_invoices() -> Statement:
    columns = [c for c in invoices.c if c.name != "subscription_number"]
    given = recordset("invoices", columns)
    names = [c.name for c in columns]
    put = insert(invoices).from_select(["subscription_number", *names], select(_NUMBER, *given.c))
    return Statement(
        put.on_conflict_do_update(
            constraint="invoices_pkey",
            set_={name: put.excluded[name] for name in names if name != "id"},
        )
    )


_GET = Statement(select(*subscriptions.c, _invoices_of()).where(subscriptions.c.id == _ID))
_ID_OF_REFERENCE = Statement(
    select(subscriptions.c.id).where(
        subscriptions.c.provider == parameter("provider", CODE),
        subscriptions.c.reference == parameter("reference", CODE),
    )
)
_LOCK_CUSTOMER = Statement(
    select(customers.c.id).where(customers.c.id == parameter("customer_id", CODE)).with_for_update()
)
_OF_CUSTOMER = Statement(
    select(subscriptions.c.id)
    .where(subscriptions.c.customer_id == parameter("customer_id", CODE))
    .order_by(subscriptions.c.created_at, subscriptions.c.id)
)
_PLAN: Final = parameter("plan_id", CODE)
_HAS_PLAN = Statement(
    select(
        exists().where(
            subscriptions.c.customer_id == parameter("customer_id", CODE),
            subscriptions.c.ended_at.is_(None),
            or_(subscriptions.c.plan_id == _PLAN, subscriptions.c.wanted_plan_id == _PLAN),
            subscriptions.c.id.is_distinct_from(parameter("but_for", CODE)),
        )
    )
)
_ADD = Statement(
    insert(subscriptions)
    .values({c.name: parameter(c.name, c.type) for c in subscriptions.c if c.name != "number"})
    .returning(subscriptions.c.number)
)
_CHANGING: Final = ("due_at", "ended_at", "reference", "plan_id", "wanted_plan_id", "state", "entitlement")
_SAVE = Statement(
    update(subscriptions)
    .where(subscriptions.c.id == _ID, subscriptions.c.version == parameter("before", Integer()))
    .values({c: parameter(c, subscriptions.c[c].type) for c in (*_CHANGING, "content")})
    .values(version=subscriptions.c.version + 1)
    .returning(subscriptions.c.number)
)
_PUT_INVOICES = _put_invoices()
_LOG = Statement(insert(subscription_log))
_SEND = Statement(
    insert(outbox).values(
        {
            name: parameter(name, outbox.c[name].type)
            for name in ("subscription_number", "id", "kind", "about", "due_at", "wake_at", "tries")
        }
    )
)
_DUE = _due()
_VERSION: Final = parameter("version", Integer())
_PUT_OFF = Statement(
    update(subscriptions)
    .where(subscriptions.c.id == _ID, or_(_VERSION.is_(None), subscriptions.c.version == _VERSION))
    .values(due_at=parameter("until", AT))
)


class PostgresSubscriptions:
    """Implements `ports.subscriptions.Subscriptions`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, subscription_id: SubscriptionId) -> Subscription | None:
        row = await self._session.read_one(_GET, id=subscription_id)
        return subscription_from(row, row["invoices"]) if row is not None else None

    async def id_of_reference(self, provider: str, reference: str) -> SubscriptionId | None:
        row = await self._session.read_one(_ID_OF_REFERENCE, provider=provider, reference=reference)
        return SubscriptionId(row["id"]) if row is not None else None

    async def of_customer(self, customer_id: CustomerId) -> Sequence[SubscriptionId]:
        rows = await self._session.read(_OF_CUSTOMER, customer_id=customer_id)
        return [SubscriptionId(row["id"]) for row in rows]

    async def claim_plan(
        self, customer_id: CustomerId, plan_id: PlanId, *, but_for: SubscriptionId | None = None
    ) -> bool:
        await self._session.write(_LOCK_CUSTOMER, customer_id=customer_id)
        wanted = {"customer_id": customer_id, "plan_id": plan_id, "but_for": but_for}
        row = await self._session.read_one(_HAS_PLAN, **wanted)
        return row is None or not row[0]

    async def add(self, subscription: Subscription, due_at: datetime | None) -> None:
        columns = subscription_columns(subscription, due_at) | {"version": 1}
        (row,) = await self._session.write(_ADD, **columns)
        await self._write_news(row["number"], 1, subscription)

    async def save(self, before: Subscription, after: Subscription, due_at: datetime | None) -> None:
        columns = subscription_columns(after, due_at) | {"before": before.version}
        rows = await self._session.write(_SAVE, **columns)
        if not rows:
            raise await outdated()
        number = rows[0]["number"]
        changed = tuple(each for each in after.invoices if each not in before.invoices)
        if changed:
            await self._session.write(_PUT_INVOICES, number=number, invoices=invoice_rows(changed))
        await self._write_news(number, before.version + 1, after)

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[SubscriptionId]:
        rows = await self._session.write(_DUE, now=now, lease_until=lease_until, limit=limit)
        return [SubscriptionId(row["id"]) for row in rows]

    async def put_off(
        self, subscription_id: SubscriptionId, until: datetime | None, version: int | None = None
    ) -> None:
        await self._session.write_later(_PUT_OFF, id=subscription_id, until=until, version=version)

    async def _write_news(self, number: int, version: int, subscription: Subscription) -> None:
        logged = _logged(subscription.news, subscription.created_at)
        if logged:
            await self._session.write(_LOG, subscription_number=number, version=version, **logged)
        for letter in subscription.news.letters:
            at = subscription.news.events[-1].at
            await self._session.write(
                _SEND,
                subscription_number=number,
                id=letter.id,
                kind=letter.kind.value,
                about=letter.about,
                due_at=at,
                wake_at=at,
                tries=0,
            )


def _logged(news: SubscriptionNews, otherwise_at: datetime) -> dict[str, Any]:
    written = order_log.written(News(events=news.events, entries=news.entries), otherwise_at)
    return {"at": written.pop("log_at"), **written} if written else {}


def _behind(rows: Table, place: Any) -> Any:
    """Those that stand behind the row with the id `after`, or all."""
    mark = rows.alias("mark")
    at = select(mark.c.created_at, mark.c.id).where(mark.c.id == _AFTER).limit(1).scalar_subquery()
    return or_(_AFTER.is_(None), place.op("<")(at))


_PLACE: Final = tuple_(subscriptions.c.created_at, subscriptions.c.id)
_CHOSEN: Final = ("customer_id", "plan_id", "state", "entitlement")
_SUBSCRIPTIONS = Statement(
    select(subscriptions)
    .where(
        _behind(subscriptions, _PLACE),
        *(
            or_(parameter(name, CODE).is_(None), subscriptions.c[name] == parameter(name, CODE))
            for name in _CHOSEN
        ),
    )
    .order_by(subscriptions.c.created_at.desc(), subscriptions.c.id.desc())
    .limit(_LIMIT)
)
_OF_SUBSCRIPTION: Final[Select[Any]] = select(*invoices.c).join_from(
    invoices, subscriptions, subscriptions.c.number == invoices.c.subscription_number
)
_INVOICES = Statement(
    _OF_SUBSCRIPTION.where(
        subscriptions.c.id == _ID,
        _behind(invoices, tuple_(invoices.c.created_at, invoices.c.id)),
    )
    .order_by(invoices.c.created_at.desc(), invoices.c.id.desc())
    .limit(_LIMIT)
)
_TIMELINE = Statement(
    select(subscription_log.c.at, subscription_log.c.events)
    .join_from(
        subscriptions, subscription_log, subscriptions.c.number == subscription_log.c.subscription_number
    )
    .where(subscriptions.c.id == _ID)
    .order_by(subscription_log.c.version)
)
_POSTINGS = table(
    "subscription_postings",
    column("subscription_id", CODE),
    column("account", CODE),
    column("minor", BigInteger),
)
_BALANCES = Statement(
    select(_POSTINGS.c.account, cast(func.sum(_POSTINGS.c.minor), BigInteger).label("minor"))
    .where(_POSTINGS.c.subscription_id == _ID)
    .group_by(_POSTINGS.c.account)
    .order_by(_POSTINGS.c.account)
)


class PostgresSubscriptionLists:
    """Implements `ports.subscriptions.SubscriptionLists`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def subscriptions(
        self, after: SubscriptionId | None, limit: int, choice: SubscriptionChoice
    ) -> Sequence[Subscription]:
        rows = await run_alone(
            self._connections,
            _SUBSCRIPTIONS,
            after=after,
            limit=limit,
            customer_id=choice.customer_id,
            plan_id=choice.plan_id,
            state=choice.state.value if choice.state else None,
            entitlement=choice.entitlement.value if choice.entitlement else None,
        )
        return [subscription_from(row) for row in rows]

    async def invoices(
        self, subscription_id: SubscriptionId, after: InvoiceId | None, limit: int
    ) -> Sequence[Invoice]:
        rows = await run_alone(self._connections, _INVOICES, id=subscription_id, after=after, limit=limit)
        return [invoice_from(row) for row in rows]

    async def timeline(self, subscription_id: SubscriptionId) -> Sequence[Event]:
        rows = await run_alone(self._connections, _TIMELINE, id=subscription_id)
        return [event for row in rows for event in order_log.events(row["events"], row["at"])]

    async def balances(self, subscription_id: SubscriptionId) -> Sequence[AccountBalance]:
        rows = await run_alone(self._connections, _BALANCES, id=subscription_id)
        return [AccountBalance(account=Account(row["account"]), minor=row["minor"]) for row in rows]
