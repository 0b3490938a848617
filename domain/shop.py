"""The merchant's own rules: whom the shop asks for what, where it delivers, and how long things hold."""

from dataclasses import field
from datetime import timedelta
from enum import Enum

from domain.address import Address
from domain.values import value


class CaptureMethod(Enum):
    """When the money moves: `MANUAL` authorizes first and captures once the stock is confirmed."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"


class StockKeeper(Enum):
    """Who counts the pieces: our own database, or an inventory service that is asked each time."""

    BUILT_IN = "built_in"
    SERVICE = "service"


@value
class ShopRules:
    """Set once by the merchant; every limit has a default that suits a small shop."""

    delivers_to: frozenset[str] = field(
        default_factory=lambda: (
            frozenset({"AT", "AU", "BE", "CA", "CH", "DE", "DK", "ES", "FR", "GB", "IE", "IT"})
            | {"JP", "KW", "LU", "NL", "NO", "PL", "PT", "SE", "US"}
        )
    )
    # Where the goods are sent from: taxes may depend on it, and carriers are asked about the way from there.
    ships_from: Address | None = None
    requires_email: bool = True
    requires_name: bool = True
    capture_method: CaptureMethod = CaptureMethod.MANUAL
    checkout_lifetime: timedelta = timedelta(hours=6)
    payment_window: timedelta = timedelta(minutes=30)
    # A shopper who starts a try at the last moment gets this long to finish it (3-D Secure, redirects).
    payment_try_time: timedelta = timedelta(minutes=10)
    # The hold outlasts the window by this much, so that money which arrives at its very end still finds the
    # goods.
    hold_margin: timedelta = timedelta(minutes=5)
    # How long a carrier's price is honoured. None: the shop's own rates, which are always at hand.
    delivery_quotes_hold: timedelta | None = None
    # A subscriber whose payment failed keeps the plan this long.
    dunning_grace: timedelta = timedelta(days=7)
    max_lines: int = 200
    max_quantity: int = 9_999
