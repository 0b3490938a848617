"""How each vendor is called, as data: the table of the design's section 8, one frozen row an integration."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

_SECOND: Final = 1
_HOUR: Final = 3_600
_DAY: Final = 86_400
# The application gives a call up after 20 s. A call that ends before that says how; one that is cut off
# can't.
_CALL_SECONDS: Final = 19


class Each(Enum):
    """What a limit counts apart: the whole INTEGRATION, every OPERATION (endpoint), or every PARTY that a
    request names with `limited_by`.
    """

    INTEGRATION = "integration"
    OPERATION = "operation"
    PARTY = "party"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """Never more than `most` tries in any `per_seconds`."""

    most: int
    per_seconds: int
    each: Each = Each.INTEGRATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits are drawn evenly from nothing up to `first_seconds`, doubled with each try, `longest_seconds` at
    most.
    """

    first_seconds: float = 0.25
    longest_seconds: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRule:
    """Opens after so many consecutive failures; after `open_seconds` one probe finds out."""

    failures: int = 5
    open_seconds: float = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`timeout_seconds` bounds each try, `deadline_seconds` the call with its retries and waits.

    `at_once`: the bulkhead, calls under way in one process. `is_shared`: breaker and limits hold for all
    processes together, through Redis where there is one.
    """

    integration: str
    timeout_seconds: float
    deadline_seconds: float = _CALL_SECONDS
    retries: int = 0
    backoff: Backoff = Backoff()
    breaker: BreakerRule = BreakerRule()
    limits: tuple[RateLimit, ...] = ()
    at_once: int = 32
    is_shared: bool = True


STRIPE: Final = Policy(
    integration="stripe",
    timeout_seconds=10,
    retries=3,
    # https://docs.stripe.com/rate-limits
    limits=(
        RateLimit(most=100, per_seconds=_SECOND),
        RateLimit(most=25, per_seconds=_SECOND, each=Each.OPERATION),
    ),
    at_once=64,
)
# A repeat under its key is how Adyen is asked what became of a call.
ADYEN: Final = Policy(integration="adyen", timeout_seconds=10, retries=3, at_once=64)
INVENTORY: Final = Policy(
    integration="inventory",
    timeout_seconds=5,
    retries=3,
    limits=(RateLimit(most=500, per_seconds=_SECOND),),
    at_once=64,
)
# A shopper waits for the tax, and a rate known from before is near.
TAXJAR: Final = Policy(
    integration="taxjar",
    timeout_seconds=5,
    deadline_seconds=8,
    retries=2,
    limits=(RateLimit(most=10_000, per_seconds=_DAY),),
)
# Rates are asked of all carriers at once while a shopper waits: no second try.
FEDEX: Final = Policy(integration="fedex", timeout_seconds=3, deadline_seconds=3)
UPS: Final = Policy(integration="ups", timeout_seconds=3, deadline_seconds=3)
USPS: Final = Policy(
    integration="usps",
    timeout_seconds=3,
    deadline_seconds=3,
    limits=(RateLimit(most=60, per_seconds=_HOUR),),
)
# Messages are tried again by their job, after minutes, so not here.
SENDGRID: Final = Policy(
    integration="sendgrid", timeout_seconds=10, limits=(RateLimit(most=100, per_seconds=_SECOND),)
)
POSTMARK: Final = Policy(
    integration="postmark", timeout_seconds=10, limits=(RateLimit(most=100, per_seconds=_SECOND),)
)
TWILIO: Final = Policy(
    integration="twilio",
    timeout_seconds=10,
    limits=(RateLimit(most=1, per_seconds=_SECOND, each=Each.PARTY),),
)
S3: Final = Policy(
    integration="s3", timeout_seconds=10, retries=3, breaker=BreakerRule(failures=10, open_seconds=30)
)
R2: Final = Policy(
    integration="r2", timeout_seconds=10, retries=3, breaker=BreakerRule(failures=10, open_seconds=30)
)
GOOGLE_MAPS: Final = Policy(
    integration="google_maps",
    timeout_seconds=3,
    deadline_seconds=6,
    retries=1,
    limits=(RateLimit(most=50, per_seconds=_SECOND),),
)
# What is told for statistics or to developers waits in a queue; its breaker is each process's own affair.
SEGMENT: Final = Policy(integration="segment", timeout_seconds=3, at_once=8, is_shared=False)
POSTHOG: Final = Policy(integration="posthog", timeout_seconds=3, at_once=8, is_shared=False)
SENTRY: Final = Policy(integration="sentry", timeout_seconds=3, at_once=8, is_shared=False)

POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {
        policy.integration: policy
        for policy in (
            *(STRIPE, ADYEN, INVENTORY, TAXJAR, FEDEX, UPS, USPS, SENDGRID, POSTMARK),
            *(TWILIO, S3, R2, GOOGLE_MAPS, SEGMENT, POSTHOG, SENTRY),
        )
    }
)
