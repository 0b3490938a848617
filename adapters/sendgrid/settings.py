"""What the SendGrid adapter needs to know."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGridSettings:
    api_key: str = field(repr=False)
    sender: str
    base_url: str = "https://api.sendgrid.com"
