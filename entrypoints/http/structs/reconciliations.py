"""Reports of reconciliations as they travel; the command line prints the same."""

from datetime import datetime

import msgspec

from domain.reconciliation import (
    Counts,
    CurrencySums,
    Done,
    Finding,
    FindingKind,
    Outcomes,
    Reconciliation,
    ReconciliationSummary,
)
from entrypoints.http.structs.values import MoneyStruct, money_shown


class CountsShown(msgspec.Struct, frozen=True):
    """How much was compared; `not_ours` is what the provider did for others on the same account."""

    payments: int
    refunds: int
    orders: int
    not_ours: int
    disputes: int


class SumsShown(msgspec.Struct, frozen=True):
    """In one currency, as it was found: what we recorded (`ours`) and what the provider did (`theirs`)."""

    currency: str
    captured_ours: MoneyStruct
    captured_theirs: MoneyStruct
    refunded_ours: MoneyStruct
    refunded_theirs: MoneyStruct


class OutcomesShown(msgspec.Struct, frozen=True):
    """How many findings ended how."""

    repaired: int
    cases_opened: int
    noted: int
    unresolved: int
    left: int


class ReconciliationSummaryShown(msgspec.Struct, frozen=True):
    """From `since` up to, not including, `until`. Without `needs_person` there is nothing to do."""

    id: str
    provider: str
    since: datetime
    until: datetime
    began_at: datetime
    ended_at: datetime
    needs_person: bool
    counts: CountsShown
    sums: list[SumsShown]
    outcomes: OutcomesShown


class FindingShown(msgspec.Struct, frozen=True):
    """`ours` and `theirs` say in a few words what either side has; null for nothing at all."""

    kind: FindingKind
    subject_id: str
    order_id: str | None
    ours: str | None
    theirs: str | None
    done: Done


class ReconciliationShown(msgspec.Struct, frozen=True):
    """`findings` are the first thousand; all are counted in the summary."""

    summary: ReconciliationSummaryShown
    findings: list[FindingShown]


class ReconciliationsPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `after` for the next page; null on the last."""

    items: list[ReconciliationSummaryShown]
    next: str | None


def summary_shown(summary: ReconciliationSummary) -> ReconciliationSummaryShown:
    return ReconciliationSummaryShown(
        summary.id,
        summary.provider,
        summary.period.since,
        summary.period.until,
        summary.began_at,
        summary.ended_at,
        summary.outcomes.needs_person,
        _counts_shown(summary.counts),
        [_sums_shown(sums) for sums in summary.sums],
        _outcomes_shown(summary.outcomes),
    )


def reconciliation_shown(reconciliation: Reconciliation) -> ReconciliationShown:
    findings = [_finding_shown(finding) for finding in reconciliation.findings]
    return ReconciliationShown(summary_shown(reconciliation.summary), findings)


def _counts_shown(counts: Counts) -> CountsShown:
    return CountsShown(counts.payments, counts.refunds, counts.orders, counts.not_ours, counts.disputes)


def _sums_shown(sums: CurrencySums) -> SumsShown:
    return SumsShown(
        sums.currency.code,
        money_shown(sums.captured_ours),
        money_shown(sums.captured_theirs),
        money_shown(sums.refunded_ours),
        money_shown(sums.refunded_theirs),
    )


def _outcomes_shown(outcomes: Outcomes) -> OutcomesShown:
    return OutcomesShown(
        outcomes.repaired, outcomes.cases_opened, outcomes.noted, outcomes.unresolved, outcomes.left
    )


def _finding_shown(finding: Finding) -> FindingShown:
    return FindingShown(
        finding.kind, finding.subject_id, finding.order_id, finding.ours, finding.theirs, finding.done
    )
