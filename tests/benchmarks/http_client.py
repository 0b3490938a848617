"""A keep-alive HTTP client that costs next to nothing, so that the benchmark measures the service and not its
driver.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import httptools
import msgspec


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class UnexpectedAnswer(Exception):
    """The service said something that the benchmark's story has no place for."""


class Connection(asyncio.Protocol):
    """One connection of one shopper; requests go one after another."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self._host = host
        self._port = port
        self._common = f"Host: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._closed = asyncio.Event()

    async def open(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # That of uvloop is one in all but its class.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(UnexpectedAnswer("the connection was closed"))

    def on_message_begin(self) -> None:
        self._body.clear()

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), bytes(self._body)))

    async def ask(
        self, method: str, path: str, body: object = None, key: str | None = None, expect: int = 200
    ) -> Answer:
        """Raises UnexpectedAnswer for any other status than the expected one."""
        assert self._transport is not None
        payload = msgspec.json.encode(body) if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\n{self._common}Content-Length: {len(payload)}\r\n"
        if payload:
            head += "Content-Type: application/json\r\n"
        if key is not None:
            head += f"Idempotency-Key: {key}\r\n"
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head.encode() + b"\r\n" + payload)
        answer = await self._answer
        if answer.status != expect:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer
