"""What the handlers answer: a struct, as JSON."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from ports.idempotency import StoredAnswer

T = TypeVar("T")
as_json: Final = msgspec.json.Encoder().encode
_JSON: Final = (b"content-type", b"application/json")


class JsonAnswer(Response[T]):
    """A Litestar response without what no answer of this API has: cookies, tasks after it, other media types.

    Litestar makes room for all of them anew for every request, which takes several times as long as writing
    the JSON. None is an answer without a body.
    """

    def __init__(
        self,
        content: T,
        *,
        status_code: int | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> None:
        self.content = content
        self.status_code = status_code
        self.headers = dict(headers or {})

    def to_asgi_response(
        self, app: Any, request: Request[Any, Any, Any], *, status_code: int | None = None, **_: Any
    ) -> ASGIResponse:
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        body = b""
        if self.content is not None:
            body = as_json(self.content)
            headers += (_JSON, (b"content-length", b"%d" % len(body)))
        return _Written(self.status_code or status_code or 200, headers, body)


class StoredAnswerOf(Response[bytes]):
    """An answer as it was stored, byte for byte."""

    def __init__(self, answer: StoredAnswer, *more: tuple[bytes, bytes]) -> None:
        self._answer = answer
        self._more = more

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **_: Any) -> ASGIResponse:
        answer = self._answer
        headers = [(name.encode(), value.encode()) for name, value in answer.headers]
        headers += (
            (b"content-type", answer.content_type.encode()),
            (b"content-length", b"%d" % len(answer.body)),
            *self._more,
        )
        return _Written(answer.status, headers, answer.body)


class RepeatedAnswer(StoredAnswerOf):
    """One that was given before, and says so."""

    def __init__(self, answer: StoredAnswer) -> None:
        super().__init__(answer, (b"idempotent-replayed", b"true"))


class _Written(ASGIResponse):
    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self._start: Final[Any] = {"type": "http.response.start", "status": status, "headers": headers}
        self._body: Final[Any] = {"type": "http.response.body", "body": body, "more_body": False}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(self._start)
        await send(self._body)
