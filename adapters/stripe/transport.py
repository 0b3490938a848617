"""The SDK's transport to Stripe, under the policy of `adapters/resilience`: the tries of a call are made
here, not by the SDK, which would tell of the last one only.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import stripe

from adapters.resilience.call_records import Outcome
from adapters.resilience.policed_calls import PolicedCalls, Tried, error_of
from adapters.resilience.retry import asked_seconds
from adapters.resilience.transport import failure_of, timeouts_under
from ports.clock import Clock

_REFUSED: Final = 400
_CONFLICT: Final = 409
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
# A 429 about one payment that another request holds: nothing against Stripe.
_LOCKED: Final = "lock_timeout"

Answer = tuple[bytes, int, Mapping[str, str]]


@dataclass(slots=True)
class Call:
    """What the gateway is about, which the SDK's transport isn't told. `operation` is Stripe's endpoint.

    `earlier_try_lost`: a try before the last one may have had an effect that nobody told us of.
    """

    operation: str
    writes: bool
    earlier_try_lost: bool = False


# A call runs in one task, and so in one context.
_under_way: ContextVar[Call] = ContextVar("stripe_call")


def begin_call(operation: str, *, writes: bool) -> Call:
    """The requests that the SDK makes from now on belong to this call."""
    call = Call(operation, writes)
    _under_way.set(call)
    return call


class _Error(msgspec.Struct):
    type: str | None = None
    code: str | None = None


class _Refusal(msgspec.Struct):
    error: _Error


_refusal: Final = msgspec.json.Decoder(_Refusal)


class StripeTransport(stripe.HTTPXClient):
    """Makes each request of the SDK once or more, under the key that it came with.

    Raises the ports' errors where no answer of Stripe's is left to tell. An error page that isn't in Stripe's
    words is passed on empty: over some of them the SDK stumbles, and raises what is no error of its own.
    """

    def __init__(self, calls: PolicedCalls, clock: Clock) -> None:
        super().__init__(timeout=timeouts_under(calls.policy))
        self._calls = calls
        self._clock = clock

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> Answer:
        call = _under_way.get()

        async def once() -> Tried[Answer]:
            return await self._once(call, method, url, headers, post_data)

        # Reads have no effect, and every write goes under its attempt's key.
        ended = await self._calls.call(call.operation, once, repeats_doubts=True)
        call.earlier_try_lost = ended.earlier_try_in_doubt
        if ended.last.answer is None:
            raise error_of(ended, writes=call.writes) from None
        return ended.last.answer

    async def _once(
        self, call: Call, method: str, url: str, headers: Mapping[str, str], post_data: Any
    ) -> Tried[Answer]:
        try:
            body, status, told = await super().request_async(method, url, headers, post_data)
        except stripe.APIConnectionError as error:
            outcome, reason = failure_of(error.__cause__)
            return Tried(outcome=outcome, reason=reason)
        refusal = _refusal_in(body) if status >= _REFUSED else None
        answer = (body if status < _REFUSED or refusal else b"", status, told)
        return Tried(
            outcome=_outcome(status),
            reason=f"http_{status}",
            answer=answer,
            retry_after_seconds=asked_seconds(told, self._clock.now()),
            may_change=_may_change(status, told, is_kept=call.writes and refusal is not None),
            is_vendors_fault=status != _CONFLICT and (refusal is None or refusal.code != _LOCKED),
        )


def _outcome(status: int) -> Outcome:
    """409: another request has the key, or the payment, and may be doing what was asked."""
    if status == _TOO_MANY:
        return Outcome.NOTHING
    return Outcome.IN_DOUBT if status == _CONFLICT or status >= _SERVER_ERROR else Outcome.ANSWERED


def _may_change(status: int, told: Mapping[str, str], *, is_kept: bool) -> bool:
    """Whether the next try could bring something else. Stripe may say; otherwise a failure in its own words
    is what it keeps under the key, and a repeat is told the same.
    """
    match told.get("stripe-should-retry"):
        case "true":
            return True
        case "false":
            return False
        case _:
            return not (is_kept and status >= _SERVER_ERROR)


def _refusal_in(body: bytes) -> _Error | None:
    try:
        return _refusal.decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
