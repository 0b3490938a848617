"""A request's body, read in one go: none is larger than what may be kept in memory anyway."""

from typing import Any, Final

from litestar import Request
from litestar.types import Empty, Receive

from entrypoints.http.problems import BODY_TOO_LARGE, MALFORMED_BODY, Refused

MOST_BODY_BYTES: Final = 1024 * 1024


class WholeRequest(Request[Any, Any, Any]):
    """Litestar's request, without the stream and the parsed headers that it needs for bodies of any size."""

    __slots__ = ()

    async def body(self) -> bytes:
        """Raises Refused (413, 400)."""
        if self._body is Empty:
            self._body = self._connection_state.body = await whole_body(self.receive)
        return self._body


async def whole_body(receive: Receive) -> bytes:
    """What came until the end. Raises Refused: 413, and 400 where the caller hung up before, which nobody
    hears: half a request is none, and must not take the key of the whole one.
    """
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(MALFORMED_BODY)
        parts.append(message["body"])
        size += len(parts[-1])
        if size > MOST_BODY_BYTES:
            raise Refused(BODY_TOO_LARGE)
        if not message.get("more_body"):
            break
    return b"".join(parts)
