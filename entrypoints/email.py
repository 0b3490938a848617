"""Who sends the mail: a part of the wiring with a room of its own."""

from adapters.in_memory.email import InMemoryEmailSender
from adapters.resilience.policies import SENDGRID
from adapters.sendgrid.email_sender import SendGridEmailSender
from adapters.sendgrid.settings import SendGridSettings
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from ports.email import EmailSender


def email_sender(settings: Settings, resources: Resources) -> EmailSender:
    """SendGrid where it is set up; otherwise mail is kept in this process and goes nowhere."""
    if settings.sendgrid is None:
        return InMemoryEmailSender()
    access = settings.sendgrid
    return SendGridEmailSender(
        resources.vendors.http(SENDGRID, base_url=access.base_url),
        SendGridSettings(api_key=access.api_key, base_url=access.base_url, sender=access.sender),
    )
