"""HTTP as storefronts and merchants' servers speak it: JSON, a key for each act, problems as refusals."""

import uuid
from typing import Any, Final, Self

import httpx

from domain.money import Currency, Money
from tests.bdd.shop import Refused

_TIMEOUT_SECONDS: Final = 30
_PROBLEM: Final = "application/problem+json"


class ApiClient:
    """One caller with one key."""

    def __init__(self, url: str, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, *, token: str | None = None, **query: str | int | list[str]) -> Any:
        return self._ask("GET", path, _headers(token), query=query)

    def put(self, path: str, body: object, *, token: str | None = None, version: int | None = None) -> Any:
        return self._ask("PUT", path, _headers(token, version), body)

    def patch(self, path: str, body: object, *, token: str | None = None, version: int | None = None) -> Any:
        return self._ask("PATCH", path, _headers(token, version), body)

    def post(self, path: str, body: object = None, *, token: str | None = None) -> Any:
        return self._ask("POST", path, _headers(token), body)

    def delete(self, path: str) -> None:
        self._ask("DELETE", path, _headers(None))

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: object = None,
        query: dict[str, str | int | list[str]] | None = None,
    ) -> Any:
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        answer = self._http.request(method, path, json=body, params=query, headers=headers)
        if answer.headers.get("Content-Type", "").startswith(_PROBLEM) and answer.is_client_error:
            raise _refused(answer.json())
        assert answer.is_success, f"{method} {path} answered {answer.status_code}: {answer.text}"
        return answer.json() if answer.content else None


def _headers(token: str | None, version: int | None = None) -> dict[str, str]:
    """The shopper's token, and the version that they saw."""
    headers = {} if token is None else {"Client-Token": token}
    return headers if version is None else headers | {"If-Match": f'"{version}"'}


def _refused(problem: dict[str, Any]) -> Refused:
    return Refused(problem["code"], *(message["code"] for message in problem.get("messages", ())))


def money(amount: dict[str, Any]) -> Money:
    return Money(minor=amount["minor"], currency=Currency.of(amount["currency"]))


def amount(of: Money) -> dict[str, Any]:
    return {"minor": of.minor, "currency": of.currency.code}
