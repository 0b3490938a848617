"""Which tax calculator a shop has, and whom its sales are told to."""

from collections.abc import Mapping
from typing import assert_never

import httpx

from adapters.built_in.tax_table import TaxTable
from adapters.flagged.taxes import FlaggedTaxes
from adapters.resilience.policies import TAXJAR
from adapters.taxes.remembered import RememberedTaxes
from adapters.taxjar.api import SERVICE as TAXJAR_SERVICE
from adapters.taxjar.places import serves
from adapters.taxjar.settings import TaxJarSettings
from adapters.taxjar.tax_calculator import TaxJarTaxCalculator
from adapters.taxjar.tax_reports import TaxJarTaxReports
from entrypoints.resources import Resources
from entrypoints.settings import Settings, SettingsRefused, TaxJarAccess, TaxSource
from ports.clock import Clock
from ports.tax_rates import KnownTaxRates
from ports.tax_reports import TaxReports
from ports.taxes import TaxCalculator


def taxjar_client(settings: Settings, resources: Resources) -> httpx.AsyncClient | None:
    """One for both of TaxJar's ports: they share its limits. None where TaxJar isn't set up."""
    return resources.vendors.http(TAXJAR) if settings.taxjar is not None else None


def taxjar_settings(access: TaxJarAccess) -> TaxJarSettings:
    return TaxJarSettings(api_key=access.api_key, base_url=access.base_url)


def tax_calculator(
    settings: Settings,
    resources: Resources,
    http: httpx.AsyncClient | None,
    known: KnownTaxRates,
    clock: Clock,
) -> TaxCalculator:
    """Our own table, or TaxJar where it serves and is switched on."""
    match settings.taxes:
        case TaxSource.BUILT_IN:
            return TaxTable()
        case TaxSource.TAXJAR:
            if settings.taxjar is None or http is None:
                raise SettingsRefused("taxes by TaxJar need TAXJAR_API_KEY")
            taxjar = TaxJarTaxCalculator(http, taxjar_settings(settings.taxjar))
            remembered = RememberedTaxes(
                taxjar, TAXJAR_SERVICE, cache=resources.cache, known=known, clock=clock
            )
            return FlaggedTaxes(resources.flags, remembered, TaxTable(), serves)
        case _:
            assert_never(settings.taxes)


def tax_services(settings: Settings, http: httpx.AsyncClient | None) -> Mapping[str, TaxReports]:
    """Those that can be told of sales, by the name that their answers carry: also one that isn't asked any
    more.
    """
    if settings.taxjar is None or http is None:
        return {}
    return {TAXJAR_SERVICE: TaxJarTaxReports(http, taxjar_settings(settings.taxjar))}
