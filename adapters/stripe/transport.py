"""The SDK's transport to Stripe, which keeps in mind what may have reached Stripe before.

The SDK tries a call twice and tells of the last try only. A refused connection after a lost answer would look
as if nothing had happened.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

import httpx
import msgspec
import stripe

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CONFLICT: Final = 409
_REFUSED: Final = 400
_SERVER_ERROR: Final = 500
# Of each try of the call under way: whether it may have had an effect that nobody told us of. A call runs in
# one task, and so in one context.
_tries: ContextVar[tuple[bool, ...]] = ContextVar("stripe_tries", default=())


def begin_call() -> None:
    """Nothing of this call was tried yet."""
    _tries.set(())


def was_sent(error: stripe.StripeError) -> bool:
    """Whether the request that ended so may have left the house."""
    return not isinstance(error.__cause__, _NOT_SENT)


def earlier_try_lost() -> bool:
    """Whether a try before the last one may have had an effect."""
    return any(_tries.get()[:-1])


class _Error(msgspec.Struct):
    type: str | None = None
    code: str | None = None


class _Refusal(msgspec.Struct):
    error: _Error


_refusal: Final = msgspec.json.Decoder(_Refusal)


class StripeTransport(stripe.HTTPXClient):
    """Notes of each try whether its effect is in doubt.

    An error page that isn't in Stripe's words is passed on empty: over some of them the SDK stumbles, and
    raises what is no error of its own.
    """

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = await super().request_async(method, url, headers, post_data)
        except stripe.APIConnectionError as error:
            _note(in_doubt=was_sent(error))
            raise
        body, status, told = answer
        _note(in_doubt=status == _CONFLICT or status >= _SERVER_ERROR)
        return (body if status < _REFUSED or _is_refusal(body) else b""), status, told


def _is_refusal(body: bytes) -> bool:
    try:
        _refusal.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def _note(*, in_doubt: bool) -> None:
    _tries.set((*_tries.get(), in_doubt))
