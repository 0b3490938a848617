"""Who is calling, and what that role may do. A route under /v1 that doesn't say whom it lets in is closed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from application.client_token import hashed
from application.keep_api_keys import key_hash
from entrypoints.http.problems import CLIENT_TOKEN_MISSING, FORBIDDEN, UNAUTHENTICATED, Refused
from entrypoints.http.query_parameters import refuse_unknown_parameters
from ports.api_keys import ApiKey, ApiKeys, Role
from ports.clock import Clock

# A revoked key is refused at the latest after this long; a key in use is looked up this often.
_REMEMBER: Final = timedelta(seconds=5)
_MOST_REMEMBERED: Final = 10_000


class Access(Enum):
    """ANY_KEY: every role. TOKEN: a browser with its Client-Token, or any other role.

    MERCHANT: secret and operator keys. SECRET: secret keys. OPERATOR: a person's key. SIGNED: no key; the
    body carries a signature.
    """

    ANY_KEY = "any_key"
    TOKEN = "token"  # noqa: S105 - a kind of access
    MERCHANT = "merchant"
    SECRET = "secret"  # noqa: S105 - a kind of access
    OPERATOR = "operator"
    SIGNED = "signed"


_ROLES: Final = {
    Access.ANY_KEY: frozenset(Role),
    Access.TOKEN: frozenset(Role),
    Access.MERCHANT: frozenset({Role.SECRET, Role.OPERATOR}),
    Access.SECRET: frozenset({Role.SECRET}),
    Access.OPERATOR: frozenset({Role.OPERATOR}),
}


def roles_told(access: Access) -> str:
    """Whose keys open a door, for people."""
    return " or ".join(role.value for role in Role if role in _ROLES[access])


# The same code and status for each, with what would have been let in.
_FORBIDDEN: Final = {
    access: replace(
        FORBIDDEN, remedy=f"Use a key of the role {roles_told(access)}; a secret key never in a browser."
    )
    for access in _ROLES
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`token_hash` limits a browser to what its token opens; None is the merchant, who may see everything.

    `name` is what the key's owner is known by: whatever they do is told under it.
    """

    key_id: str
    name: str
    role: Role
    token_hash: str | None


class Callers:
    """Finds out who holds a key, remembering keys for a few seconds."""

    def __init__(self, api_keys: ApiKeys, clock: Clock) -> None:
        self._api_keys = api_keys
        self._clock = clock
        self._known: dict[bytes, tuple[datetime, ApiKey]] = {}

    async def identify(self, authorization: str, client_token: str | None, access: Access) -> Caller:
        """Raises Refused: 401 for a missing, unknown or revoked key, 403 for a role that may not."""
        scheme, _, secret = authorization.partition(" ")
        key = await self._find(secret.strip()) if scheme.lower() == "bearer" and secret.strip() else None
        if key is None:
            raise Refused(UNAUTHENTICATED)
        if key.role not in _ROLES[access]:
            raise Refused(_FORBIDDEN[access])
        name = key.name or key.id
        if key.role is not Role.PUBLISHABLE:
            return Caller(key_id=key.id, name=name, role=key.role, token_hash=None)
        if not client_token and access is Access.TOKEN:
            raise Refused(CLIENT_TOKEN_MISSING)
        # A browser without a token never gets None, which would make a merchant of it.
        return Caller(key_id=key.id, name=name, role=key.role, token_hash=hashed(client_token or ""))

    async def _find(self, secret: str) -> ApiKey | None:
        digest, now = key_hash(secret), self._clock.now()
        if (known := self._known.get(digest)) is not None and now < known[0]:
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
            if scope["type"] == ScopeType.HTTP and _needs_key(scope):
                access = scope["route_handler"].opt.get("access")
                if not isinstance(access, Access):
                    raise Refused(FORBIDDEN)
                if access is not Access.SIGNED:
                    scope["caller"] = await _caller(callers, scope, access)  # type: ignore[typeddict-unknown-key]
                    # Not before it is known who asks. What others call with parameters of their own, such as
                    # a provider's webhooks and a bank's way back, asks for no key and never comes here.
                    if scope["query_string"]:
                        refuse_unknown_parameters(scope)
            await app(scope, receive, send)

        return middleware

    return around


def _needs_key(scope: HTTPScope) -> bool:
    """OPTIONS only lists a path's methods."""
    return scope["path"].startswith("/v1/") and scope["method"] != "OPTIONS"


async def _caller(callers: Callers, scope: Scope, access: Access) -> Caller:
    authorization, token = "", None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name == b"client-token":
            token = value.decode("latin-1")
    return await callers.identify(authorization, token, access)


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    caller: Caller = connection.scope["caller"]  # type: ignore[typeddict-item]  # put there by the middleware
    return caller
