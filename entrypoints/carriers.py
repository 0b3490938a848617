"""Delivery rates, by the carriers that are set up, each with its adapter under its policy: a part of the
wiring that has a room of its own because there are several of them.
"""

from collections.abc import Iterator
from typing import assert_never

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.fedex.delivery_rates import FedExDeliveryRates
from adapters.fedex.settings import FedExSettings
from adapters.resilience.policies import FEDEX, UPS, USPS
from adapters.ups.delivery_rates import UpsDeliveryRates
from adapters.ups.settings import UpsSettings
from adapters.usps.delivery_rates import UspsDeliveryRates
from adapters.usps.settings import UspsSettings
from application.ask_carriers import AskCarriers, Carrier
from entrypoints.carrier_settings import DeliverySource
from entrypoints.resources import Resources
from entrypoints.settings import Settings, SettingsRefused
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.flags import FeatureFlags, Flag


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


def delivery_rates(
    settings: Settings, resources: Resources, flags: FeatureFlags, clock: Clock
) -> DeliveryRates:
    """Flat rates, or the carriers with flat rates behind them."""
    held_for = settings.shop.delivery_quotes_hold
    match settings.delivery.source:
        case DeliverySource.BUILT_IN:
            return FlatDeliveryRates()
        case DeliverySource.CARRIERS:
            if held_for is None:
                raise SettingsRefused("carriers' quotes need a time to be held for")
            return AskCarriers(
                carriers=tuple(carriers(settings, resources, clock)),
                flat_rates=FlatDeliveryRates(),
                flags=flags,
                clock=clock,
                held_for=held_for,
            )
        case _:
            assert_never(settings.delivery.source)
