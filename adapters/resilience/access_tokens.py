"""A vendor's access token (OAuth 2.0 client credentials, RFC 6749 section 4.4): fetched by one, used by all.

It is kept in the cache that the processes share and in each process; whoever finds none while somebody
fetches one waits for that. It is never told in a log or an error.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx
import msgspec

from adapters.resilience.json_answers import read_part
from ports.cache import Cache
from ports.clock import Clock
from ports.errors import Unavailable

_UNAUTHORIZED: Final = 401
# What the RFC lets a token consist of; anything else has no place in a header.
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8000}")
# A token that ends while a call is under way would be refused.
_MARGIN: Final = timedelta(seconds=60)
_LONGEST: Final = timedelta(days=1)
# Fetching one is given up after so long; by then somebody else may try.
_TURN_SECONDS: Final = 3
_LOOK_AGAIN_SECONDS: Final = 0.05


class _Grant(msgspec.Struct):
    """Some vendors write the seconds as a string."""

    access_token: str
    expires_in: int | str


class _Kept(msgspec.Struct):
    value: str
    good_until: datetime


_read_grant: Final = msgspec.json.Decoder(_Grant)
_read_kept: Final = msgspec.json.Decoder(_Kept)
_write_kept: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    value: str = field(repr=False)
    lifetime: timedelta


class AccessTokens:
    """The token of one account at one vendor, named by `name` among all that the cache keeps."""

    def __init__(
        self, cache: Cache, clock: Clock, name: str, issue: Callable[[], Awaitable[IssuedToken]]
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._key = f"access-token:{name}"
        self._turn_key = f"access-token-turn:{name}"
        self._issue = issue
        self._own: _Kept | None = None
        self._one_at_a_time = asyncio.Lock()

    async def send(self, call: Callable[[str], Awaitable[httpx.Response]]) -> httpx.Response:
        """Makes the call with the token, and once more with another one if the vendor refuses it (401).

        Raises what the call raises, and Unavailable when no token is to be had.
        """
        token = await self._current() or await self._renewed(refused=None)
        answer = await call(token)
        if answer.status_code != _UNAUTHORIZED:
            return answer
        return await call(await self._renewed(refused=token))

    async def _current(self) -> str | None:
        if self._own is None or self._clock.now() >= self._own.good_until:
            kept = await self._cache.get(self._key)
            self._own = read_part(_read_kept, kept) if kept is not None else None
        if self._own is None or self._clock.now() >= self._own.good_until:
            return None
        return self._own.value

    async def _renewed(self, refused: str | None) -> str:
        async with self._one_at_a_time:
            while (other := await self._other_than(refused)) is None:
                if await self._cache.put_if_absent(self._turn_key, b"taken", _TURN_SECONDS):
                    return await self._fetched()
                await self._clock.sleep(_LOOK_AGAIN_SECONDS)
            return other

    async def _other_than(self, refused: str | None) -> str | None:
        """The token that somebody has fetched in place of the refused one."""
        if self._own is not None and self._own.value == refused:
            self._own = None
        token = await self._current()
        return token if token != refused else None

    async def _fetched(self) -> str:
        try:
            issued = await self._issue()
        finally:
            await self._cache.forget(self._turn_key)
        lifetime = min(issued.lifetime, _LONGEST) - _MARGIN
        self._own = _Kept(issued.value, self._clock.now() + lifetime)
        if lifetime >= timedelta(seconds=1):
            await self._cache.put(self._key, _write_kept(self._own), int(lifetime.total_seconds()))
        return issued.value


def issued_token(answer: httpx.Response, integration: str) -> IssuedToken:
    """The token in a vendor's answer. Raises Unavailable when there is none: a person has to look at the
    credentials, or the vendor at itself.
    """
    if answer.status_code != httpx.codes.OK:
        raise Unavailable(f"{integration}_token_{answer.status_code}")
    grant = read_part(_read_grant, answer.content)
    if grant is None or not _TOKEN.fullmatch(grant.access_token):
        raise Unavailable(f"{integration}_token_unreadable")
    seconds = str(grant.expires_in)
    is_whole = seconds.isascii() and seconds.isdigit() and len(seconds) < 10
    return IssuedToken(value=grant.access_token, lifetime=timedelta(seconds=int(seconds) if is_whole else 0))
