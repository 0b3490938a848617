"""Reports of reconciliations: a row each, what a list shows apart from the single findings."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Integer, insert, or_, select

from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import CODE, reconciliations
from domain.identifiers import OrderId, ReconciliationId
from domain.money import Currency
from domain.period import Period
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

_AFTER: Final = parameter("after", CODE)
_KEEP = Statement(insert(reconciliations))
_GET = Statement(select(reconciliations).where(reconciliations.c.id == parameter("id", CODE)))
_PAGE = Statement(
    select(*(column for column in reconciliations.c if column.name != "findings"))
    .where(or_(_AFTER.is_(None), reconciliations.c.id < _AFTER))
    .order_by(reconciliations.c.id.desc())
    .limit(parameter("limit", Integer()))
)


class _Sums(msgspec.Struct, frozen=True):
    """In minor units of the currency."""

    currency: str
    captured_ours: int
    captured_theirs: int
    refunded_ours: int
    refunded_theirs: int


class _Summary(msgspec.Struct, frozen=True):
    counts: Counts
    sums: tuple[_Sums, ...]
    outcomes: Outcomes


class _Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: FindingKind
    subject_id: str
    done: Done
    order_id: str | None = None
    ours: str | None = None
    theirs: str | None = None


_encode: Final = msgspec.json.Encoder().encode
_summary: Final = msgspec.json.Decoder(_Summary).decode
_findings: Final = msgspec.json.Decoder(tuple[_Finding, ...]).decode


class PostgresReconciliations:
    """Implements `ports.reconciliations.Reconciliations`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def keep(self, reconciliation: Reconciliation) -> None:
        summary = reconciliation.summary
        document = _Summary(
            counts=summary.counts,
            sums=tuple(_sums_row(sums) for sums in summary.sums),
            outcomes=summary.outcomes,
        )
        await run_alone(
            self._connections,
            _KEEP,
            writes=True,
            id=summary.id,
            provider=summary.provider,
            began_at=summary.began_at,
            ended_at=summary.ended_at,
            since=summary.period.since,
            until=summary.period.until,
            summary=_encode(document).decode(),
            findings=_encode([_finding_row(finding) for finding in reconciliation.findings]).decode(),
        )

    async def get(self, reconciliation_id: ReconciliationId) -> Reconciliation | None:
        rows = await run_alone(self._connections, _GET, id=reconciliation_id)
        if not rows:
            return None
        findings = tuple(_finding(row) for row in _findings(rows[0]["findings"]))
        return Reconciliation(summary=_summary_from(rows[0]), findings=findings)

    async def page(self, after: ReconciliationId | None, limit: int) -> Sequence[ReconciliationSummary]:
        rows = await run_alone(self._connections, _PAGE, after=after, limit=limit)
        return [_summary_from(row) for row in rows]


def _summary_from(row: Row) -> ReconciliationSummary:
    told = _summary(row["summary"])
    return ReconciliationSummary(
        id=ReconciliationId(row["id"]),
        provider=row["provider"],
        period=Period(since=row["since"], until=row["until"]),
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        counts=told.counts,
        sums=tuple(_sums(sums) for sums in told.sums),
        outcomes=told.outcomes,
    )


def _sums_row(sums: CurrencySums) -> _Sums:
    return _Sums(
        currency=sums.currency.code,
        captured_ours=sums.captured_ours.minor,
        captured_theirs=sums.captured_theirs.minor,
        refunded_ours=sums.refunded_ours.minor,
        refunded_theirs=sums.refunded_theirs.minor,
    )


def _sums(row: _Sums) -> CurrencySums:
    return CurrencySums.of(
        Currency.of(row.currency),
        captured_ours=row.captured_ours,
        captured_theirs=row.captured_theirs,
        refunded_ours=row.refunded_ours,
        refunded_theirs=row.refunded_theirs,
    )


def _finding_row(finding: Finding) -> _Finding:
    return _Finding(
        kind=finding.kind,
        subject_id=finding.subject_id,
        done=finding.done,
        order_id=finding.order_id,
        ours=finding.ours,
        theirs=finding.theirs,
    )


def _finding(row: _Finding) -> Finding:
    return Finding(
        kind=row.kind,
        subject_id=row.subject_id,
        order_id=OrderId(row.order_id) if row.order_id is not None else None,
        ours=row.ours,
        theirs=row.theirs,
        done=row.done,
    )
