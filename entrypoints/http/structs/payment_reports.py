"""Payments as the merchant's people look at them: listed, and counted for each provider."""

from datetime import datetime

import msgspec

from domain.period import Period
from entrypoints.http.structs.payments import DeclineShown, decline_shown
from entrypoints.http.structs.values import MoneyStruct, money_shown
from ports.api_keys import Role
from ports.queries import PaymentSummary, ProviderStatistics


class ListedPaymentShown(msgspec.Struct, frozen=True, kw_only=True):
    """`reference` is the provider's own id, null until it has answered. `decline` is that of the last try,
    while the payment waits for another one.
    """

    id: str
    order_id: str
    provider: str
    reference: str | None
    status: str
    amount: MoneyStruct
    captured: MoneyStruct
    decline: DeclineShown | None
    created_at: datetime


class PaymentsPage(msgspec.Struct, frozen=True):
    """Those of the newest order first. `next` goes into `after` for the next page; null on the last."""

    items: list[ListedPaymentShown]
    next: str | None


class DeclinesShown(msgspec.Struct, frozen=True):
    """How often payments were declined for this family of reasons; a payment may be declined repeatedly."""

    reason: str
    count: int


class ProviderStatisticsShown(msgspec.Struct, frozen=True, kw_only=True):
    """`succeeded` payments were authorized or captured, `declined` ones tried in vain; others wait, or nobody
    ever tried them. `success_rate` is the share of `succeeded` in both, from 0 to 1; null when both are 0.

    `refunds` and `refunds_failed` were asked for within the period. `open_disputes` stand now, whenever they
    began. Of the `settled_calls` to the provider half had their final answer within `p50_ms` milliseconds,
    and 95 % within `p95_ms`, waits and retries included.
    """

    provider: str
    payments: int
    succeeded: int
    declined: int
    success_rate: float | None
    declines: list[DeclinesShown]
    refunds: int
    refunds_failed: int
    open_disputes: int
    settled_calls: int
    p50_ms: int | None
    p95_ms: int | None


class PaymentStatisticsShown(msgspec.Struct, frozen=True):
    """Of payments that began at `since` or later, and before `until`; providers by name."""

    since: datetime
    until: datetime
    providers: list[ProviderStatisticsShown]


def listed_payment_shown(payment: PaymentSummary, role: Role) -> ListedPaymentShown:
    return ListedPaymentShown(
        id=payment.id,
        order_id=payment.order_id,
        provider=payment.provider,
        reference=payment.reference,
        status=payment.state.value,
        amount=money_shown(payment.amount),
        captured=money_shown(payment.captured),
        decline=decline_shown(payment.decline, role) if payment.decline else None,
        created_at=payment.created_at,
    )


def statistics_shown(period: Period, found: list[ProviderStatistics]) -> PaymentStatisticsShown:
    return PaymentStatisticsShown(period.since, period.until, [_provider_shown(each) for each in found])


def _provider_shown(each: ProviderStatistics) -> ProviderStatisticsShown:
    most_first = sorted(each.declines.items(), key=lambda item: (-item[1], item[0].value))
    return ProviderStatisticsShown(
        provider=each.provider,
        payments=each.payments,
        succeeded=each.succeeded,
        declined=each.declined,
        success_rate=success_rate(each),
        declines=[DeclinesShown(reason.value, count) for reason, count in most_first],
        refunds=each.refunds,
        refunds_failed=each.refunds_failed,
        open_disputes=each.open_disputes,
        settled_calls=each.settled_calls,
        p50_ms=each.p50_ms,
        p95_ms=each.p95_ms,
    )


def success_rate(each: ProviderStatistics) -> float | None:
    """Of those payments that were tried; None if none was."""
    tried = each.succeeded + each.declined
    return round(each.succeeded / tried, 4) if tried else None
