"""Which provider: an order's payments stay with the one that they began with, whoever new ones begin with."""

from collections.abc import Callable, Iterable

from domain.order import Order
from ports.errors import Unavailable
from ports.payment_ledger import PaymentProvider

# Where the payment of an order that is placed now begins, by name.
PaymentChoice = Callable[[Order], str]


class PaymentProviders:
    """Those that are set up, by the name that payments keep."""

    def __init__(self, providers: Iterable[PaymentProvider]) -> None:
        self._by_name = {provider.provider: provider for provider in providers}

    def of(self, name: str) -> PaymentProvider:
        """Raises Unavailable for one that isn't set up (any more): its payments wait until it is."""
        try:
            return self._by_name[name]
        except KeyError:
            raise Unavailable("provider_not_set_up") from None

    def all(self) -> tuple[PaymentProvider, ...]:
        return tuple(self._by_name.values())


def always(name: str) -> PaymentChoice:
    """The same for every order."""
    return lambda order: name
