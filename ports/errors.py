"""The three things that a vendor's refusal can mean, and what storage may refuse.

No other error crosses a port.
"""

from dataclasses import dataclass


class PortError(Exception):
    """Something outside did not do what was asked."""


@dataclass(eq=False)
class Rejected(PortError):
    """The vendor said no, a business fact: never retried, never counted as a failure.

    `code` is the vendor's word.
    """

    code: str


@dataclass(eq=False)
class Unavailable(PortError):
    """The vendor certainly did nothing: connection refused, 429, breaker open.

    It may be asked again, under the same key.
    """

    reason: str
    retry_after_seconds: int | None = None


@dataclass(eq=False)
class OutcomeUnknown(PortError):
    """It may have happened: a timeout after sending, a 5xx on a write, a lost answer.

    Look it up before anything else. `key_is_spent`: the vendor has answered with an error of its own, and
    will answer so to every repeat under this key. If it did not happen, it takes another key.
    """

    reason: str
    key_is_spent: bool = False


class ConcurrentChange(PortError):
    """Somebody else has changed the same thing since it was loaded. Load it again and decide anew."""


class CheckoutHasOrder(PortError):
    """The checkout was placed already, by whoever came first; there is one order for it."""


class EmailInUse(PortError):
    """There is a customer with this e-mail address."""


class ProviderAccountInUse(PortError):
    """The provider's id was written down for another customer of ours."""


class SignatureInvalid(PortError):
    """A webhook that its vendor did not sign, or signed too long ago or for a time to come."""
