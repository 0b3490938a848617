"""What the Stripe adapter needs to know."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeSettings:
    """`base_url` None is Stripe itself.

    `cards_only` False leaves the choice of methods to Stripe's dashboard.
    """

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str | None = None
    cards_only: bool = True
