"""Who is calling. Deny by default: everything under /v1 needs a key, but for webhooks, which carry a signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from application.client_token import hashed
from application.keep_api_keys import key_hash
from entrypoints.http.problems import Refused
from ports.api_keys import ApiKey, ApiKeys, Role
from ports.clock import Clock

# A revoked key is refused at the latest after this long; a key in use is looked up this often.
_REMEMBER: Final = timedelta(seconds=5)
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`token_hash` limits a browser to what its token opens; None is the merchant, who may see everything."""

    key_id: str
    role: Role
    token_hash: str | None


class Callers:
    """Finds out who holds a key, remembering keys for a few seconds."""

    def __init__(self, api_keys: ApiKeys, clock: Clock) -> None:
        self._api_keys = api_keys
        self._clock = clock
        self._known: dict[bytes, tuple[datetime, ApiKey]] = {}

    async def identify(self, authorization: str, client_token: str | None) -> Caller:
        """Raises Refused (401) for a missing, malformed, unknown or revoked key."""
        scheme, _, secret = authorization.partition(" ")
        key = await self._find(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None
        if key is None:
            raise Refused(401, "unauthenticated", "Send Authorization: Bearer and an API key of this shop.")
        is_browser = key.role is Role.PUBLISHABLE
        # A browser without a token gets one that opens nothing.
        token_hash = hashed(client_token or "") if is_browser else None
        return Caller(key_id=key.id, role=key.role, token_hash=token_hash)

    async def _find(self, secret: str) -> ApiKey | None:
        digest, now = key_hash(secret), self._clock.now()
        if (known := self._known.get(digest)) is not None and known[0] > now:
            return known[1]
        key = await self._api_keys.find(digest)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        if key is None:
            self._known.pop(digest, None)
        else:
            self._known[digest] = (now + _REMEMBER, key)
        return key


def authentication(callers: Callers) -> Any:
    """Middleware that puts the caller into the scope, or refuses."""

    def around(app: ASGIApp) -> ASGIApp:
        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope["path"]
            if scope["type"] == "http" and path.startswith("/v1/") and not path.startswith("/v1/webhooks/"):
                headers = {name: value for name, value in scope["headers"] if name in _HEADERS}
                authorization = headers.get(b"authorization", b"").decode("latin-1")
                token = headers.get(b"client-token")
                caller = await callers.identify(authorization, token.decode("latin-1") if token else None)
                scope["caller"] = caller  # type: ignore[typeddict-unknown-key]  # ours
            await app(scope, receive, send)

        return middleware

    return around


_HEADERS: Final = frozenset({b"authorization", b"client-token"})


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    caller: Caller = connection.scope["caller"]  # type: ignore[typeddict-item]  # put there by the middleware
    return caller


def merchant_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: secret and operator keys."""
    if caller_of(connection).role is Role.PUBLISHABLE:
        raise Refused(403, "forbidden", "This needs a secret key, which must never be in a browser.")
