"""The control panel of the sandbox, asked again where a connection breaks."""

import asyncio
from typing import Any, Final

import httpx

_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.2


class Sandbox:
    """What the provider holds, the mailbox, and the switches for faults. Asking twice does no harm."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises httpx.HTTPError when there is none, or a refusal."""
        response = await self.send(method, path, body)
        response.raise_for_status()
        return response.json() if response.content else None

    async def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        """The answer, whatever it is. Raises httpx.TransportError after several tries."""
        for _ in range(_TRIES - 1):
            try:
                return await self._http.request(method, f"/_control{path}", json=body)
            except httpx.TransportError:
                await asyncio.sleep(_PAUSE_SECONDS)
        return await self._http.request(method, f"/_control{path}", json=body)
