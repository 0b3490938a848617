"""What leaves a connection, and in how many pieces."""

import asyncio
from typing import Any

from entrypoints.http.one_write import GatheringTransport


class _Wire(asyncio.Transport):
    """Notes each call that would reach the kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes | str] = []

    def write(self, data: Any) -> None:
        self.calls.append(data)

    def close(self) -> None:
        self.calls.append("closed")

    def abort(self) -> None:
        self.calls.append("aborted")


async def test_head_and_body_of_an_answer_leave_together() -> None:
    wire = _Wire()
    transport = GatheringTransport(wire)
    transport.write(b"head ")
    transport.write(b"body")
    assert wire.calls == []
    await asyncio.sleep(0)
    assert wire.calls == [b"head body"]


async def test_the_next_answer_leaves_by_itself() -> None:
    wire = _Wire()
    transport = GatheringTransport(wire)
    transport.write(b"first")
    await asyncio.sleep(0)
    transport.write(b"second")
    await asyncio.sleep(0)
    assert wire.calls == [b"first", b"second"]


async def test_a_connection_that_is_closed_has_sent_everything_before() -> None:
    wire = _Wire()
    transport = GatheringTransport(wire)
    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)
    assert wire.calls == [b"last words", "closed"]


async def test_a_connection_that_is_broken_off_sends_nothing_more() -> None:
    wire = _Wire()
    transport = GatheringTransport(wire)
    transport.write(b"never said")
    transport.abort()
    await asyncio.sleep(0)
    assert wire.calls == ["aborted"]
