"""The carriers that are set up, each with its adapter under its policy: a part of the wiring that has a room
of its own because there are several of them.
"""

from collections.abc import Iterator

from adapters.fedex.delivery_rates import FedExDeliveryRates
from adapters.fedex.settings import FedExSettings
from adapters.resilience.policies import FEDEX, UPS, USPS
from adapters.ups.delivery_rates import UpsDeliveryRates
from adapters.ups.settings import UpsSettings
from adapters.usps.delivery_rates import UspsDeliveryRates
from adapters.usps.settings import UspsSettings
from application.ask_carriers import Carrier
from entrypoints.resources import Resources
from entrypoints.settings import Settings, SettingsRefused
from ports.clock import Clock
from ports.flags import Flag


def carriers(settings: Settings, resources: Resources, clock: Clock) -> Iterator[Carrier]:
    """Those that are set up, each under its policy."""
    ships_from, delivery, cache = settings.shop.ships_from, settings.delivery, resources.cache
    if ships_from is None:
        raise SettingsRefused("carriers need FASTCART_SHIPS_FROM_COUNTRY")
    if (fedex := delivery.fedex) is not None:
        http = resources.vendors.http(FEDEX, base_url=fedex.base_url)
        at_fedex = FedExSettings(
            client_id=fedex.client_id,
            client_secret=fedex.client_secret,
            account_number=fedex.account_number or "",
            ships_from=ships_from,
        )
        yield Carrier(name="FedEx", flag=Flag.FEDEX, rates=FedExDeliveryRates(http, at_fedex, cache, clock))
    if (ups := delivery.ups) is not None:
        http = resources.vendors.http(UPS, base_url=ups.base_url)
        at_ups = UpsSettings(
            client_id=ups.client_id,
            client_secret=ups.client_secret,
            account_number=ups.account_number or "",
            ships_from=ships_from,
        )
        yield Carrier(name="UPS", flag=Flag.UPS, rates=UpsDeliveryRates(http, at_ups, cache, clock))
    if (usps := delivery.usps) is not None:
        http = resources.vendors.http(USPS, base_url=usps.base_url)
        at_usps = UspsSettings(
            client_id=usps.client_id,
            client_secret=usps.client_secret,
            ships_from=ships_from,
            price_type=delivery.usps_prices.name,
        )
        yield Carrier(name="USPS", flag=Flag.USPS, rates=UspsDeliveryRates(http, at_usps, cache, clock))
