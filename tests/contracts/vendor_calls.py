"""Clients and policed calls as the container makes them, on a clock of the test's own that passes waits at
once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.resilience.call_records import CallRecord, Outcome
from adapters.resilience.policed_calls import PolicedCalls, Tried
from adapters.resilience.policies import STRIPE, Policy
from adapters.resilience.shared_state import ProcessState, SharedState
from adapters.resilience.transport import resilient_client
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from ports.clock import Clock

WELL: Final = Tried(outcome=Outcome.ANSWERED, reason="http_200", answer="well")
AWAY: Final[Tried[str]] = Tried(outcome=Outcome.NOTHING, reason="not_connected")
DOUBT: Final[Tried[str]] = Tried(outcome=Outcome.IN_DOUBT, reason="connection_lost")

Once = Callable[[], Awaitable[Tried[str]]]


def in_turn(*tried: Tried[str]) -> Once:
    """Each try ends as the next of these, and further ones as the last."""
    left = list(tried)

    async def once() -> Tried[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return once


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
    clock: Clock | None = None,
    state: SharedState | None = None,
    told: Told | None = None,
    base_url: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    clock = clock or ManualClock()
    return resilient_client(
        policy,
        clock=clock,
        shared_state=state or ProcessState(clock),
        observer=told or Told(),
        base_url=base_url,
        transport=transport,
    )


def calls_under(
    policy: Policy,
    *,
    clock: Clock | None = None,
    state: SharedState | None = None,
    told: Told | None = None,
) -> PolicedCalls:
    clock = clock or ManualClock()
    return PolicedCalls(
        policy, clock=clock, shared_state=state or ProcessState(clock), observer=told or Told()
    )


def stripe_with(
    settings: StripeSettings,
    *,
    policy: Policy = STRIPE,
    clock: Clock | None = None,
    told: Told | None = None,
    reports: InMemoryErrorReports | None = None,
) -> StripePaymentGateway:
    """Stripe's gateway under its policy; whoever opens it closes it."""
    clock = clock or ManualClock()
    calls = calls_under(policy, clock=clock, told=told)
    return StripePaymentGateway(settings, calls, clock, reports or InMemoryErrorReports())
