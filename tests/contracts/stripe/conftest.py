"""Every request that goes over the wire to Stripe, as it was sent."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    method: str
    path: str
    text: str
    headers: httpx.Headers


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    recorded: list[Sent] = []
    send = httpx.AsyncClient.send

    async def record(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        is_write = request.method == "POST"
        text = request.content.decode() if is_write else request.url.query.decode()
        path = request.url.path.removeprefix("/stripe")
        recorded.append(Sent(method=request.method, path=path, text=text, headers=request.headers))
        return await send(client, request, **options)

    monkeypatch.setattr(httpx.AsyncClient, "send", record)
    return recorded
