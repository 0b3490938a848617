"""Reports of reconciliations, kept for whoever asks later."""

from collections.abc import Sequence
from typing import Protocol

from domain.identifiers import ReconciliationId
from domain.reconciliation import Reconciliation, ReconciliationSummary


class Reconciliations(Protocol):
    async def keep(self, reconciliation: Reconciliation) -> None: ...

    async def get(self, reconciliation_id: ReconciliationId) -> Reconciliation | None: ...

    async def page(self, after: ReconciliationId | None, limit: int) -> Sequence[ReconciliationSummary]:
        """Newest first, those begun before `after`."""
