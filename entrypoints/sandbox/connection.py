"""Faults made real on the wire: an answer replaced, cut short, or lost with the connection."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints.sandbox.faults import FaultKind, Misfortune

_BROKEN_BODY: Final = b'{"id": "'


class ConnectionLost(httpx.RemoteProtocolError):
    """What a client sees on a real socket, raised where there is none: under `httpx.ASGITransport`."""


async def drop_connection(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI answer that aborts the transport beneath it.

    ASGI has no message for this. uvicorn's `receive` is a method of its request cycle, which holds the
    transport; after the abort we wait for the disconnect, so that uvicorn sees a client that went away and
    not an application that forgot to answer. `tests/sandbox` proves it with the uvicorn that is installed.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionLost("Server disconnected without sending a response.")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def answered(
    misfortune: Misfortune,
    perform: Callable[[], ASGIApp],
    refuse: Callable[[HTTPStatus], ASGIApp],
    abandon: Callable[[], None] = lambda: None,
) -> ASGIApp:
    """The vendor's answer under a misfortune: `perform` has the effect, `refuse` words a failure.

    `abandon` is called when the connection goes before anything was done.
    """
    match misfortune.kind:
        case FaultKind.REFUSE:
            abandon()
            return drop_connection
        case FaultKind.TOO_MANY:
            return refuse(HTTPStatus.TOO_MANY_REQUESTS)
        case FaultKind.ERROR:
            return refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
    answer = perform()
    match misfortune.kind:
        case FaultKind.ERROR_AFTER:
            return refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
        case FaultKind.LOST:
            return drop_connection
        case FaultKind.INVALID:
            return ASGIResponse(body=_BROKEN_BODY, media_type="application/json")
    return answer
