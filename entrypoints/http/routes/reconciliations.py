"""Reports of reconciliations, for the merchant and for operators."""

from litestar import get
from litestar.params import FromPath

from domain.identifiers import ReconciliationId, is_prefixed
from entrypoints.http.auth import Access
from entrypoints.http.openapi import CALLER, KEY_ONLY, refusals
from entrypoints.http.paths import After, Limit, reconciliation_cursor
from entrypoints.http.problems import INVALID_QUERY, UNKNOWN_RECONCILIATION, Refused
from entrypoints.http.structs.reconciliations import (
    ReconciliationShown,
    ReconciliationsPage,
    reconciliation_shown,
    summary_shown,
)
from entrypoints.http.use_cases import Given


@get(
    "/v1/reconciliations",
    operation_id="listReconciliations",
    summary="List reconciliations, newest first",
    tags=["Operations"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_reconciliations(
    use_cases: Given, after: After = None, limit: Limit = 20
) -> ReconciliationsPage:
    """What was compared with the provider, and how it ended; single findings come with each report."""
    found = await use_cases.reconciliations.page(reconciliation_cursor(after), limit)
    items = [summary_shown(summary) for summary in found]
    return ReconciliationsPage(items, found[-1].id if len(found) == limit else None)


@get(
    "/v1/reconciliations/{reconciliation_id:str}",
    operation_id="readReconciliation",
    summary="Read a reconciliation",
    tags=["Operations"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, UNKNOWN_RECONCILIATION),
)
async def read_reconciliation(reconciliation_id: FromPath[str], use_cases: Given) -> ReconciliationShown:
    """With each finding: what we have, what the provider has, and what was done about it."""
    is_one = is_prefixed(reconciliation_id, "rec")
    found = await use_cases.reconciliations.get(ReconciliationId(reconciliation_id)) if is_one else None
    if found is None:
        raise Refused(UNKNOWN_RECONCILIATION)
    return reconciliation_shown(found)
