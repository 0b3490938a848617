"""The transport that adapters are given: what each answer and each silence becomes, and that nothing of
either is told.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.in_memory.clock import ManualClock
from adapters.resilience.call_records import CallLog, Outcome
from adapters.resilience.policies import Backoff, BreakerRule, Policy, RateLimit
from adapters.resilience.shared_state import ProcessState
from adapters.resilience.transport import FAILURES, RequestUnmarked, resilient_client
from ports.errors import OutcomeUnknown, PortError, Unavailable
from tests.contracts.scripted_vendor import Reply, Silence, Step, scripted
from tests.contracts.vendor_calls import Told, client_under

POLICY: Final = Policy(integration="vendor", timeout_seconds=10, retries=2, breaker=BreakerRule(failures=100))
# Silence is noticed soon, and a busy machine still has time to connect.
SOON: Final = replace(POLICY, timeout_seconds=0.5)
MARKED: Final = "marked"
READ: Final = {"operation": "rates.list", "writes": False}
WRITE: Final = {"operation": "labels.create", "writes": True}
KEY: Final = {"Idempotency-Key": "att_1"}


class Sends:
    """A transport that does each thing in turn, the last over and over."""

    def __init__(self, *things: httpx.Response | Exception) -> None:
        self._things = list(things)
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        thing = self._things[0] if len(self._things) == 1 else self._things.pop(0)
        if isinstance(thing, Exception):
            raise thing
        return httpx.Response(thing.status_code, headers=thing.headers, content=thing.content)


async def asked(sends: Sends, policy: Policy = POLICY, **request: Any) -> httpx.Response:
    async with client_under(policy, transport=httpx.MockTransport(sends)) as http:
        return await http.post("https://vendor.example/", **{"extensions": READ, **request})


# Answers.


@pytest.mark.parametrize("status", [200, 201, 204, 302, 304, 400, 401, 402, 403, 404, 409, 410, 422])
@pytest.mark.parametrize("extensions", [READ, WRITE], ids=["read", "write"])
async def test_whatever_the_vendor_says_is_the_response_and_is_asked_once(
    status: int, extensions: dict[str, Any]
) -> None:
    sends = Sends(httpx.Response(status, content=b"said"))
    response = await asked(sends, extensions=extensions)
    assert (response.status_code, response.content) == (status, b"said")
    assert response.extensions["earlier_try_in_doubt"] is False
    assert len(sends.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599, 408])
async def test_a_vendor_that_fails_is_away_for_a_read_and_in_doubt_for_a_write(status: int) -> None:
    with pytest.raises(Unavailable) as away:
        await asked(Sends(httpx.Response(status)))
    assert away.value.reason == f"http_{status}"
    with pytest.raises(OutcomeUnknown) as unknown:
        await asked(Sends(httpx.Response(status)), extensions=WRITE)
    assert (unknown.value.reason, unknown.value.key_is_spent) == (f"http_{status}", False)


@pytest.mark.parametrize("extensions", [READ, WRITE], ids=["read", "write"])
async def test_too_many_did_nothing_and_says_how_long_to_wait(extensions: dict[str, Any]) -> None:
    sends = Sends(httpx.Response(429, headers={"Retry-After": "7"}))
    with pytest.raises(Unavailable) as away:
        await asked(sends, extensions=extensions)
    assert (away.value.reason, away.value.retry_after_seconds) == ("http_429", 7)
    assert len(sends.requests) == 3, "7 s three times are within the deadline of 19 s, the fourth is not"


async def test_a_read_is_asked_again_until_it_is_answered() -> None:
    sends = Sends(httpx.Response(503), httpx.ConnectError("x"), httpx.Response(200))
    assert (await asked(sends)).status_code == 200


async def test_a_write_without_a_key_is_not_repeated_once_it_may_have_happened() -> None:
    sends = Sends(httpx.ReadError("x"), httpx.Response(200))
    with pytest.raises(OutcomeUnknown):
        await asked(sends, extensions=WRITE)
    assert len(sends.requests) == 1


async def test_a_write_that_certainly_did_nothing_is_repeated_without_a_key() -> None:
    sends = Sends(httpx.ConnectError("x"), httpx.Response(429), httpx.Response(200))
    response = await asked(sends, extensions=WRITE)
    assert (response.status_code, response.extensions["earlier_try_in_doubt"]) == (200, False)


async def test_a_write_under_a_key_is_repeated_word_for_word_under_the_same_key() -> None:
    sends = Sends(httpx.ReadError("x"), httpx.Response(500), httpx.Response(200))
    response = await asked(sends, extensions=WRITE, headers=KEY, json={"stock": 7})
    assert (response.status_code, response.extensions["earlier_try_in_doubt"]) == (200, True)
    assert [request.headers["idempotency-key"] for request in sends.requests] == ["att_1"] * 3
    assert len({request.content for request in sends.requests}) == 1


@pytest.mark.parametrize(
    "then", [httpx.ConnectError("x"), httpx.Response(429), httpx.PoolTimeout("x")], ids=repr
)
async def test_a_doubt_is_not_forgotten_when_the_next_try_comes_to_nothing(
    then: httpx.Response | Exception,
) -> None:
    with pytest.raises(OutcomeUnknown):
        await asked(Sends(httpx.ReadError("x"), then), extensions=WRITE, headers=KEY)


async def test_without_a_mark_only_reading_methods_read() -> None:
    async with client_under(POLICY, transport=httpx.MockTransport(Sends(httpx.Response(500)))) as http:
        for method, meaning in {"GET": Unavailable, "HEAD": Unavailable, "DELETE": OutcomeUnknown}.items():
            with pytest.raises(meaning):
                await http.request(method, "https://v.example/", extensions={"operation": "things"})


@pytest.mark.parametrize("operation", [None, "", "/v1/people/ada", "Rates", "rates.", 7])
async def test_a_request_that_does_not_say_what_it_is_is_a_defect(operation: object) -> None:
    extensions = {} if operation is None else {"operation": operation}
    with pytest.raises(RequestUnmarked):
        await asked(Sends(httpx.Response(200)), extensions=extensions)


# Exceptions of httpx.


def kinds_of(kind: type[httpx.HTTPError]) -> Iterator[type[httpx.HTTPError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds_of(narrower)


# httpx's own: the sandbox and tests have kinds of theirs.
KINDS: Final = sorted(
    {kind for kind in kinds_of(httpx.HTTPError) if kind.__module__.partition(".")[0] == "httpx"},
    key=lambda kind: kind.__name__,
)
NEVER_SENT: Final = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}


def raised(kind: type[httpx.HTTPError]) -> httpx.HTTPError:
    error = kind.__new__(kind)
    Exception.__init__(error, f"sk_test_{MARKED}")
    error._request = None
    return error


# Raised before anything is sent, for a request that can't be made or a body that is read wrongly: defects.
DEFECTS: Final = {
    *("InvalidURL", "CookieConflict", "StreamError", "StreamConsumed", "StreamClosed"),
    *("ResponseNotRead", "RequestNotRead"),
}


def test_every_exception_of_httpx_has_a_row() -> None:
    assert len(KINDS) > 15
    assert set(FAILURES) == set(KINDS)
    all_of_them = {name for name, kind in vars(httpx).items() if is_exception(kind)}
    assert all_of_them == {kind.__name__ for kind in KINDS} | DEFECTS


def is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_each_becomes_one_of_ours_without_a_word_of_its_text(kind: type[httpx.HTTPError]) -> None:
    for extensions in (READ, WRITE):
        certain = extensions is READ or kind.__name__ in NEVER_SENT
        with pytest.raises(PortError) as failure:
            await asked(Sends(raised(kind)), extensions=extensions)
        assert type(failure.value) is (Unavailable if certain else OutcomeUnknown)
        _tells_nothing(failure.value)


async def test_one_that_is_new_is_in_doubt() -> None:
    class TideError(httpx.NetworkError):
        """Not in the table."""

    with pytest.raises(OutcomeUnknown):
        await asked(Sends(TideError("x")), extensions=WRITE)


# On a real socket.


async def over(*steps: Step, **extensions: Any) -> tuple[Exception | None, int]:
    """What came of a request to a vendor that does this, and how often it was asked."""
    policy = SOON if Silence.HANGS in steps else POLICY
    async with scripted(*steps) as vendor, client_under(policy) as http:
        try:
            await http.get(vendor.url, extensions={**READ, **extensions})
        except PortError as error:
            return error, len(vendor.received)
        return None, len(vendor.received)


@pytest.mark.parametrize("silence", Silence)
async def test_silence_is_a_doubt(silence: Silence) -> None:
    error, tries = await over(silence, writes=True)
    assert (type(error), tries) == (OutcomeUnknown, 1)
    error, tries = await over(silence)
    assert (type(error), tries) == (Unavailable, 3)


async def test_an_answer_that_breaks_off_is_no_answer() -> None:
    broken = Reply(body=b"half", headers={"Content-Length": "100"})
    error, tries = await over(broken, writes=True)
    assert isinstance(error, OutcomeUnknown)
    assert (error.reason, tries) == ("connection_lost", 1)


async def test_an_answer_that_cannot_be_unpacked_is_no_answer() -> None:
    error, tries = await over(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}))
    assert (type(error), tries) == (Unavailable, 3)


async def test_nobody_at_home_did_nothing() -> None:
    async with client_under(POLICY) as http:
        with pytest.raises(Unavailable) as away:
            await http.post("http://127.0.0.1:1/", extensions=WRITE)
    assert away.value.reason == "not_connected"


async def test_a_vendor_that_drips_is_cut_off_at_the_timeout_all_the_same() -> None:
    """httpx's own timeouts start anew with every byte."""

    over = asyncio.Event()

    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.02)
        writer.transport.abort()
        over.set()

    async with (
        await asyncio.start_server(drips, "127.0.0.1", 0) as server,
        client_under(replace(SOON, retries=0)) as http,
        asyncio.timeout(5),
    ):
        with pytest.raises(Unavailable) as away:
            await http.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", extensions=READ)
        await over.wait()
    assert away.value.reason == "timeout"


async def test_a_body_is_there_however_it_is_read() -> None:
    async with scripted(Reply(body=b'{"a": 1}')) as vendor, client_under(POLICY) as http:
        assert (await http.get(vendor.url, extensions=READ)).json() == {"a": 1}
        async with http.stream("GET", vendor.url, extensions=READ) as response:
            assert b"".join([part async for part in response.aiter_bytes()]) == b'{"a": 1}'


async def test_a_proxy_of_the_environment_is_used_but_not_for_those_that_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted(Reply(body=b"by proxy")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with client_under(POLICY, base_url="http://vendor.example") as http:
            assert (await http.get("/rates", extensions=READ)).content == b"by proxy"
        async with client_under(POLICY, base_url="http://127.0.0.1:1") as http:
            with pytest.raises(Unavailable):
                await http.get("/rates", extensions=READ)
    assert [request.target for request in proxy.received] == ["http://vendor.example/rates"]


# What is refused before anything is sent.


async def test_an_open_breaker_sends_nothing_and_says_when_to_come_again() -> None:
    sends = Sends(httpx.Response(500))
    policy = replace(POLICY, retries=0, breaker=BreakerRule(failures=2, open_seconds=30))
    async with client_under(policy, transport=httpx.MockTransport(sends)) as http:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await http.post("https://v.example/", extensions=WRITE)
        with pytest.raises(Unavailable) as away:
            await http.post("https://v.example/", extensions=WRITE)
    assert (away.value.reason, away.value.retry_after_seconds) == ("breaker_open", 30)
    assert len(sends.requests) == 2


async def test_refusals_of_business_never_open_the_breaker() -> None:
    policy = replace(POLICY, breaker=BreakerRule(failures=2))
    async with client_under(policy, transport=httpx.MockTransport(Sends(httpx.Response(402)))) as http:
        for _ in range(10):
            assert (await http.get("https://v.example/", extensions=READ)).status_code == 402


async def test_a_full_limit_sends_nothing_and_says_when_there_is_room() -> None:
    sends = Sends(httpx.Response(200))
    policy = replace(POLICY, limits=(RateLimit(most=1, per_seconds=3_600),))
    async with client_under(policy, transport=httpx.MockTransport(sends)) as http:
        await http.get("https://v.example/", extensions=READ)
        with pytest.raises(Unavailable) as away:
            await http.get("https://v.example/", extensions=READ)
    assert (away.value.reason, away.value.retry_after_seconds) == ("rate_limited", 3_600)
    assert len(sends.requests) == 1


async def test_a_limit_that_has_room_in_a_moment_is_waited_for() -> None:
    policy = replace(POLICY, limits=(RateLimit(most=1, per_seconds=1),))
    clock = ManualClock()
    began = clock.now()
    mock = httpx.MockTransport(Sends(httpx.Response(200)))
    async with client_under(policy, clock=clock, transport=mock) as http:
        for _ in range(2):
            await http.get("https://v.example/", extensions=READ)
    assert (clock.now() - began).total_seconds() >= 1


# What is told.


def _tells_nothing(error: BaseException) -> None:
    told: list[Any] = [str(error), repr(error), error.args, getattr(error, "__notes__", ())]
    assert MARKED not in str(told)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


SECRETS: Final[dict[str, Any]] = {
    "params": {"key": f"AIza-{MARKED}"},
    "headers": {"Authorization": f"Bearer {MARKED}", "Cookie": MARKED},
    "json": {"street": f"{MARKED} 1"},
}
SHOUTS: Final = Reply(
    status=500, body=MARKED.encode(), headers={"X-Echo": MARKED, "Set-Cookie": f"a={MARKED}"}
)


@pytest.mark.parametrize(
    "step", [SHOUTS, replace(SHOUTS, status=429), replace(SHOUTS, status=200), *Silence], ids=str
)
@pytest.mark.parametrize("extensions", [READ, WRITE], ids=["read", "write"])
async def test_nothing_of_a_request_or_an_answer_reaches_a_log_or_an_error(
    step: Step, extensions: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        async with (
            scripted(step) as vendor,
            resilient_client(
                replace(SOON, retries=1), clock=clock, shared_state=ProcessState(clock), observer=CallLog()
            ) as http,
        ):
            try:
                await http.post(f"{vendor.url}/{MARKED}", extensions=extensions, **SECRETS)
            except PortError as error:
                _tells_nothing(error)
    assert logs
    assert {line["event"] for line in logs} == {"vendor_call"}
    assert MARKED not in str(logs)
    assert MARKED not in str([record.getMessage() for record in caplog.records])


async def test_each_try_is_told_with_all_that_there_is_to_know() -> None:
    told, clock = Told(), ManualClock()
    sends = Sends(httpx.Response(503, headers={"Retry-After": "2"}), httpx.Response(200))
    mock = httpx.MockTransport(sends)
    async with client_under(POLICY, clock=clock, told=told, transport=mock) as http:
        await http.get("https://v.example/", extensions=READ)
    first, second = told.records
    assert (first.integration, first.operation, first.outcome) == ("vendor", "rates.list", Outcome.IN_DOUBT)
    assert (first.reason, first.attempt, second.reason, second.attempt) == ("http_503", 1, "http_200", 2)
    assert second.outcome is Outcome.ANSWERED
    assert not first.is_shared


async def test_the_same_seed_brings_the_same_waits() -> None:
    async def waits(seed: int) -> float:
        clock = ManualClock(seed=seed)
        began = clock.now()
        policy = replace(POLICY, retries=5, backoff=Backoff(first_seconds=1))
        mock = httpx.MockTransport(Sends(httpx.Response(503)))
        async with client_under(policy, clock=clock, transport=mock) as http:
            with pytest.raises(Unavailable):
                await http.get("https://v.example/", extensions=READ)
        return (clock.now() - began).total_seconds()

    assert await waits(1) == await waits(1) != await waits(2)
