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
    """Some addresses can be made such that every vendor refuses letters to them."""

    def __init__(self) -> None:
        self._letters: list[Letter] = []
        self._refused: set[str] = set()

    def put(self, letter: Letter) -> None:
        self._letters.append(letter)

    def letters(self, to: str | None = None) -> tuple[Letter, ...]:
        """Oldest first, those for one recipient when one is named."""
        return tuple(letter for letter in self._letters if to is None or to.lower() in letter.to)

    def refuse(self, address: str) -> None:
        self._refused.add(address.lower())

    def accept(self, address: str) -> None:
        self._refused.discard(address.lower())

    def refuses(self, address: str) -> bool:
        return address.lower() in self._refused

    def clear(self) -> None:
        self._letters.clear()
        self._refused.clear()
