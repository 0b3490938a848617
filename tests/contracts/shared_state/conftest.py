"""Both shared states under contract, on one manual clock: the one in Redis is told the time instead of asking
its server.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.redis.connection import RedisConnection
from adapters.redis.shared_state import RedisSharedState
from adapters.resilience.policies import Policy
from adapters.resilience.shared_state import Admitted, ProcessState, Refused, SharedState


class Gate:
    """One policy's state as a test asks it: in words, and with time that it moves itself."""

    def __init__(self, state: SharedState, clock: ManualClock, policy: Policy) -> None:
        self.state = state
        self.policy = policy
        self._clock = clock

    async def admitted(self, operation: str = "rates.list", party: str = "") -> Admitted:
        answer = await self.state.admit(self.policy, operation, party)
        assert isinstance(answer, Admitted), answer
        return answer

    async def refused(self, operation: str = "rates.list", party: str = "") -> Refused:
        answer = await self.state.admit(self.policy, operation, party)
        assert isinstance(answer, Refused), answer
        return answer

    async def fails(self, times: int = 1) -> None:
        for _ in range(times):
            await self.state.failed(self.policy, await self.admitted())

    async def succeeds(self) -> None:
        await self.state.succeeded(self.policy, await self.admitted())

    def wait(self, seconds: float) -> None:
        self._clock.advance(timedelta(seconds=seconds))


GateUnder = Callable[[Policy], Gate]


@pytest.fixture(params=["process", "redis"])
async def gate_under(request: pytest.FixtureRequest) -> AsyncIterator[GateUnder]:
    """Each integration has a name of its own: the server is shared by all tests of this worker."""
    clock = ManualClock()
    if request.param == "process":
        yield lambda policy: Gate(ProcessState(clock), clock, policy)
        return
    connection = RedisConnection(request.getfixturevalue("redis_url"), clock, answers_within_seconds=10)
    state = RedisSharedState(connection, clock, tells_time=clock)
    yield lambda policy: Gate(state, clock, replace(policy, integration=f"test_{uuid4().hex}"))
    await connection.close()
