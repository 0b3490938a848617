"""Answers leave in one piece, and a connection that waits for its next request costs no timer of its own."""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from entrypoints.http.coarse_timers import CoarseTimer, CoarseTimers


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol over a transport that gathers writes.

    uvicorn writes head and body one after the other, and uvloop sends each at once: two system calls, two
    packets and two wake-ups of the client for each answer. And it sets a timer of the loop after each answer,
    to close a connection that stays idle.
    """

    def __init__(self, *arguments: Any, timers: CoarseTimers, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.loop = _LoopWithCoarseTimers(self.loop, timers)  # type: ignore[assignment]  # what uvicorn uses of one

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(GatheringTransport(transport))


class _LoopWithCoarseTimers:
    def __init__(self, loop: asyncio.AbstractEventLoop, timers: CoarseTimers) -> None:
        self.create_task = loop.create_task
        self._timers = timers

    def call_later(self, delay_seconds: float, callback: Callable[[], Any]) -> CoarseTimer:
        return self._timers.call_later(delay_seconds, callback)


class GatheringTransport(asyncio.Transport):
    """Holds what is written until the event loop comes round; everything else is the transport's own."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._waiting: list[bytes] = []
        self._soon = asyncio.get_running_loop().call_soon

    def write(self, data: Any) -> None:
        if not self._waiting:
            self._soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._waiting.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._transport.write(b"".join(waiting))
