"""The one way out for adapters that speak HTTP through httpx: a transport that applies the vendor's policy.

The contract is told in `adapters/resilience/__init__.py`.
"""

import logging
import re
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from adapters.resilience.call_records import CallObserver, Outcome
from adapters.resilience.policed_calls import PolicedCalls, Tried, error_of
from adapters.resilience.policies import Policy
from adapters.resilience.retry import asked_seconds
from adapters.resilience.shared_state import SharedState
from ports.clock import Clock

# At INFO httpx tells every URL, and at DEBUG httpcore every header: keys may be in both.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OPERATION: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*")
_REQUEST_TIMEOUT, _TOO_MANY, _SERVER_ERROR = 408, 429, 500
# Finding a connection and making one end before the whole try is cut off: so one that never came about is
# known to have done nothing.
_PART_FOR_CONNECTING: Final = 0.4

_NOT_CONNECTED: Final = (Outcome.NOTHING, "not_connected")
_TIMED_OUT: Final = (Outcome.IN_DOUBT, "timeout")
_LOST: Final = (Outcome.IN_DOUBT, "connection_lost")
# Every exception that httpx raises for a request; a test fails when it has one that isn't here.
FAILURES: Final[dict[type[httpx.HTTPError], tuple[Outcome, str]]] = {
    httpx.ConnectError: _NOT_CONNECTED,
    httpx.ConnectTimeout: _NOT_CONNECTED,
    httpx.PoolTimeout: _NOT_CONNECTED,
    httpx.ProxyError: _NOT_CONNECTED,
    httpx.UnsupportedProtocol: _NOT_CONNECTED,
    httpx.ReadTimeout: _TIMED_OUT,
    httpx.WriteTimeout: _TIMED_OUT,
    httpx.ReadError: _LOST,
    httpx.WriteError: _LOST,
    httpx.CloseError: _LOST,
    httpx.RemoteProtocolError: _LOST,
    # What we sent was no HTTP, perhaps after some of it was on its way.
    httpx.LocalProtocolError: _LOST,
    # An answer came that can't be unpacked.
    httpx.DecodingError: _LOST,
    # Redirects aren't followed and statuses are answers: neither comes from here.
    httpx.TooManyRedirects: _LOST,
    httpx.HTTPStatusError: _LOST,
    # What the others are kinds of.
    httpx.TimeoutException: _TIMED_OUT,
    httpx.NetworkError: _LOST,
    httpx.ProtocolError: _LOST,
    httpx.TransportError: _LOST,
    httpx.RequestError: _LOST,
    httpx.HTTPError: _LOST,
}


class RequestUnmarked(Exception):
    """A defect of ours: the request doesn't say which operation it is, in a fixed dotted word."""


class NothingSent(httpx.ConnectError):
    """For a transport that sends the single tries: certainly nothing was sent, for a reason that operators
    should read (one of a fixed set of words).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def resilient_client(
    policy: Policy,
    *,
    clock: Clock,
    shared_state: SharedState,
    observer: CallObserver,
    base_url: str = "",
    verify: Any = True,
    cert: Any = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """A client for one vendor under its policy; whoever opens it closes it.

    `verify` and `cert` as httpx takes them. `transport`: what sends the single tries, instead of the network.
    A proxy that the environment names for `base_url` is used.
    """
    calls = PolicedCalls(policy, clock=clock, shared_state=shared_state, observer=observer)
    return httpx.AsyncClient(
        base_url=base_url,
        transport=ResilientTransport(
            transport
            or httpx.AsyncHTTPTransport(
                verify=verify, cert=cert, limits=_limits(policy), proxy=_proxy_for(base_url)
            ),
            calls,
            clock,
        ),
        timeout=timeouts_under(policy),
        follow_redirects=False,
    )


def timeouts_under(policy: Policy) -> httpx.Timeout:
    """httpx's own timeouts, of which those for connecting end before the policy cuts the whole try off."""
    connecting = policy.timeout_seconds * _PART_FOR_CONNECTING
    return httpx.Timeout(policy.timeout_seconds, connect=connecting, pool=connecting)


def _proxy_for(base_url: str) -> str | None:
    """HTTPS_PROXY and NO_PROXY, which httpx minds only where it makes the transport itself."""
    url = urlsplit(base_url)
    if not url.hostname or proxy_bypass(url.hostname):
        return None
    return getproxies().get(url.scheme)


def _limits(policy: Policy) -> httpx.Limits:
    return httpx.Limits(max_connections=policy.at_once, max_keepalive_connections=policy.at_once)


class ResilientTransport(httpx.AsyncBaseTransport):
    """Sends each request under the policy; its answers come read, and its errors are the ports'."""

    def __init__(self, inner: httpx.AsyncBaseTransport, calls: PolicedCalls, clock: Clock) -> None:
        self._inner = inner
        self._calls = calls
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        writes = bool(request.extensions.get("writes", request.method not in _READING))

        async def once() -> Tried[httpx.Response]:
            return await self._once(request)

        ended = await self._calls.call(
            _operation(request),
            once,
            repeats_doubts=not writes or "idempotency-key" in request.headers,
            party=str(request.extensions.get("limited_by", "")),
        )
        if ended.last.outcome is Outcome.ANSWERED and ended.last.answer is not None:
            ended.last.answer.extensions["earlier_try_in_doubt"] = writes and ended.earlier_try_in_doubt
            return ended.last.answer
        raise error_of(ended, writes=writes) from None

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _once(self, request: httpx.Request) -> Tried[httpx.Response]:
        try:
            response = await self._inner.handle_async_request(request)
            try:
                # The body is a part of the answer: a connection that is lost on the way loses the answer.
                response.request = request
                await response.aread()
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            outcome, reason = failure_of(error)
            return Tried(outcome=outcome, reason=reason)
        return self._read(response)

    def _read(self, response: httpx.Response) -> Tried[httpx.Response]:
        status = response.status_code
        if status == _TOO_MANY:
            outcome = Outcome.NOTHING
        elif status == _REQUEST_TIMEOUT or status >= _SERVER_ERROR:
            outcome = Outcome.IN_DOUBT
        else:
            outcome = Outcome.ANSWERED
        return Tried(
            outcome=outcome,
            reason=f"http_{status}",
            answer=response,
            retry_after_seconds=asked_seconds(response.headers, self._clock.now()),
        )


def _operation(request: httpx.Request) -> str:
    operation = request.extensions.get("operation")
    if not isinstance(operation, str) or not _OPERATION.fullmatch(operation):
        raise RequestUnmarked
    return operation


def failure_of(error: BaseException | None) -> tuple[Outcome, str]:
    """What an exception of httpx says about the request; one that isn't httpx's leaves it in doubt."""
    if isinstance(error, NothingSent):
        return Outcome.NOTHING, error.reason
    for kind in type(error).__mro__:
        if kind in FAILURES:
            return FAILURES[kind]
    return _LOST
