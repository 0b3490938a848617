"""Plans by id, written in bulk."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Integer, or_, select
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.session import Session
from adapters.postgres.statement import Row, Statement, parameter, recordset
from adapters.postgres.tables import CODE, plans
from domain.identifiers import PlanId
from domain.money import Money
from domain.plan import BillingInterval, Plan, ProviderPrice

_COLUMNS: Final = list(plans.c)
_GIVEN: Final = recordset("plans", _COLUMNS)
_ADDED: Final = insert(plans).from_select([c.name for c in _COLUMNS], select(*_GIVEN.c))
_PUT = Statement(
    _ADDED.on_conflict_do_update(
        index_elements=[plans.c.id],
        set_={c.name: _ADDED.excluded[c.name] for c in _COLUMNS if c.name != "id"},
    )
)
_AFTER: Final = parameter("after", CODE)
_GET = Statement(select(plans).where(plans.c.id == parameter("id", CODE)))
_PAGE = Statement(
    select(plans)
    .where(or_(_AFTER.is_(None), plans.c.id > _AFTER))
    .order_by(plans.c.id)
    .limit(parameter("limit", Integer()))
)
_prices: Final = msgspec.json.Decoder(list[tuple[str, int]]).decode
_provider_prices: Final = msgspec.json.Decoder(list[tuple[str, str, str]]).decode


class PostgresPlans:
    """Implements `ports.subscriptions.Plans`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, plan_id: PlanId) -> Plan | None:
        row = await self._session.read_one(_GET, id=plan_id)
        return _plan(row) if row is not None else None

    async def put(self, plans: Sequence[Plan]) -> None:
        last_by_id = {plan.id: plan for plan in plans}
        rows = [_row(last_by_id[plan_id]) for plan_id in sorted(last_by_id)]
        await self._session.write(_PUT, plans=msgspec.json.encode(rows).decode())

    async def page(self, after: PlanId | None, limit: int) -> Sequence[Plan]:
        return [_plan(row) for row in await self._session.read(_PAGE, after=after, limit=limit)]


def _row(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "title": plan.title,
        "billing_interval": plan.interval,
        "interval_count": plan.interval_count,
        "active": plan.active,
        "prices": [(price.currency.code, price.minor) for price in plan.prices],
        "provider_prices": [(p.provider, p.currency, p.reference) for p in plan.provider_prices],
    }


def _plan(row: Row) -> Plan:
    at_providers = _provider_prices(row["provider_prices"])
    return Plan(
        id=PlanId(row["id"]),
        title=row["title"],
        interval=BillingInterval(row["billing_interval"]),
        interval_count=row["interval_count"],
        active=row["active"],
        prices=tuple(Money.of(minor, code) for code, minor in _prices(row["prices"])),
        provider_prices=tuple(
            ProviderPrice(provider=provider, currency=currency, reference=reference)
            for provider, currency, reference in at_providers
        ),
    )
