"""Idempotency-Key: a repeated request gets the answer of the first, and has no second effect."""

from hashlib import sha256
from typing import Any, Final

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from entrypoints.http.problems import Refused
from ports.clock import Clock
from ports.idempotency import IdempotencyStore, StoredAnswer

_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_KEY: Final = 255
_MOST_BODY_BYTES: Final = 1024 * 1024
# What a repeat may answer differently: who you are, and whether something is busy, changes.
_NOT_KEPT: Final = frozenset({401, 403, 412, 429})
_KEPT_HEADERS: Final = frozenset({b"etag", b"location"})


def idempotency(store: IdempotencyStore, clock: Clock) -> Any:
    """Middleware, to be placed behind authentication: keys belong to their caller and route."""

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["method"] in _UNSAFE and "caller" in scope:
                key = next((value for name, value in scope["headers"] if name == b"idempotency-key"), None)
                if key is not None:
                    await _once(app, store, clock, scope, receive, send, _checked(key))
                    return
            await app(scope, receive, send)

        return middleware

    return around


def _checked(key: bytes) -> str:
    text = key.decode("latin-1")
    if not 0 < len(text) <= _LONGEST_KEY or not text.isprintable():
        raise Refused(400, "invalid_idempotency_key", "Use 1 to 255 printable characters, such as a UUID.")
    return text


async def _once(
    app: ASGIApp,
    store: IdempotencyStore,
    clock: Clock,
    scope: HTTPScope,
    receive: Receive,
    send: Send,
    key: str,
) -> None:
    body = await _body(receive)
    caller = scope["caller"]  # type: ignore[typeddict-item]  # put there by authentication
    place = f"{caller.key_id} {caller.token_hash or ''} {scope['method']} {scope['path']}"
    fingerprint = sha256(body).digest()
    claim = await store.claim(place, key, fingerprint, clock.now())
    if not claim.is_new:
        if claim.fingerprint != fingerprint:
            raise Refused(422, "idempotency_key_reused", "This key came with another body; use a new key.")
        if claim.answer is None:
            raise Refused(409, "request_in_flight", "The first request is still at work.", retry_after=1)
        await _replay(claim.answer, send)
        return
    recorder = _Recorder(send)
    try:
        await app(scope, _again(body, receive), recorder)
    finally:
        answer = recorder.answer()
        if answer is None or answer.status >= 500 or answer.status in _NOT_KEPT:
            await store.give_up(place, key)
        else:
            await store.keep(place, key, answer)


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message["body"])
        size += len(parts[-1])
        if size > _MOST_BODY_BYTES:
            raise Refused(413, "body_too_large", "Send at most 1 MiB.")
        if not message.get("more_body"):
            break
    return b"".join(parts)


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


async def _replay(answer: StoredAnswer, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    headers += [
        (b"content-type", answer.content_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"idempotent-replayed", b"true"),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


class _Recorder:
    """Passes the answer on, and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Any = None
        self._body = bytearray()
        self._complete = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body += message["body"]
            self._complete = not message["more_body"]
        await self._send(message)

    def answer(self) -> StoredAnswer | None:
        """None if it never got as far as an answer."""
        if self._start is None or not self._complete:
            return None
        headers = list(self._start["headers"])
        content_type = next((value for name, value in headers if name == b"content-type"), b"")
        return StoredAnswer(
            status=self._start["status"],
            content_type=content_type.decode(),
            body=bytes(self._body),
            headers=tuple(
                (name.decode(), value.decode()) for name, value in headers if name in _KEPT_HEADERS
            ),
        )
