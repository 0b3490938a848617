"""Flags: what an operator may turn while the shop is open, so that another provider takes over without a
deploy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

_ON: Final = "on"
_SWITCH: Final = (_ON, "off")


class Flag(Enum):
    """All there are. Each has the values that it may take, the one that it means when it can't be read, and
    what it decides.

    A flag chooses among what is set up: a vendor without its settings is never asked, whatever a flag says.
    """

    TAX_SERVICE = (_SWITCH, _ON, "whether the tax service is asked; off: the built-in rate table")
    FEDEX = (_SWITCH, _ON, "whether FedEx is asked for rates; off: the other carriers, or flat rates")
    UPS = (_SWITCH, _ON, "whether UPS is asked for rates; off: the other carriers, or flat rates")
    USPS = (_SWITCH, _ON, "whether USPS is asked for rates; off: the other carriers, or flat rates")
    INVENTORY_SERVICE = (_SWITCH, _ON, "whether new holds go to the inventory service; off: built-in stock")
    PLACES = (_SWITCH, _ON, "whether addresses are checked at Google; off: they are taken as typed")
    MAIL_PROVIDER = (("sendgrid", "postmark"), "sendgrid", "which provider is asked first to send e-mail")
    PAYMENT_PROVIDER = (("stripe", "adyen"), "stripe", "where new payments begin")

    def __init__(self, choices: Sequence[str], default: str, decides: str) -> None:
        self.choices = choices
        self.default = default
        self.decides = decides

    @property
    def key(self) -> str:
        """Its name in files: `tax_service`."""
        return self.name.lower()


class FlagSource(Enum):
    """Who said it: nobody (the stated default), the file, or the environment, which goes over the file."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSubject:
    """Whom a flag is asked for. A share is drawn by `key`: the same key always falls on the same side."""

    key: str | None = None
    customer_id: str | None = field(default=None, repr=False)
    currency: str | None = None


EVERYBODY: Final = FlagSubject()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagReading:
    """What a flag means now. `problem` says why it could not be read, and so means its default.

    `varies`: a rule may give another subject another value.
    """

    value: str
    source: FlagSource
    problem: str | None = None
    varies: bool = False

    @property
    def is_on(self) -> bool:
        return self.value == _ON


class FeatureFlags(Protocol):
    def read(self, flag: Flag, subject: FlagSubject = EVERYBODY) -> FlagReading:
        """What the flag means for this subject: always one of its choices.

        Never raises and never waits: it may be asked in the middle of a request. The same question has the
        same answer until an operator turns the flag.
        """
