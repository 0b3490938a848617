"""Stripe over HTTP: who asks, whether it was asked before, what goes wrong today, then the answer."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.stripe.bodies import API_VERSION, documentation, intent_body
from entrypoints.sandbox.stripe.endpoints import ENDPOINTS, Call, Endpoint
from entrypoints.sandbox.stripe.errors import StripeError, internal_error, too_many_requests, unauthorized
from entrypoints.sandbox.stripe.expansion import expanded, read_paths
from entrypoints.sandbox.stripe.form import pairs_of, tree_of
from entrypoints.sandbox.stripe.idempotency import StoredAnswer
from entrypoints.sandbox.stripe.method_bodies import Body, method_body
from entrypoints.sandbox.stripe.models import RequestOrigin
from entrypoints.sandbox.stripe.parameters import Parameters
from entrypoints.sandbox.stripe.subscription_endpoints import SUBSCRIPTION_ENDPOINTS
from entrypoints.sandbox.world import World

VENDOR: Final = "stripe"
_FAULTS: Final = {
    HTTPStatus.TOO_MANY_REQUESTS: too_many_requests,
    HTTPStatus.INTERNAL_SERVER_ERROR: internal_error,
}


def stripe_router(world: World) -> Router:
    endpoints = (*ENDPOINTS, *SUBSCRIPTION_ENDPOINTS)
    return Router("/stripe/v1", route_handlers=[_handler(world, endpoint) for endpoint in endpoints])


def _handler(world: World, endpoint: Endpoint) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIApp:
        return await _Exchange(world, endpoint, request).run()

    handle.__name__ = endpoint.operation.replace(".", "_")
    return HTTPRouteHandler(
        endpoint.path, http_method=endpoint.method, status_code=200, include_in_schema=False
    )(handle)


class _Exchange:
    """One request and its answer."""

    def __init__(self, world: World, endpoint: Endpoint, request: Request[Any, Any, Any]) -> None:
        self._world = world
        self._endpoint = endpoint
        self._request = request
        self._request_id = world.clock.new_id("req")
        # Keys have no effect on GET and DELETE, as at Stripe.
        self._key = request.headers.get("idempotency-key") if endpoint.method == "POST" else None

    async def run(self) -> ASGIApp:
        try:
            from_browser = self._authenticate()
            pairs = await self._pairs()
            earlier = self._begin(pairs)
        except StripeError as refusal:
            return self._response(self._refused(refusal))
        if earlier is not None:
            return self._response(earlier, replayed=True)
        try:
            return await self._carry_out(pairs, from_browser=from_browser)
        except BaseException:
            self._release()  # a bug or a cancelled request must not leave its key taken for ever
            raise

    async def _carry_out(self, pairs: list[tuple[str, str]], *, from_browser: bool) -> ASGIApp:
        misfortune = await self._world.suffer(VENDOR, self._endpoint.operation)
        return answered(
            misfortune,
            perform=lambda: self._response(self._execute(pairs, from_browser=from_browser)),
            refuse=lambda status: self._response(self._finish_refused(_FAULTS[status]())),
            abandon=self._release,
        )

    def _execute(self, pairs: list[tuple[str, str]], *, from_browser: bool) -> StoredAnswer:
        account = self._world.stripe
        parameters = Parameters(tree_of(pairs))
        call = Call(
            account=account,
            id=self._request.path_params.get("id", ""),
            parameters=parameters,
            from_browser=from_browser,
        )
        account.records.origin = RequestOrigin(id=self._request_id, idempotency_key=self._key)
        try:
            paths = read_paths(parameters)
            body = expanded(account, self._endpoint.answer(call), paths)
        except StripeError as refusal:
            return self._finish_refused(refusal)
        finally:
            account.records.origin = RequestOrigin()
        return self._finish(self._answer(HTTPStatus.OK, body))

    def _authenticate(self) -> bool:
        """Whether the publishable key was used."""
        scheme, _, key = self._request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise unauthorized(
                "You did not provide an API key. You need to provide your API key in the Authorization"
                " header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
        if key.startswith("sk_test_"):
            return False
        if not key.startswith("pk_test_"):
            raise unauthorized("Invalid API Key provided.")
        if not self._endpoint.open_to_browsers:
            raise unauthorized(
                "This API call cannot be made with a publishable API key. Please use a secret API key."
            )
        return True

    async def _pairs(self) -> list[tuple[str, str]]:
        query = self._request.scope["query_string"].decode()
        body = (await self._request.body()).decode() if self._endpoint.method == "POST" else ""
        return pairs_of(query) + pairs_of(body)

    def _begin(self, pairs: list[tuple[str, str]]) -> StoredAnswer | None:
        if self._key is None:
            return None
        target = f"{self._endpoint.method} {self._request.url.path}"
        return self._world.stripe_keys.begin(self._key, target, msgspec.json.encode(sorted(pairs)))

    def _finish(self, answer: StoredAnswer) -> StoredAnswer:
        if self._key is not None:
            self._world.stripe_keys.finish(self._key, answer)
        return answer

    def _finish_refused(self, refusal: StripeError) -> StoredAnswer:
        answer = self._refused(refusal)
        if refusal.before_execution:
            self._release()
            return answer
        return self._finish(answer)

    def _release(self) -> None:
        if self._key is not None:
            self._world.stripe_keys.release(self._key)

    def _refused(self, refusal: StripeError) -> StoredAnswer:
        return self._answer(refusal.status, error_body(refusal))

    def _answer(self, status: HTTPStatus, body: Body) -> StoredAnswer:
        return StoredAnswer(status=status, body=msgspec.json.encode(body), request_id=self._request_id)

    def _response(self, answer: StoredAnswer, *, replayed: bool = False) -> ASGIApp:
        return ASGIResponse(
            body=answer.body,
            status_code=answer.status,
            media_type="application/json",
            headers=self._headers(answer, replayed=replayed),
        )

    def _headers(self, answer: StoredAnswer, *, replayed: bool) -> dict[str, str]:
        headers = {"Request-Id": self._request_id, "Stripe-Version": API_VERSION}
        if self._key is not None:
            headers |= {"Idempotency-Key": self._key, "Original-Request": answer.request_id}
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        if answer.status == HTTPStatus.CONFLICT:
            headers["Stripe-Should-Retry"] = "true"
        return headers


def error_body(refusal: StripeError) -> Body:
    error = refusal.payment_error
    told: Body = {
        "charge": refusal.charge,
        "code": refusal.code,
        "decline_code": refusal.decline_code,
        "doc_url": documentation(refusal.code) if refusal.code else None,
        "message": refusal.message,
        "param": refusal.param,
        "payment_intent": intent_body(refusal.payment_intent) if refusal.payment_intent else None,
        "payment_method": method_body(error.payment_method) if error and error.payment_method else None,
        "type": refusal.type,
    }
    return {"error": {name: value for name, value in told.items() if value is not None}}
