"""E-mail by SendGrid's mail/send: https://www.twilio.com/docs/sendgrid/api-reference/mail-send."""

from typing import Final

import httpx

from adapters.sendgrid.settings import SendGridSettings
from ports.email import Email
from ports.errors import OutcomeUnknown, Rejected, Unavailable

_ACCEPTED: Final = 202
# Something is wrong with this mail, and always will be.
_FOR_GOOD: Final = frozenset({400, 413})
# Turned away unread: our key, its rights or the API's address are wrong, which a person mends.
_NOT_NOW: Final = frozenset({401, 403, 404, 405})


class SendGridEmailSender:
    """Implements `ports.email.EmailSender`. Recipients never get into an error's text."""

    def __init__(self, http: httpx.AsyncClient, settings: SendGridSettings) -> None:
        """`http` applies the policy; what doesn't get an answer is told by it."""
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
        response = await self._http.post(
            f"{self._settings.base_url}/v3/mail/send",
            json=body,
            headers=headers,
            extensions={"operation": "mail.send", "writes": True},
        )
        _check(response)


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if status == _ACCEPTED:
        return
    if status in _FOR_GOOD:
        raise Rejected(f"sendgrid_{status}")
    if status in _NOT_NOW:
        raise Unavailable(f"sendgrid_{status}")
    raise OutcomeUnknown(f"sendgrid_{status}")
