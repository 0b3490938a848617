"""Payments as operators look at them: listed and counted, over what is committed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from adapters.in_memory.storage import OrderRecord
from domain.events import EventKind
from domain.identifiers import OrderId
from domain.payment import DeclineReason, Payment, PaymentState
from domain.period import Period
from domain.refund import RefundState
from ports.queries import PaymentChoice, PaymentPlace, PaymentSummary, ProviderStatistics

_SUCCEEDED: Final = frozenset({PaymentState.AUTHORIZED, PaymentState.CAPTURED})
_SETTLED: Final = (" succeeded", " rejected")

Orders = Mapping[OrderId, OrderRecord]


def payments_of(
    orders: Orders, after: PaymentPlace | None, limit: int, choice: PaymentChoice
) -> Sequence[PaymentSummary]:
    wanted = [
        payment
        for record in orders.values()
        for payment in record.facts.payments
        if _is_chosen(payment, choice) and (after is None or _place(payment) < _place_of(after))
    ]
    return [_summary(payment) for payment in sorted(wanted, key=_place, reverse=True)[:limit]]


def _place(payment: Payment) -> tuple[str, str]:
    return payment.order_id, payment.id


def _place_of(place: PaymentPlace) -> tuple[str, str]:
    return place.order_id, place.payment_id


def _is_chosen(payment: Payment, choice: PaymentChoice) -> bool:
    reason = payment.decline.reason if payment.decline else None
    return (
        choice.provider in (None, payment.provider)
        and choice.state in (None, payment.state)
        and choice.order_id in (None, payment.order_id)
        and choice.decline_reason in (None, reason)
        and (choice.created_from is None or payment.created_at >= choice.created_from)
        and (choice.created_until is None or payment.created_at < choice.created_until)
    )


def _summary(payment: Payment) -> PaymentSummary:
    return PaymentSummary(
        id=payment.id,
        order_id=payment.order_id,
        provider=payment.provider,
        reference=payment.reference,
        state=payment.state,
        amount=payment.amount,
        captured=payment.captured,
        decline=payment.decline,
        created_at=payment.created_at,
    )


def statistics_of(orders: Orders, period: Period) -> Sequence[ProviderStatistics]:
    providers = {payment.provider for record in orders.values() for payment in record.facts.payments}
    found = (_statistics(orders.values(), provider, period) for provider in sorted(providers))
    return [
        each for each in found if each.payments or each.refunds or each.refunds_failed or each.open_disputes
    ]


def _statistics(records: Iterable[OrderRecord], provider: str, period: Period) -> ProviderStatistics:
    states: list[PaymentState] = []
    declines: Counter[DeclineReason] = Counter()
    declined, open_disputes, refunds, failed = 0, 0, 0, 0
    durations: list[int] = []
    for record in records:
        its = {payment.id: payment for payment in record.facts.payments if payment.provider == provider}
        begun = [p for p in record.facts.payments if period.covers(p.created_at)]
        open_disputes += sum(not d.is_over and d.payment_id in its for d in record.facts.disputes)
        asked = [r for r in record.facts.refunds if r.payment_id in its and period.covers(r.created_at)]
        refunds += sum(refund.state is not RefundState.FAILED for refund in asked)
        failed += sum(refund.state is RefundState.FAILED for refund in asked)
        for payment in begun:
            if payment.id not in its:
                continue
            reasons = _declines(record, payment)
            declines.update(reasons)
            states.append(payment.state)
            is_lost = bool(reasons) or payment.state is PaymentState.REFUSED
            declined += is_lost and payment.state not in _SUCCEEDED
        if begun and begun[-1].id in its:
            durations += _durations(record)
    durations.sort()
    return ProviderStatistics(
        provider=provider,
        payments=len(states),
        succeeded=sum(state in _SUCCEEDED for state in states),
        declined=declined,
        declines=declines,
        refunds=refunds,
        refunds_failed=failed,
        open_disputes=open_disputes,
        settled_calls=len(durations),
        p50_ms=_percentile(durations, 50),
        p95_ms=_percentile(durations, 95),
    )


def _declines(record: OrderRecord, payment: Payment) -> list[DeclineReason]:
    told = (e for e in record.events if e.kind is EventKind.PAYMENT_DECLINED and e.subject_id == payment.id)
    return [DeclineReason(event.detail) for event in told]


def _durations(record: OrderRecord) -> Iterator[int]:
    """Milliseconds from each attempt's first call to its final answer."""
    began: dict[str, datetime] = {}
    for event in record.events:
        if event.kind is EventKind.VENDOR_CALLED:
            began.setdefault(event.subject_id, event.at)
        elif event.kind is EventKind.VENDOR_ANSWERED and (event.detail or "").endswith(_SETTLED):
            yield (event.at - began.pop(event.subject_id, event.at)) // timedelta(milliseconds=1)


def _percentile(sorted_values: Sequence[int], percent: int) -> int | None:
    """The least value that so many of them don't exceed."""
    if not sorted_values:
        return None
    return sorted_values[-(-len(sorted_values) * percent // 100) - 1]
