"""One request to TaxJar, marked for the transport that carries it: https://developers.taxjar.com/api/reference."""

from typing import Final

import httpx

from adapters.taxjar.settings import TaxJarSettings

SERVICE: Final = "taxjar"
_VERSION: Final = "2020-08-07"


class TaxJarApi:
    """`http` applies the vendor's policy and raises the ports' errors for what has no answer."""

    def __init__(self, http: httpx.AsyncClient, settings: TaxJarSettings) -> None:
        self._http = http
        self._base_url = f"{settings.base_url}/v2"
        self._headers = {
            "Authorization": f"Bearer {settings.api_key}",
            "Content-Type": "application/json",
            "x-api-version": _VERSION,
        }

    async def ask(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        body: bytes | None = None,
        query: dict[str, str] | None = None,
        writes: bool = False,
    ) -> httpx.Response:
        """The answer, whatever its status. Raises Unavailable and, if it `writes`, OutcomeUnknown."""
        return await self._http.request(
            method,
            f"{self._base_url}{path}",
            content=body,
            params=query,
            headers=self._headers,
            extensions={"operation": operation, "writes": writes},
        )
