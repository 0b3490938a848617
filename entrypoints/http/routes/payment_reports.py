"""Payments for the merchant's people: listed by whatever is asked for, and counted for each provider."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.params import QueryParameter

from domain import errors
from domain.payment import DeclineReason, PaymentState
from domain.period import Period
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.openapi import CALLER, KEY_ONLY, refusals
from entrypoints.http.paths import After, Limit, order_id_of, payment_cursor, payment_cursor_of
from entrypoints.http.problems import INVALID_QUERY, Refused
from entrypoints.http.structs.payment_reports import (
    PaymentsPage,
    PaymentStatisticsShown,
    listed_payment_shown,
    statistics_shown,
)
from entrypoints.http.structs.problems import FieldProblem
from entrypoints.http.use_cases import Given
from ports.queries import PaymentChoice

_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2999
_USUAL: Final = timedelta(days=7)
_LONGEST: Final = timedelta(days=92)
WantedProvider = Annotated[
    str | None, QueryParameter(name="provider", max_length=64, description="Only this provider's.")
]
WantedState = Annotated[PaymentState | None, QueryParameter(name="state", description="Only these.")]
WantedOrder = Annotated[
    str | None, QueryParameter(name="order_id", max_length=64, description="Only this order's.")
]
WantedReason = Annotated[
    DeclineReason | None,
    QueryParameter(name="decline_reason", description="Only those whose last try was declined so."),
]
CreatedFrom = Annotated[
    datetime | None, QueryParameter(name="created_from", description="Only those begun then or later.")
]
CreatedTo = Annotated[
    datetime | None, QueryParameter(name="created_to", description="Only those begun before.")
]
From = Annotated[
    datetime | None,
    QueryParameter(name="from", description="Payments begun then or later; seven days before `to`."),
]
To = Annotated[datetime | None, QueryParameter(name="to", description="Payments begun before; now.")]


@get(
    "/v1/payments",
    operation_id="listPayments",
    summary="List payments, those of the newest order first",
    tags=["Operations"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY, errors.UnknownOrder),
)
async def list_payments(
    request: Request[Any, Any, Any],
    use_cases: Given,
    *,
    after: After = None,
    limit: Limit = 20,
    provider: WantedProvider = None,
    state_wanted: WantedState = None,
    wanted_order: WantedOrder = None,
    decline_reason: WantedReason = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
) -> PaymentsPage:
    """What every payment came to, and why a card was declined. Whatever is asked for has to hold together."""
    choice = PaymentChoice(
        provider=provider,
        state=state_wanted,
        order_id=order_id_of(wanted_order) if wanted_order is not None else None,
        decline_reason=decline_reason,
        created_from=_moment(created_from, "created_from"),
        created_until=_moment(created_to, "created_to"),
    )
    found = await use_cases.queries.payments(payment_cursor(after), limit, choice)
    role = caller_of(request).role
    items = [listed_payment_shown(payment, role) for payment in found]
    return PaymentsPage(items, payment_cursor_of(found[-1]) if len(found) == limit else None)


@get(
    "/v1/payment-statistics",
    operation_id="readPaymentStatistics",
    summary="Count payments for each provider",
    tags=["Operations"],
    access=Access.OPERATOR,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def read_payment_statistics(
    use_cases: Given, since: From = None, until: To = None
) -> PaymentStatisticsShown:
    """Success rate, declines by reason, refunds, open disputes, and how long the provider took.

    A period has 92 days at the most.
    """
    end = _moment(until, "to") or use_cases.clock.now()
    begin = _moment(since, "from") or end - _USUAL
    if not timedelta() < end - begin <= _LONGEST:
        raise Refused(INVALID_QUERY, FieldProblem("?from", f"before to, by {_LONGEST.days} days at the most"))
    period = Period(since=begin, until=end)
    return statistics_shown(period, [*await use_cases.queries.payment_statistics(period)])


def _moment(given: datetime | None, name: str) -> datetime | None:
    """In UTC. Raises Refused for one without an offset, or too far from now to be meant."""
    if given is None or (given.tzinfo is not None and _FIRST_YEAR <= given.year <= _LAST_YEAR):
        return given.astimezone(UTC) if given is not None else None
    rule = f"a time with its offset as RFC 3339 has it, of the years {_FIRST_YEAR} to {_LAST_YEAR}"
    raise Refused(INVALID_QUERY, FieldProblem(f"?{name}", rule))
