"""E-mail by SendGrid's mail/send: https://www.twilio.com/docs/sendgrid/api-reference/mail-send."""

import re
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from adapters.sendgrid.settings import SendGridSettings
from ports.email import Email
from ports.errors import OutcomeUnknown, Rejected, Unavailable

_ACCEPTED: Final = 202
# Something is wrong with this mail, and always will be.
_FOR_GOOD: Final = frozenset({400, 413})
# Turned away unread: our key, its rights or the API's address are wrong, which a person mends, or there were
# too many.
_NOT_NOW: Final = frozenset({401, 403, 404, 405, 429})
_WHOLE: Final = re.compile(r"[0-9]{1,12}")


class SendGridEmailSender:
    """Implements `ports.email.EmailSender`. Recipients never get into an error's text."""

    def __init__(self, http: httpx.AsyncClient, settings: SendGridSettings) -> None:
        self._http = http
        self._settings = settings

    async def send(self, email: Email) -> None:
        body = {
            "personalizations": [
                {"to": [{"email": email.to}], "custom_args": {"message_id": email.message_id}}
            ],
            "from": {"email": self._settings.sender},
            "subject": email.subject,
            "content": [{"type": "text/plain", "value": email.text}],
        }
        headers = {"Authorization": f"Bearer {self._settings.api_key}"}
        try:
            response = await self._http.post(
                f"{self._settings.base_url}/v3/mail/send", json=body, headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(type(error).__name__) from None
        _check(response)


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status == _ACCEPTED:
        return
    if status in _FOR_GOOD:
        raise Rejected(f"sendgrid_{status}")
    if status in _NOT_NOW:
        raise Unavailable(f"sendgrid_{status}", _wait_seconds(response.headers))
    raise OutcomeUnknown(f"sendgrid_{status}")


def _wait_seconds(headers: Mapping[str, str]) -> int | None:
    """What Retry-After says; otherwise until X-RateLimit-Reset, by SendGrid's own clock."""
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if _WHOLE.fullmatch(after):
        return int(after)
    if _WHOLE.fullmatch(reset):
        with suppress(ValueError):
            return max(0, int(reset) - int(parsedate_to_datetime(headers.get("date", "")).timestamp()))
    return None
