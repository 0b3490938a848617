"""Idempotency-Key: a repeated request gets the answer of the first, and has no second effect."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from domain.identifiers import prefixed
from entrypoints.http.auth import Caller
from entrypoints.http.coarse_timers import CoarseTimers
from entrypoints.http.problems import KEY_INVALID, KEY_MISSING, Refused
from entrypoints.http.whole_body import whole_body
from ports.clock import Clock
from ports.errors import PortError
from ports.idempotency import DEAD_AFTER, IdempotencyStore, PendingClaim, StoredAnswer

log = structlog.get_logger(__name__)
_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_KEY: Final = 255
# Two signs of life may fail before a request counts as dead; hardly any request lasts until its first.
_SIGN_OF_LIFE_SECONDS: Final = DEAD_AFTER.total_seconds() / 3
_KEPT_HEADERS: Final = frozenset({b"etag", b"location", b"retry-after"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """What a key belongs to. `scope` is caller and route, hashed: a path may hold what no database stores.

    `identity` is the same for the same request of the same caller, and for no other.
    """

    scope: str
    key: str
    fingerprint: bytes

    @property
    def identity(self) -> bytes:
        return sha256(b"\0".join((self.scope.encode(), self.key.encode(), self.fingerprint))).digest()


class Idempotency:
    """Claims a key with the first thing that its request asks, keeps the answer before it is sent."""

    def __init__(self, store: IdempotencyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._timers = CoarseTimers()

    async def once(
        self, request: KeyedRequest, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send
    ) -> None:
        """Raises KeyTaken, unless the app has answered to that already: see `on_key_taken`.

        A route that `reads_first` asks nobody for anything before it has read from the store, and so may make
        its claim with that. What it refuses unread is neither kept nor claimed.
        """
        scope["keyed_request"] = request  # type: ignore[typeddict-unknown-key]  # ours
        recorder, now = _Recorder(), self._clock.now()
        with self._store.claiming(request.scope, request.key, request.fingerprint, now) as claim:
            # A request that is broken off leaves its claim: nobody knows yet what it did.
            scope["claim"] = claim  # type: ignore[typeddict-unknown-key]  # ours
            signs = SignsOfLife(self._store, self._clock, request, claim, self._timers)
            try:
                if not scope["route_handler"].opt.get("reads_first"):
                    await claim.settle()
                await app(scope, receive, recorder)
            finally:
                signs.stop()
        if not recorder.messages:
            return
        if claim.is_ours and claim.kept is None:
            await self._remember(request, claim.claimed_at, recorder)
        await recorder.pass_on(send)

    async def _remember(self, request: KeyedRequest, claimed_at: datetime, recorder: "_Recorder") -> None:
        answer = recorder.answer()
        # What invites a repeat (5xx, Retry-After) is not kept: the repeat is to be a new try.
        invites = any(name == "retry-after" for name, _ in answer.headers)
        try:
            if answer.status >= 500 or invites:
                await self._store.give_up(request.scope, request.key, claimed_at)
            else:
                await self._store.keep(request.scope, request.key, claimed_at, answer)
        except PortError as error:
            log.error("answer_not_kept", error=type(error).__name__)  # noqa: TRY400 - its text stays out of logs


class SignsOfLife:
    """Renews a request's claim until it is stopped, so that nobody takes the key meanwhile.

    Nearly every request is over before the first sign is due: until then it costs a timer, no task.
    """

    def __init__(
        self,
        store: IdempotencyStore,
        clock: Clock,
        request: KeyedRequest,
        claim: PendingClaim,
        timers: CoarseTimers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._request = request
        self._claim = claim
        self._task: asyncio.Task[None] | None = None
        self._timer = timers.call_later(_SIGN_OF_LIFE_SECONDS, self._start)

    def stop(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = asyncio.create_task(self._give())

    async def _give(self) -> None:
        while True:
            try:
                if self._claim.is_ours:
                    request, claimed_at = self._request, self._claim.claimed_at
                    await self._store.renew(request.scope, request.key, claimed_at, self._clock.now())
            except PortError as error:
                log.warning("sign_of_life_failed", error=type(error).__name__)
            await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)


def idempotency(store: IdempotencyStore, clock: Clock) -> Any:
    """Middleware, to be placed behind authentication."""
    kept = Idempotency(store, clock)

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or scope["method"] not in _UNSAFE or "caller" not in scope:
                await app(scope, receive, send)
                return
            key = next((value for name, value in scope["headers"] if name == b"idempotency-key"), None)
            if key is None:
                if scope["route_handler"].opt.get("moves_money"):
                    raise Refused(KEY_MISSING)
                await app(scope, receive, send)
                return
            body = await whole_body(receive)
            request = _keyed(key, body, scope)
            await kept.once(request, app, scope, _again(body, receive), send)

        return middleware

    return around


def keyed_request_of(scope: Any) -> KeyedRequest | None:
    found: KeyedRequest | None = scope.get("keyed_request")
    return found


def id_of_this(scope: Any, prefix: str) -> str | None:
    """The same for the same request under the same key, so that not even a crash lets a repeat count twice;
    None without a key.
    """
    keyed = keyed_request_of(scope)
    return prefixed(prefix, int.from_bytes(keyed.identity[:16])) if keyed else None


def _keyed(key: bytes, body: bytes, scope: HTTPScope) -> KeyedRequest:
    if not 0 < len(key) <= _LONGEST_KEY or not all(0x20 <= byte <= 0x7E for byte in key):
        raise Refused(KEY_INVALID)
    caller: Caller = scope["caller"]  # type: ignore[typeddict-item]  # put there by authentication
    place = "\0".join((caller.key_id, caller.token_hash or "", scope["method"], scope["path"]))
    if_match = b"".join(value for name, value in scope["headers"] if name == b"if-match")
    return KeyedRequest(
        scope=sha256(place.encode(errors="surrogatepass")).hexdigest(),
        key=key.decode("ascii"),
        # A body may hold a password; salted with the key, which is kept nowhere, nobody can try words on it.
        fingerprint=sha256(b"\0".join((key, if_match, body))).digest(),
    )


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever else comes."""
    given = False

    async def replayed() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


@dataclass(slots=True)
class _Recorder:
    """Holds the answer back until it is kept."""

    messages: list[Any] = field(default_factory=list)

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    async def pass_on(self, send: Send) -> None:
        for message in self.messages:
            await send(message)

    def answer(self) -> StoredAnswer:
        start = self.messages[0]
        headers = [(name.lower(), value) for name, value in start["headers"]]
        content_type = next((value for name, value in headers if name == b"content-type"), b"")
        return StoredAnswer(
            status=start["status"],
            content_type=content_type.decode(),
            body=b"".join(message.get("body", b"") for message in self.messages[1:]),
            headers=tuple(
                (name.decode(), value.decode()) for name, value in headers if name in _KEPT_HEADERS
            ),
        )
