"""Losing a connection for real: the client sees a closed socket and not one byte of an answer."""

import httpx
from litestar.types import Receive, Scope, Send


class ConnectionLost(httpx.RemoteProtocolError):
    """Raised where no socket is to close: under `httpx.ASGITransport` this is what the client would see on a real one."""


async def drop_connection(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI answer that aborts the transport beneath it.

    ASGI has no message for this. uvicorn's `receive` is a method of its request cycle, which holds the transport; after
    the abort we wait for the disconnect, so that uvicorn sees a client that went away and not an application that
    forgot to answer. `tests/sandbox` proves it with the uvicorn that is installed.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionLost("Server disconnected without sending a response.")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
