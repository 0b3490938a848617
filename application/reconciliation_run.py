"""One run of a reconciliation: what it has seen and found so far, and how much it may still do by itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from domain.identifiers import PaymentId, ReconciliationId, RefundId
from domain.money import Currency
from domain.period import Period
from domain.reconciliation import (
    Counts,
    CurrencySums,
    Done,
    Finding,
    Outcomes,
    Reconciliation,
    ReconciliationSummary,
)

_MOST_FINDINGS_KEPT: Final = 1_000
# A wrong key or a restored backup makes everything differ: then a person looks before more is touched.
_MOST_CASES: Final = 100


# Called before each step that takes a while.
SignOfLife = Callable[[], Awaitable[None]]


class ReconciliationRun:
    """Counts and sums are of the period alone; what is seen may lie a little outside of it."""

    def __init__(
        self, period: Period, began_at: datetime, still_at_work: SignOfLife, *, dry_run: bool
    ) -> None:
        self.period = period
        self.still_at_work = still_at_work
        self._began_at = began_at
        self._dry_run = dry_run
        self._findings: list[Finding] = []
        self._sums: dict[Currency, CurrencySums] = {}
        self._cases = 0
        self.counts = Counts(payments=0, refunds=0, orders=0, not_ours=0)
        self.seen_payments: set[PaymentId] = set()
        self.seen_refunds: set[RefundId] = set()
        # By the provider's references: it is the provider that names them.
        self.seen_disputes: set[str] = set()

    @property
    def may_act(self) -> bool:
        return not self._dry_run and self._cases < _MOST_CASES

    def found(self, finding: Finding) -> None:
        self._findings.append(finding)
        if finding.done is Done.CASE_OPENED:
            self._cases += 1

    def count(
        self, *, payments: int = 0, refunds: int = 0, orders: int = 0, not_ours: int = 0, disputes: int = 0
    ) -> None:
        self.counts = Counts(
            payments=self.counts.payments + payments,
            refunds=self.counts.refunds + refunds,
            orders=self.counts.orders + orders,
            not_ours=self.counts.not_ours + not_ours,
            disputes=self.counts.disputes + disputes,
        )

    def add(self, *sums: CurrencySums) -> None:
        for each in sums:
            known = self._sums.get(each.currency)
            self._sums[each.currency] = known + each if known is not None else each

    def report(self, reconciliation_id: ReconciliationId, provider: str, now: datetime) -> Reconciliation:
        summary = ReconciliationSummary(
            id=reconciliation_id,
            provider=provider,
            period=self.period,
            began_at=self._began_at,
            ended_at=now,
            counts=self.counts,
            sums=tuple(self._sums[currency] for currency in sorted(self._sums, key=lambda each: each.code)),
            outcomes=Outcomes.of(self._findings),
        )
        return Reconciliation(summary=summary, findings=tuple(self._findings[:_MOST_FINDINGS_KEPT]))
