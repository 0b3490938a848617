"""How a subscription stands: in neutral words for what a provider may say, and what the customer may have."""

from datetime import datetime
from enum import Enum
from typing import Final

from domain.money import Money
from domain.payment import NextAction
from domain.period import Period
from domain.values import value


class SubscriptionState(Enum):
    """NEW: the provider has not said anything yet. REFUSED: it won't have it. INCOMPLETE: the first payment
    is still to be made. PAST_DUE: a payment failed and is tried again. UNPAID: it is tried no more.
    """

    NEW = "new"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    ENDED = "ended"


class Entitlement(Enum):
    """What a merchant grants: FULL, as good as FULL for a while (GRACE), or nothing of the plan (NONE)."""

    NONE = "none"
    GRACE = "grace"
    FULL = "full"


class CancellationTime(Enum):
    NOW = "now"
    PERIOD_END = "period_end"


OVER: Final = frozenset({SubscriptionState.REFUSED, SubscriptionState.ENDED})
OWING: Final = frozenset({SubscriptionState.PAST_DUE, SubscriptionState.UNPAID})


@value
class SubscriptionSnapshot:
    """What the provider says at one moment. `state` None: a status that nobody knows, which changes nothing.

    `subscription_id` is our id, where it carries one. `price_reference` is the price that it bills, and
    `price` how much that is, where it is a plain amount.
    """

    reference: str
    subscription_id: str | None
    state: SubscriptionState | None
    price_reference: str
    period: Period | None
    ends_at_period_end: bool
    ended_at: datetime | None = None
    next_action: NextAction | None = None
    price: Money | None = None
