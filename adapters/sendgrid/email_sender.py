"""E-mail by SendGrid's mail/send: https://www.twilio.com/docs/sendgrid/api-reference/mail-send."""

from typing import Final

import httpx

from adapters.sendgrid.settings import SendGridSettings
from ports.email import Email
from ports.errors import OutcomeUnknown, Rejected, Unavailable

_FOR_GOOD: Final = frozenset({400, 401, 403, 404, 405, 413})
_TOO_MANY: Final = 429
_ACCEPTED: Final = 202


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
        _check(response.status_code)


def _check(status: int) -> None:
    if status == _ACCEPTED:
        return
    if status in _FOR_GOOD:
        raise Rejected(f"sendgrid_{status}")
    if status == _TOO_MANY:
        raise Unavailable("rate_limited")
    raise OutcomeUnknown(f"sendgrid_{status}")
