"""Payments as operators look at them: listed by what was asked for, and counted over a period.

A period is found by the indexes on when things began, and an order's log by its key: what happened to a
payment is told there, and only there.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import INTERVAL, distinct_on

from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import AT, CODE, disputes, order_log, orders, payments, refunds
from domain.identifiers import OrderId, PaymentId
from domain.money import Currency, Money
from domain.payment import Decline, DeclineReason, PaymentState
from ports.queries import PaymentChoice, PaymentPlace, PaymentSummary, ProviderStatistics

_AFTER_ORDER: Final = parameter("after_order", CODE)
_AFTER: Final = and_(
    # Said once more for the index.
    orders.c.id <= _AFTER_ORDER,
    tuple_(orders.c.id, payments.c.id) < tuple_(_AFTER_ORDER, parameter("after_payment", CODE)),
)
_CHOSEN_BY: Final[Mapping[str, Any]] = {
    "after_order": _AFTER,
    "provider": payments.c.provider == parameter("provider", CODE),
    "state": payments.c.state == parameter("state", CODE),
    "order_id": orders.c.id == parameter("order_id", CODE),
    "decline_reason": payments.c.decline_reason == parameter("decline_reason", CODE),
    "created_from": payments.c.created_at >= parameter("created_from", AT),
    "created_until": payments.c.created_at < parameter("created_until", AT),
}
_LISTED: Final = select(
    *(payments.c.id, orders.c.id.label("order_id"), payments.c.provider, payments.c.reference),
    *(payments.c.state, payments.c.amount_minor, payments.c.captured_minor, orders.c.currency),
    *(payments.c.decline_reason, payments.c.decline_code, payments.c.created_at),
).join_from(payments, orders, payments.c.order_number == orders.c.number)


def given(after: PaymentPlace | None, choice: PaymentChoice) -> dict[str, Any]:
    """The parameters of what was asked for."""
    wanted = {
        "after_order": after.order_id if after else None,
        "after_payment": after.payment_id if after else None,
        "provider": choice.provider,
        "state": choice.state.value if choice.state else None,
        "order_id": choice.order_id,
        "decline_reason": choice.decline_reason.value if choice.decline_reason else None,
        "created_from": choice.created_from,
        "created_until": choice.created_until,
    }
    return {name: value for name, value in wanted.items() if value is not None}


@cache
def payments_by(names: frozenset[str]) -> Statement:
    """Those that what is given under these names leaves: a statement each, so that each finds its index."""
    conditions = [condition for name, condition in _CHOSEN_BY.items() if name in names]
    return Statement(
        _LISTED.where(*conditions)
        .order_by(orders.c.id.desc(), payments.c.id.desc())
        .limit(parameter("limit", Integer()))
    )


def summary_from(row: Row) -> PaymentSummary:
    currency, reason = Currency.of(row["currency"]), row["decline_reason"]
    return PaymentSummary(
        id=PaymentId(row["id"]),
        order_id=OrderId(row["order_id"]),
        provider=row["provider"],
        reference=row["reference"],
        state=PaymentState(row["state"]),
        amount=Money(minor=row["amount_minor"], currency=currency),
        captured=Money(minor=row["captured_minor"], currency=currency),
        decline=Decline(reason=DeclineReason(reason), code=row["decline_code"]) if reason else None,
        created_at=row["created_at"],
    )


def _within(moment: Any) -> Any:
    return and_(moment >= parameter("since", AT), moment < parameter("until", AT))


def _one_of(expression: Any, *values: str) -> Any:
    return or_(*(expression == value for value in values))


def _told(begun: Any) -> Any:
    """What the logs of these payments' orders say of declines and calls; see `order_log` for the places."""
    event = func.json_array_elements(order_log.c.events).table_valued("value", name="event").render_derived()

    def at(place: int) -> Any:
        return event.c.value.op("->>")(literal_column(str(place)))

    later = func.coalesce(cast(at(3), BigInteger), 0) * literal_column("interval '1 microsecond'", INTERVAL())
    return (
        select(
            order_log.c.order_number,
            at(0).label("kind"),
            at(1).label("subject_id"),
            at(2).label("detail"),
            (order_log.c.at + later).label("at"),
        )
        .where(order_log.c.order_number.in_(select(begun.c.order_number)))
        .where(_one_of(at(0), "payment_declined", "vendor_called", "vendor_answered"))
        .cte("told")
    )


def _calls(begun: Any, told: Any) -> Any:
    """Providers with how long their settled calls took. An order's calls are those of its latest payment."""
    owners = (
        select(begun.c.order_number, begun.c.provider)
        .ext(distinct_on(begun.c.order_number))
        .order_by(begun.c.order_number, begun.c.position.desc())
        .cte("owners")
    )
    is_settled = or_(told.c.detail.like("% succeeded"), told.c.detail.like("% rejected"))
    began = func.min(told.c.at).filter(told.c.kind == "vendor_called")
    ended = func.min(told.c.at).filter(told.c.kind == "vendor_answered", is_settled)
    calls = (
        select(told.c.order_number, began.label("began"), ended.label("ended"))
        .where(told.c.kind != "payment_declined")
        .group_by(told.c.order_number, told.c.subject_id)
        .cte("calls")
    )
    took = cast(func.floor(extract("epoch", calls.c.ended - calls.c.began) * 1_000), BigInteger)
    return (
        select(
            owners.c.provider,
            func.count().label("settled_calls"),
            func.percentile_disc(0.5).within_group(took).label("p50_ms"),
            func.percentile_disc(0.95).within_group(took).label("p95_ms"),
        )
        .join_from(calls, owners, owners.c.order_number == calls.c.order_number)
        .where(calls.c.ended.is_not(None))
        .group_by(owners.c.provider)
        .cte("latencies")
    )


def _begun() -> Statement:
    """A row for each provider whose payments began within the period."""
    begun = select(payments).where(_within(payments.c.created_at)).cte("begun")
    told = _told(begun)
    refusals = (
        select(told.c.order_number, told.c.subject_id, told.c.detail)
        .where(told.c.kind == "payment_declined")
        .cte("refusals")
    )
    its = and_(refusals.c.order_number == begun.c.order_number, refusals.c.subject_id == begun.c.id)
    succeeded = _one_of(begun.c.state, "authorized", "captured")
    declined = and_(~succeeded, or_(begun.c.state == "refused", exists().where(its)))
    counts = (
        select(
            begun.c.provider,
            func.count().label("payments"),
            func.count().filter(succeeded).label("succeeded"),
            func.count().filter(declined).label("declined"),
        )
        .group_by(begun.c.provider)
        .cte("counts")
    )
    by_reason = (
        select(begun.c.provider, refusals.c.detail, func.count().label("declines"))
        .join_from(begun, refusals, its)
        .group_by(begun.c.provider, refusals.c.detail)
        .cte("by_reason")
    )
    reasons = (
        select(
            by_reason.c.provider,
            func.json_object_agg(by_reason.c.detail, by_reason.c.declines).label("declines"),
        )
        .group_by(by_reason.c.provider)
        .cte("reasons")
    )
    latencies = _calls(begun, told)
    return Statement(
        select(
            *(counts.c.provider, counts.c.payments, counts.c.succeeded, counts.c.declined),
            *(reasons.c.declines, latencies.c.settled_calls, latencies.c.p50_ms, latencies.c.p95_ms),
        )
        .outerjoin_from(counts, reasons, reasons.c.provider == counts.c.provider)
        .outerjoin(latencies, latencies.c.provider == counts.c.provider)
    )


def _money_back() -> Statement:
    """A row for each provider with refunds of the period, or with open disputes of any time."""
    failed = case((refunds.c.state == "failed", 1), else_=0)
    one, none = literal_column("1", Integer()), literal_column("0", Integer())
    parts = union_all(
        select(
            payments.c.provider,
            (one - failed).label("refunds"),
            failed.label("refunds_failed"),
            none.label("open_disputes"),
        )
        .join_from(refunds, payments, _of_payment(refunds))
        .where(_within(refunds.c.created_at)),
        select(payments.c.provider, none, none, one)
        .join_from(disputes, payments, _of_payment(disputes))
        .where(_one_of(disputes.c.state, "inquiry", "open")),
    ).subquery("parts")
    sums = (parts.c.refunds, parts.c.refunds_failed, parts.c.open_disputes)
    return Statement(
        select(parts.c.provider, *(func.sum(part).label(part.name) for part in sums)).group_by(
            parts.c.provider
        )
    )


def _of_payment(table: Any) -> Any:
    return and_(payments.c.order_number == table.c.order_number, payments.c.id == table.c.payment_id)


BEGUN: Final = _begun()
MONEY_BACK: Final = _money_back()
_declines: Final = msgspec.json.Decoder(dict[DeclineReason, int]).decode


def statistics_from(begun: Sequence[Row], back: Sequence[Row]) -> Sequence[ProviderStatistics]:
    found: dict[str, dict[str, Any]] = {}
    for row in (*begun, *back):
        found.setdefault(row["provider"], {}).update(row)
    return [_statistics(found[provider]) for provider in sorted(found)]


def _statistics(values: dict[str, Any]) -> ProviderStatistics:
    """What there was none of is left out."""
    known = {name: value for name, value in values.items() if value is not None}
    if "declines" in known:
        known["declines"] = _declines(known["declines"])
    return ProviderStatistics(**known)
