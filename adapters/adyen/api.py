"""One request to Checkout, marked for the transport that carries it."""

from typing import Final, TypeVar

import httpx
import msgspec

from adapters.adyen.errors import ServiceError, refusal
from adapters.adyen.settings import AdyenSettings
from adapters.resilience.json_answers import read_part
from domain.identifiers import AttemptId
from ports.error_reports import ErrorReports
from ports.errors import OutcomeUnknown, Rejected

_error: Final = msgspec.json.Decoder(ServiceError)
T = TypeVar("T")


class AdyenApi:
    """`http` applies the policy and raises the ports' errors for what has no answer, and for a 5xx: Adyen's
    own word for a failure that may have happened.
    """

    def __init__(self, http: httpx.AsyncClient, settings: AdyenSettings, error_reports: ErrorReports) -> None:
        self._http = http
        self._base_url = settings.base_url
        self._api_key = settings.api_key
        self._error_reports = error_reports

    async def post(
        self, path: str, body: msgspec.Struct, answer: msgspec.json.Decoder[T], operation: str, key: AttemptId
    ) -> T:
        """Raises Rejected, Unavailable and OutcomeUnknown; what a working shop doesn't meet is reported."""
        response = await self._http.post(
            f"{self._base_url}{path}",
            content=msgspec.json.encode(body),
            headers={
                "X-API-Key": self._api_key,
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            },
            extensions={"operation": operation, "writes": True},
        )
        if response.is_success:
            if (said := read_part(answer, response.content)) is not None:
                return said
            unreadable = OutcomeUnknown("answer_unreadable")
            self._error_reports.report(f"adyen.{operation}", unreadable)
            raise unreadable
        lost = bool(response.extensions.get("earlier_try_in_doubt"))
        error = refusal(
            response.status_code,
            read_part(_error, response.content) or ServiceError(),
            earlier_try_lost=lost,
        )
        if not isinstance(error, Rejected):
            self._error_reports.report(f"adyen.{operation}", error)
        raise error
