"""A vendor on a real socket that says what its script tells it to, and keeps what it was sent.

For answers that no simulation of a vendor would give.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Final

_END_OF_HEAD: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = HTTPStatus.OK
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


class Silence(Enum):
    """HANGS: the request is read and never answered. DROPS: it is read and the connection goes."""

    HANGS = "hangs"
    DROPS = "drops"


Step = Reply | Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedVendor:
    """Says one step to each request, the last one over and over."""

    def __init__(self, steps: tuple[Step, ...], *, leaves: bool) -> None:
        self._steps = list(steps)
        self._leaves = leaves
        self._over = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.received: list[Received] = []
        self.url = ""

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        self._over.set()
        self._stop_listening()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.received.append(await _read(reader))
            step = self._steps[0] if len(self._steps) == 1 else self._steps.pop(0)
            if self._leaves:
                self._stop_listening()
            if isinstance(step, Reply):
                writer.write(_worded(step))
                await writer.drain()
                writer.close()
                return
            if step is Silence.HANGS:
                await self._over.wait()
        writer.transport.abort()


@asynccontextmanager
async def scripted(*steps: Step, leaves: bool = False) -> AsyncIterator[ScriptedVendor]:
    """With `leaves` it refuses every connection after the first."""
    vendor = ScriptedVendor(steps, leaves=leaves)
    await vendor.open()
    try:
        yield vendor
    finally:
        vendor.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(_END_OF_HEAD)).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method=method, target=target, headers=headers, body=body)


def _worded(reply: Reply) -> bytes:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(reply.body)),
        "Connection": "close",
        **reply.headers,
    }
    head = f"HTTP/1.1 {reply.status} Scripted\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    return head.encode("latin-1") + b"\r\n" + reply.body
