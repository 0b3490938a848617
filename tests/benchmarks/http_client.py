"""A keep-alive HTTP client that costs next to nothing, so that the benchmark measures the service and not its
driver.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

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


class _Parser:
    def __init__(self) -> None:
        self.body = bytearray()
        self.done = False

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.done = True


class Connection:
    """One connection of one shopper; requests go one after another."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self._host = host
        self._port = port
        self._common = f"Host: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()

    async def ask(
        self, method: str, path: str, body: object = None, key: str | None = None, expect: int = 200
    ) -> Answer:
        """Raises UnexpectedAnswer for any other status than the expected one."""
        assert self._reader is not None
        assert self._writer is not None
        payload = msgspec.json.encode(body) if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\n{self._common}Content-Length: {len(payload)}\r\n"
        if payload:
            head += "Content-Type: application/json\r\n"
        if key is not None:
            head += f"Idempotency-Key: {key}\r\n"
        self._writer.write(head.encode() + b"\r\n" + payload)
        parser = _Parser()
        response = httptools.HttpResponseParser(parser)
        while not parser.done:
            data = await self._reader.read(65536)
            if not data:
                raise UnexpectedAnswer(f"{method} {path}: the connection was closed")
            response.feed_data(data)
        answer = Answer(response.get_status_code(), bytes(parser.body))
        if answer.status != expect:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer
