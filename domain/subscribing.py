"""The one decision about a subscription: from what is known of it to the next step. Its whole life is on this
page.

It is pure, and asked again after every fact, as `domain.decision` is for orders. The first rule that has an
answer wins.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.standing import Entitlement, SubscriptionState
from domain.steps import Settled, WaitUntil
from domain.subscription import Subscription
from domain.values import value
from domain.wish import Wish

# A webhook may never come, so the provider is read again after this long.
_READ_AGAIN: Final = {
    SubscriptionState.NEW: timedelta(minutes=5),
    SubscriptionState.INCOMPLETE: timedelta(hours=1),
    SubscriptionState.ACTIVE: timedelta(days=7),
    SubscriptionState.PAST_DUE: timedelta(days=1),
    SubscriptionState.UNPAID: timedelta(days=1),
    SubscriptionState.PAUSED: timedelta(days=1),
}
# Providers leave a new invoice open to changes for an hour before they collect it.
_AFTER_RENEWAL: Final = timedelta(hours=2)


@value
class LookUpWish:
    """Ask the provider what became of a doubtful wish, and adopt it."""

    wish: Wish


@value
class AskProvider:
    """Have the wish done, under the key of its attempt."""

    wish: Wish


@value
class ReadProvider:
    """Read how the subscription and its invoices stand."""


@value
class Downgrade:
    """Take the entitlement away: the grace has run out."""


SubscriptionStep = LookUpWish | AskProvider | ReadProvider | Downgrade | WaitUntil | Settled


def next_step(subscription: Subscription, now: datetime) -> SubscriptionStep:
    """The next step for this subscription at this moment."""
    wish = subscription.wish
    # 1. What may have happened is looked up; nothing else is asked for meanwhile.
    if wish is not None and wish.is_doubtful and wish.is_due(now):
        return LookUpWish(wish=wish)
    # 2. What is wanted is asked for.
    if wish is not None and not wish.is_doubtful and wish.is_due(now) and not subscription.is_over:
        return AskProvider(wish=wish)
    # 3. Before the provider has made it there is nothing to read.
    if subscription.reference is None:
        return _wait(subscription)
    # 4. What has moved is read, the invoices of an ended one too.
    if subscription.stale or (subscription.seen_at is None and not subscription.is_over):
        return ReadProvider()
    if subscription.is_over or subscription.seen_at is None:
        return _wait(subscription)
    # 5. Who has not paid when the grace is over is downgraded, after one last look.
    until = subscription.grace_until
    if subscription.entitlement is Entitlement.GRACE and until is not None and now >= until:
        return Downgrade() if subscription.seen_at >= until else ReadProvider()
    # 6. A webhook may have been lost.
    if now >= _next_reading(subscription, subscription.seen_at):
        return ReadProvider()
    return _wait(subscription)


def _next_reading(subscription: Subscription, seen_at: datetime) -> datetime:
    again = seen_at + _READ_AGAIN[subscription.state]
    if subscription.period is None:
        return again
    renewal = subscription.period.until + _AFTER_RENEWAL
    return min(again, renewal) if seen_at < renewal else again


def _wait(subscription: Subscription) -> SubscriptionStep:
    """Until the earliest moment at which a rule above has another answer."""
    moments = []
    if subscription.wish is not None and subscription.wish.attempt is not None:
        moments.append((subscription.wish.attempt.due_at, "provider_to_be_asked"))
    if subscription.seen_at is not None and not subscription.is_over:
        moments.append((_next_reading(subscription, subscription.seen_at), "next_reading"))
    if subscription.entitlement is Entitlement.GRACE and subscription.grace_until is not None:
        moments.append((subscription.grace_until, "grace"))
    if not moments:
        return Settled()
    at, reason = min(moments)
    return WaitUntil(at=at, reason=reason)
