"""Which flags have a vendor behind them in this installation: a flag chooses among what is set up."""

from collections.abc import Mapping
from typing import assert_never

from domain.shop import StockKeeper
from entrypoints.carrier_settings import DeliverySource
from entrypoints.settings import Settings, TaxSource
from ports.flags import Flag


def not_set_up(settings: Settings) -> Mapping[Flag, frozenset[str]]:
    """The values of each flag whose vendor these settings don't set up."""
    return {flag: frozenset(set(flag.choices) - _set_up(flag, settings)) for flag in Flag}


def _set_up(flag: Flag, settings: Settings) -> set[str]:
    """`off` needs nobody."""
    asks_carriers = settings.delivery.source is DeliverySource.CARRIERS
    match flag:
        case Flag.TAX_SERVICE:
            return _switch(is_set_up=settings.taxes is TaxSource.TAXJAR)
        case Flag.PLACES:
            return _switch(is_set_up=settings.google_maps is not None)
        case Flag.FEDEX:
            return _switch(is_set_up=asks_carriers and settings.delivery.fedex is not None)
        case Flag.UPS:
            return _switch(is_set_up=asks_carriers and settings.delivery.ups is not None)
        case Flag.USPS:
            return _switch(is_set_up=asks_carriers and settings.delivery.usps is not None)
        case Flag.INVENTORY_SERVICE:
            return _switch(is_set_up=settings.stock is StockKeeper.SERVICE)
        case Flag.MAIL_PROVIDER:
            return {"sendgrid"} if settings.sendgrid is not None else set()
        case Flag.PAYMENT_PROVIDER:
            return {
                *(["stripe"] if settings.stripe is not None else []),
                *(["adyen"] if settings.adyen is not None else []),
            }
        case _:
            assert_never(flag)


def _switch(*, is_set_up: bool) -> set[str]:
    return {"on", "off"} if is_set_up else {"off"}
