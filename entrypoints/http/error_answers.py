"""Turns whatever was raised into a problem document.

What nobody expected is recorded, and tells nothing of itself.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from domain import errors
from domain.errors import DomainRefusal
from entrypoints.http import problems
from entrypoints.http.answers import RepeatedAnswer
from entrypoints.http.idempotency import keyed_request_of
from entrypoints.http.problems import ANSWERS, Answer, Refused
from entrypoints.http.rules import as_told, parameter_rule
from entrypoints.http.structs.problems import FieldProblem, Problem
from entrypoints.http.structs.sums import messages_shown
from ports.error_reports import ErrorReports
from ports.errors import PortError, SignatureInvalid, Unavailable
from ports.idempotency import KeyTaken

log = structlog.get_logger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
AnyRequest = Request[Any, Any, Any]
_encode: Final = msgspec.json.Encoder().encode
# Litestar names a parameter that is missing in its sentence only.
_MISSING: Final = re.compile(r"Missing required \w+ parameter '(?P<name>\w+)' for path ")
_FRAMEWORK: Final = {
    404: problems.NOT_FOUND,
    405: problems.METHOD_NOT_ALLOWED,
    413: problems.BODY_TOO_LARGE,
    415: problems.UNSUPPORTED_MEDIA_TYPE,
}


def on_refused(_: AnyRequest, error: Refused) -> Response[bytes]:
    extras = {"checkout": error.checkout, "total_minor": error.total_minor}
    return _answered(error.answer, problem(error.answer, error.fields, **extras))


def on_known(request: AnyRequest, error: DomainRefusal | PortError) -> Response[bytes]:
    """A refusal of the domain or of a port."""
    answer = next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), None)
    if answer is None:
        return on_defect(request, error)
    if isinstance(error, SignatureInvalid):
        log.warning("webhook_signature_invalid", route=request.scope["path"])
    retry_after = error.retry_after_seconds if isinstance(error, Unavailable) else None
    return _answered(answer, _told(answer, error), retry_after)


def on_key_taken(request: AnyRequest, taken: KeyTaken) -> Response[Any]:
    """The first answer once more; a refusal for another body, or while the first request is at work."""
    keyed = keyed_request_of(request.scope)
    if keyed is None or taken.claim.fingerprint != keyed.fingerprint:
        return on_refused(request, Refused(problems.KEY_REUSED))
    if taken.claim.answer is None:
        return on_refused(request, Refused(problems.IN_FLIGHT))
    return RepeatedAnswer(taken.claim.answer)


def on_framework(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """What Litestar refused: an unknown path or method, a query parameter, a missing body."""
    if isinstance(error, ValidationException):
        return _invalid_parameters(request, error)
    if error.status_code >= 500:
        return on_defect(request, error)
    answer = _FRAMEWORK.get(error.status_code, problems.BAD_REQUEST)
    response = _answered(answer, problem(answer))
    if answer is problems.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(_methods_of(request))
    return response


def on_defect(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Reported, and answered without a word of what it was."""
    reports: ErrorReports = request.app.state.error_reports
    operation = getattr(request.scope.get("route_handler"), "operation_id", None)
    reports.report(f"http.{operation or 'no_route'}", error)
    return _answered(problems.INTERNAL_ERROR, problem(problems.INTERNAL_ERROR))


def problem(answer: Answer, fields: Sequence[FieldProblem] = (), **extras: Any) -> Problem:
    return Problem(
        type=f"urn:fastcart:problem:{answer.code}",
        title=answer.title,
        status=answer.status,
        code=answer.code,
        detail=answer.remedy,
        errors=[*fields],
        **extras,
    )


def _answered(answer: Answer, body: Problem, retry_after: int | None = None) -> Response[bytes]:
    headers = {}
    if (seconds := retry_after or answer.retry_after) is not None:
        headers["Retry-After"] = str(seconds)
    if answer.status == problems.UNAUTHENTICATED.status:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(_encode(body), status_code=answer.status, media_type=MEDIA_TYPE, headers=headers)


def _told(answer: Answer, error: Exception) -> Problem:
    match error:
        case errors.CheckoutNotReady():
            return problem(answer, messages=messages_shown(error.messages))
        case errors.OutOfStock():
            fields = [FieldProblem("/lines", f"fewer of {sku}") for sku in error.skus]
            return problem(answer, fields, skus=[*error.skus])
        case errors.QuoteChanged():
            field = FieldProblem("/accepted_total", f"{error.total_minor}, once the shopper accepts it")
            return problem(answer, [field], total_minor=error.total_minor)
        case errors.StaleVersion():
            return problem(answer, [FieldProblem("/version", f"{error.current} is the present one")])
        case errors.FieldRefused():
            return problem(answer, [FieldProblem(error.path, error.rule)])
        case errors.CustomerStillNeeded():
            rule = f"somebody without {', '.join(error.waits_for)} under way"
            return problem(answer, [FieldProblem("/{customer_id}", rule)])
        case errors.EmailAlreadyRegistered():
            rule = f"an address that no customer has; this one is {error.customer_id}'s"
            return problem(answer, [FieldProblem("/email", rule)])
        case errors.RefundExceedsBalance():
            left = error.refundable_minor
            rule = f"1 to {left}" if left > 0 else "left out: nothing is left to refund"
            return problem(answer, [FieldProblem("/amount", rule)])
        case errors.TooManyPieces():
            return problem(answer, [FieldProblem(error.path, f"at most {error.left}")])
        case errors.ActionNotPossible():
            possible = f"one of {', '.join(error.possible)}" if error.possible else "nothing: it is over"
            return problem(answer, [FieldProblem("/action", possible)])
        case errors.UnknownDeliveryOption():
            return problem(answer, _delivery_fields(error))
        case errors.CurrencyMismatch(path=str() as path):
            return problem(answer, [FieldProblem(path, f"{error.expected}, the checkout's currency")])
        case errors.UnknownCurrency():
            return problem(answer, [FieldProblem("/currency", answer.remedy)])
        case _:
            where = getattr(error, "path", None)
            return problem(answer, [FieldProblem(where, answer.remedy)] if isinstance(where, str) else ())


def _delivery_fields(error: errors.UnknownDeliveryOption) -> list[FieldProblem]:
    rule = f"one of {', '.join(error.offered)}" if error.offered else "left out: nothing is offered here"
    return [FieldProblem("/delivery_option_id", rule)]


def _methods_of(request: AnyRequest) -> Iterator[str]:
    """What this path takes."""
    for method in ("GET", "POST", "PUT", "PATCH"):
        with suppress(HTTPException):
            request.app.asgi_router.handle_routing(path=request.scope["path"], method=method)
            yield method


def _invalid_parameters(request: AnyRequest, error: ValidationException) -> Response[bytes]:
    found = [item for item in error.extra if isinstance(item, dict)] if isinstance(error.extra, list) else []
    if any(item.get("key", "data") == "data" for item in found):
        return _answered(problems.MALFORMED_BODY, problem(problems.MALFORMED_BODY))
    fields = [_parameter_problem(request, item["key"], str(item.get("message", ""))) for item in found]
    if (missing := _MISSING.match(error.detail)) is not None:
        fields.append(FieldProblem(f"?{missing['name']}", _given(request, missing["name"])))
    return _answered(problems.INVALID_QUERY, problem(problems.INVALID_QUERY, fields))


def _parameter_problem(request: AnyRequest, key: str, message: str) -> FieldProblem:
    """Under the name that the caller knows, which is not always what the handler calls it."""
    name = key.partition(".")[0]  # what follows is the place in a list
    model = request.scope["route_handler"].signature_model
    rule = parameter_rule(model.__annotations__.get(name, Any)) or as_told(message)
    return FieldProblem(f"?{_names(request).get(name, name)}", rule)


def _given(request: AnyRequest, name: str) -> str:
    model = request.scope["route_handler"].signature_model
    own = next((own for own, told in _names(request).items() if told == name), name)
    rule = parameter_rule(model.__annotations__.get(own, Any))
    return f"given: it is required; {rule}" if rule else "given: it is required"


def _names(request: AnyRequest) -> dict[str, str]:
    """What callers call a handler's parameters."""
    parameters = request.scope["route_handler"].parsed_fn_signature.parameters
    return {own: getattr(each.kwarg_definition, "name", None) or own for own, each in parameters.items()}


HANDLERS: Final[dict[Any, Any]] = {
    Refused: on_refused,
    KeyTaken: on_key_taken,
    DomainRefusal: on_known,
    PortError: on_known,
    HTTPException: on_framework,
    Exception: on_defect,
}
