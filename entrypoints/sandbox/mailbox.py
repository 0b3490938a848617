"""E-mails that were accepted for delivery, kept to be read by a test or by a person trying the demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One personalization of one message: what these recipients get."""

    id: str
    vendor: str
    at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str | None = None
    template_id: str | None = None
    template_data_json: str | None = None
    text: str | None = None
    html: str | None = None
    custom_args: Mapping[str, str] = field(default_factory=dict)


class Mailbox:
    def __init__(self) -> None:
        self._letters: list[Letter] = []

    def put(self, letter: Letter) -> None:
        self._letters.append(letter)

    def letters(self, to: str | None = None) -> tuple[Letter, ...]:
        """Oldest first, those for one recipient when one is named."""
        return tuple(letter for letter in self._letters if to is None or to.lower() in letter.to)

    def clear(self) -> None:
        self._letters.clear()
