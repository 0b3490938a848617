"""Breakers and rate limits that all processes of a shop share: each decision is one script in Redis, so one
round trip, and no two processes decide at the same time.

The rules are those of `adapters/resilience/breaker.py` and `rate_limit.py`, and one contract suite holds both
to them. Moments are told by Redis's clock, the only one that all processes share.
"""

from hashlib import sha256
from typing import Final

from adapters.redis.connection import RedisConnection, RedisIsAway
from adapters.resilience.breaker import BreakerState
from adapters.resilience.policies import Policy
from adapters.resilience.rate_limit import counted
from adapters.resilience.shared_state import Admitted, ProcessState, Refusal, Refused, probe_ticks
from adapters.resilience.ticks import TICKS_PER_SECOND, seconds, ticks, ticks_at
from ports.clock import Clock

# A vendor that nobody calls for a day is asked as if for the first time.
_BREAKER_KEPT_MS: Final = 24 * 3_600 * 1_000
# A count outlives its window by this, whatever the servers' clocks do.
_COUNT_KEPT_LONGER_MS: Final = 60_000

_NOW: Final = """
local now = tonumber(ARGV[1])
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local function whole(number) return string.format('%.0f', number) end
"""

# KEYS: the breaker, then each count. ARGV: now or 0, failures that open, a probe's ticks, then of each count
# the most tries, its window's ticks and how many milliseconds it is kept.
_ADMIT: Final = (
    _NOW
    + """
local threshold, probe_ticks = tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'failures', 'open_until', 'probe_until')
local failures, open_until = tonumber(known[1] or 0), tonumber(known[2] or 0)
local probe_until, probe = tonumber(known[3] or 0), 0
if failures >= threshold then
  local refused_for = math.max(open_until, probe_until) - now
  if refused_for > 0 then return {'breaker_open', refused_for, failures, probe_until} end
  probe = now + probe_ticks
end
local full_for = 0
for i = 2, #KEYS do
  local most, window = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  local newest = tonumber(redis.call('LINDEX', KEYS[i], 0) or 0)
  if newest > now then redis.call('DEL', KEYS[i]) end
  local oldest = tonumber(redis.call('LINDEX', KEYS[i], most - 1) or 0)
  full_for = math.max(full_for, oldest + window - now)
end
if full_for > 0 then return {'rate_limited', full_for, failures, probe_until} end
for i = 2, #KEYS do
  redis.call('LPUSH', KEYS[i], whole(now))
  redis.call('LTRIM', KEYS[i], 0, tonumber(ARGV[3 * i - 2]) - 1)
  redis.call('PEXPIRE', KEYS[i], ARGV[3 * i])
end
if probe > 0 then redis.call('HSET', KEYS[1], 'probe_until', whole(probe)) end
return {'admitted', 0, failures, probe}
"""
)

# KEYS: the breaker. ARGV: now or 0, what happened, failures that open, the ticks that it stays open, the
# probe or 0, how many milliseconds it is kept. Answers with failures and probe afterwards.
_TELL: Final = (
    _NOW
    + """
local threshold, open_ticks, probe = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local known = redis.call('HMGET', KEYS[1], 'failures', 'open_until', 'probe_until')
local failures, open_until = tonumber(known[1] or 0), tonumber(known[2] or 0)
local probe_until = tonumber(known[3] or 0)
local has_opened = failures >= threshold
local is_probe = probe > 0 and probe == probe_until
if ARGV[2] == 'gave_up' then
  if is_probe then probe_until = 0 end
elseif ARGV[2] == 'succeeded' then
  if is_probe or not has_opened then failures, open_until, probe_until = 0, 0, 0 end
elseif is_probe or (not has_opened and failures + 1 >= threshold) then
  failures, open_until, probe_until = threshold, now + open_ticks, 0
elseif not has_opened then
  failures, open_until, probe_until = failures + 1, 0, 0
end
if failures == 0 then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'failures', failures)
  redis.call('HSET', KEYS[1], 'open_until', whole(open_until), 'probe_until', whole(probe_until))
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
return {failures, probe_until}
"""
)


class RedisSharedState:
    """Implements `adapters.resilience.shared_state.SharedState`.

    Without Redis it decides for this process alone, from a clean start each time, and `is_shared` says so.
    """

    def __init__(self, connection: RedisConnection, clock: Clock, *, tells_time: Clock | None = None) -> None:
        """`clock`: for decisions without Redis. `tells_time`: instead of Redis's own clock, for tests."""
        self._connection = connection
        self._admit = connection.script(_ADMIT)
        self._tell = connection.script(_TELL)
        self._clock = clock
        self._tells_time = tells_time
        self._alone: ProcessState | None = None

    async def admit(self, policy: Policy, operation: str, party: str) -> Admitted | Refused:
        counts = counted(policy, operation, sha256(party.encode()).hexdigest()[:16] if party else "")
        keys = [_breaker(policy), *(f"{_named(policy)}:{name}" for name, _ in counts)]
        arguments = [self._now(), policy.breaker.failures, probe_ticks(policy)]
        for _, limit in counts:
            kept_ms = limit.per_seconds * 1_000 + _COUNT_KEPT_LONGER_MS
            arguments += [limit.most, limit.per_seconds * TICKS_PER_SECOND, kept_ms]
        try:
            said, wait, failures, probe = await self._connection.ask(lambda _: self._admit(keys, arguments))
        except RedisIsAway:
            self._alone = self._alone or ProcessState(self._clock)
            return await self._alone.admit(policy, operation, party)
        self._alone = None
        if said == b"admitted":
            return Admitted(failures=failures, probe=probe, is_shared=True)
        return Refused(
            refusal=Refusal(said.decode()),
            retry_after_seconds=seconds(wait),
            breaker=_state(policy, failures, probe),
            is_shared=True,
        )

    async def failed(self, policy: Policy, admitted: Admitted) -> BreakerState:
        if admitted.is_shared:
            try:
                return await self._told("failed", policy, admitted)
            except RedisIsAway:
                self._alone = self._alone or ProcessState(self._clock)
        return await self._alone.failed(policy, admitted) if self._alone else admitted.breaker

    async def succeeded(self, policy: Policy, admitted: Admitted) -> BreakerState:
        if admitted.is_shared:
            try:
                return await self._told("succeeded", policy, admitted)
            except RedisIsAway:
                return BreakerState.CLOSED
        return await self._alone.succeeded(policy, admitted) if self._alone else admitted.breaker

    async def gave_up(self, policy: Policy, admitted: Admitted) -> None:
        if admitted.is_shared and admitted.probe:
            try:
                await self._told("gave_up", policy, admitted)
            except RedisIsAway:
                return  # the probe's time runs out by itself
        elif self._alone:
            await self._alone.gave_up(policy, admitted)

    async def _told(self, what: str, policy: Policy, admitted: Admitted) -> BreakerState:
        rule = policy.breaker
        arguments: list[int | str] = [
            *(self._now(), what, rule.failures, ticks(rule.open_seconds)),
            *(admitted.probe, _BREAKER_KEPT_MS),
        ]
        failures, probe = await self._connection.ask(lambda _: self._tell([_breaker(policy)], arguments))
        return _state(policy, failures, probe)

    def _now(self) -> int:
        return ticks_at(self._tells_time.now()) if self._tells_time else 0


def _named(policy: Policy) -> str:
    # In braces, so that a cluster keeps what one script needs on one node.
    return f"fastcart:{{{policy.integration}}}"


def _breaker(policy: Policy) -> str:
    return f"{_named(policy)}:breaker"


def _state(policy: Policy, failures: int, probe: int) -> BreakerState:
    if failures < policy.breaker.failures:
        return BreakerState.CLOSED
    return BreakerState.HALF_OPEN if probe else BreakerState.OPEN
