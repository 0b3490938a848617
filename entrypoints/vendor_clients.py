"""The ways out to vendors: one client or one set of policed calls for each policy, all under the same clock,
shared state and observer; opened when they are asked for, closed together.
"""

from contextlib import AsyncExitStack
from typing import Any

import httpx

from adapters.resilience.call_records import CallObserver
from adapters.resilience.policed_calls import PolicedCalls
from adapters.resilience.policies import Policy
from adapters.resilience.shared_state import SharedState
from adapters.resilience.transport import resilient_client
from ports.clock import Clock


class VendorClients:
    """What is asked for twice is made twice, with a bulkhead each: ask once for each integration."""

    def __init__(
        self, clock: Clock, shared_state: SharedState, observer: CallObserver, stack: AsyncExitStack
    ) -> None:
        """`stack` closes the clients when it is left."""
        self._clock = clock
        self._shared_state = shared_state
        self._observer = observer
        self._stack = stack

    def http(
        self,
        policy: Policy,
        *,
        base_url: str = "",
        verify: Any = True,
        cert: Any = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> httpx.AsyncClient:
        """For an adapter that speaks HTTP itself; its contract is in `adapters/resilience/__init__.py`.

        `transport`: what sends the single tries, where a vendor wants to be reached in its own way.
        """
        client = resilient_client(
            policy,
            clock=self._clock,
            shared_state=self._shared_state,
            observer=self._observer,
            base_url=base_url,
            verify=verify,
            cert=cert,
            transport=transport,
        )
        self._stack.push_async_callback(client.aclose)
        return client

    def around(self, policy: Policy) -> PolicedCalls:
        """For an adapter whose SDK brings its own HTTP."""
        return PolicedCalls(
            policy, clock=self._clock, shared_state=self._shared_state, observer=self._observer
        )
