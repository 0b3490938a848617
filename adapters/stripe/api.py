"""The way to Stripe for all ports that it serves: its SDK under the policy, lists by pages, its errors in
ours.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

import stripe

from adapters.resilience.policed_calls import PolicedCalls
from adapters.stripe.errors import EXPECTED, meaning
from adapters.stripe.settings import StripeSettings
from adapters.stripe.transport import StripeTransport, begin_call
from adapters.stripe.wire import AnswerUnreadable, Page, label, page_of
from domain.identifiers import AttemptId
from ports.clock import Clock
from ports.error_reports import ErrorReports
from ports.errors import OutcomeUnknown, Unavailable

_API_VERSION: Final = "2023-10-16"
_PAGE: Final = 100

# At DEBUG the SDK logs bodies and client secrets, at INFO the texts of errors: they may repeat what was sent.
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripeApi:
    """`calls`: Stripe's policy. It makes all tries, the SDK none of its own."""

    def __init__(
        self, settings: StripeSettings, calls: PolicedCalls, clock: Clock, error_reports: ErrorReports
    ) -> None:
        self._error_reports = error_reports
        self._http = StripeTransport(calls, clock)
        self._client = stripe.StripeClient(
            settings.secret_key,
            stripe_version=_API_VERSION,
            base_addresses={"api": settings.base_url} if settings.base_url else {},
            http_client=self._http,
            max_network_retries=0,
        )

    @property
    def v1(self) -> Any:
        """Stripe's resources, as the SDK names them."""
        return self._client.v1

    async def close(self) -> None:
        """Closes its connections; it can't be used afterwards."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    @asynccontextmanager
    async def translated(self, operation: str, *, writing: bool) -> AsyncIterator[None]:
        """Raises the ports' errors for the SDK's, without its text: that can hold what the caller sent.

        What a working shop doesn't meet is reported as well.
        """
        call = begin_call(operation, writes=writing)
        try:
            yield
        except stripe.StripeError as error:
            if type(error) not in EXPECTED:
                self._error_reports.report(f"stripe.{operation}", error)
            raise meaning(error, writing=writing, earlier_try_lost=call.earlier_try_lost) from None
        except AnswerUnreadable as error:
            self._error_reports.report(f"stripe.{operation}", error)
            raise (OutcomeUnknown if writing else Unavailable)("answer_unreadable") from None


def under(key: AttemptId) -> Any:
    """The options of a write: its attempt is its Idempotency-Key."""
    return {"idempotency_key": key}


def body_of(answer: object) -> object:
    """What Stripe answered; anything else than an object is left for the reader to refuse."""
    return answer.to_dict() if isinstance(answer, stripe.StripeObject) else None


async def every(
    read: Callable[..., Awaitable[Any]], wanted: dict[str, Any]
) -> AsyncGenerator[dict[str, Any], None]:
    """All records of a list, the newest first."""
    async for page in pages(read, wanted):
        for record in page.data:
            yield record


async def pages(read: Callable[..., Awaitable[Any]], wanted: dict[str, Any]) -> AsyncGenerator[Page, None]:
    params: dict[str, Any] = {**wanted, "limit": _PAGE}
    while True:
        page = page_of(body_of(await read(params)))
        yield page
        if not page.has_more:
            return
        params["starting_after"] = page.data[-1]["id"]


async def first(
    records: AsyncGenerator[dict[str, Any], None], name: str, value: str
) -> dict[str, Any] | None:
    """The first record that carries our label with this value."""
    async with aclosing(records):
        async for record in records:
            if label(record, name) == value:
                return record
    return None
