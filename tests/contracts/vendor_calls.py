"""Clients and policed calls as the container makes them, on a clock of the test's own that passes waits at
once.
"""

from dataclasses import dataclass, field

import httpx

from adapters.in_memory.clock import ManualClock
from adapters.resilience.call_records import CallRecord
from adapters.resilience.policed_calls import PolicedCalls
from adapters.resilience.policies import Policy
from adapters.resilience.shared_state import ProcessState, SharedState
from adapters.resilience.transport import resilient_client


@dataclass(slots=True)
class Told:
    """A `CallObserver` that keeps what it was told."""

    records: list[CallRecord] = field(default_factory=list)

    def observe(self, record: CallRecord) -> None:
        self.records.append(record)

    @property
    def reasons(self) -> list[str]:
        return [record.reason for record in self.records]


def client_under(
    policy: Policy,
    *,
    clock: ManualClock | None = None,
    state: SharedState | None = None,
    told: Told | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    clock = clock or ManualClock()
    return resilient_client(
        policy,
        clock=clock,
        shared_state=state or ProcessState(clock),
        observer=told or Told(),
        transport=transport,
    )


def calls_under(
    policy: Policy,
    *,
    clock: ManualClock | None = None,
    state: SharedState | None = None,
    told: Told | None = None,
) -> PolicedCalls:
    clock = clock or ManualClock()
    return PolicedCalls(
        policy, clock=clock, shared_state=state or ProcessState(clock), observer=told or Told()
    )
