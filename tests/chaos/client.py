"""A good client of the API: repeats under the same Idempotency-Key, and waits as long as it is told.

Whatever it is told that no client should be told, it remembers.
"""

import asyncio
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

_PATIENCE_SECONDS: Final = 80.0
"""A request whose process died keeps its key for a minute; who waits that out gets an answer."""
_TIMEOUT_SECONDS: Final = 25.0
_ANY_NUMBER: Final = httpx.Limits(max_connections=None, max_keepalive_connections=50)
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.1, 2.0
_SERVICE_UNAVAILABLE: Final = 503
_FIRST_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: success, or a refusal that a repeat wouldn't change."""

    status: int
    body: Any

    @property
    def is_success(self) -> bool:
        return self.status < 400

    @property
    def code(self) -> str:
        """The problem's code, or nothing for a success."""
        return "" if self.is_success or not isinstance(self.body, dict) else str(self.body.get("code"))


class GaveUp(Exception):
    """No final answer within the client's patience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One try of a request as its client timed it, in seconds of the monotonic clock."""

    method: str
    path: str
    status: int | None
    began_at: float
    seconds: float

    @property
    def is_change(self) -> bool:
        """A change of a checkout, answered or not."""
        return self.method == "PATCH"

    @property
    def is_for_options(self) -> bool:
        """Delivery options that came."""
        return self.path.endswith("/delivery-options") and self.status == httpx.codes.OK


@dataclass(slots=True, kw_only=True)
class Transcript:
    """What all clients were told, and what broke.

    `breaches` are answers that no client should ever get.
    """

    answers: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)
    gave_up: int = 0

    def note(self, method: str, path: str, response: httpx.Response) -> None:
        status = response.status_code
        self.answers[str(status)] += 1
        if status < _FIRST_SERVER_ERROR:
            return
        is_problem = response.headers.get("content-type", "").startswith("application/problem+json")
        is_clear = status == _SERVICE_UNAVAILABLE and is_problem and "retry-after" in response.headers
        if not is_clear:
            self.breaches.append(f"{method} {path} was answered {status}: {response.text[:200]}")


def connection(api_url: str) -> httpx.AsyncClient:
    """Connections are kept alive and shared; what broke is opened anew."""
    return httpx.AsyncClient(base_url=api_url, timeout=_TIMEOUT_SECONDS, limits=_ANY_NUMBER, trust_env=False)


class PatientClient:
    """Asks with one API key; `client_token` is what a browser adds to it."""

    def __init__(
        self, http: httpx.AsyncClient, key: str, transcript: Transcript, dice: random.Random
    ) -> None:
        self._http = http
        self._key = key
        self._transcript = transcript
        self._dice = dice
        self.client_token: str | None = None

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        """The final answer. Raises GaveUp."""
        headers = {"Authorization": f"Bearer {self._key}"}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid.UUID(int=self._dice.getrandbits(128)))
        if self.client_token is not None:
            headers["Client-Token"] = self.client_token
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        tries = 0
        while time.monotonic() < give_up_at:
            wait = await self._try(method, path, body, headers)
            if isinstance(wait, Answer):
                return wait
            tries += 1
            await asyncio.sleep(max(wait, self._backoff(tries)))
        self._transcript.gave_up += 1
        raise GaveUp(f"{method} {path}")

    async def _try(self, method: str, path: str, body: object, headers: dict[str, str]) -> Answer | float:
        """An answer, or how many seconds we are asked to wait before the same request may be sent again."""
        began_at, status = time.monotonic(), None
        try:
            response = await self._http.request(method, path, json=body, headers=headers)
            status = response.status_code
        except (httpx.TransportError, AttributeError) as broken:
            # AttributeError: what anyio makes of a connection that is reset in the moment it is made.
            self._transcript.answers[type(broken).__name__] += 1
            return 0.0
        finally:
            seconds = time.monotonic() - began_at
            self._transcript.timed.append(
                Timed(method=method, path=path, status=status, began_at=began_at, seconds=seconds)
            )
        self._transcript.note(method, path, response)
        if response.status_code >= _FIRST_SERVER_ERROR or "retry-after" in response.headers:
            return float(response.headers.get("retry-after", 1))
        return Answer(response.status_code, response.json() if response.content else None)

    def _backoff(self, tries: int) -> float:
        longest: float = min(_FIRST_WAIT_SECONDS * 2.0**tries, _LONGEST_WAIT_SECONDS)
        return self._dice.uniform(longest / 2, longest)
