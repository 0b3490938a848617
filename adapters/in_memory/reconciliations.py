"""Reports of reconciliations, over what is committed."""

from collections.abc import Sequence

from adapters.in_memory.storage import Storage
from domain.identifiers import ReconciliationId
from domain.reconciliation import Reconciliation, ReconciliationSummary


class InMemoryReconciliations:
    """Implements `ports.reconciliations.Reconciliations`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def keep(self, reconciliation: Reconciliation) -> None:
        self._storage.reconciliations[reconciliation.summary.id] = reconciliation

    async def get(self, reconciliation_id: ReconciliationId) -> Reconciliation | None:
        return self._storage.reconciliations.get(reconciliation_id)

    async def page(self, after: ReconciliationId | None, limit: int) -> Sequence[ReconciliationSummary]:
        ids = sorted((i for i in self._storage.reconciliations if after is None or i < after), reverse=True)
        return [self._storage.reconciliations[each].summary for each in ids[:limit]]
