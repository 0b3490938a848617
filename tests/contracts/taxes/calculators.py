"""The calculators under test, each with places and currencies that it serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from adapters.built_in.tax_table import TaxTable
from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.tax_rates import InMemoryKnownTaxRates
from adapters.in_memory.taxes import InMemoryTaxCalculator
from adapters.resilience.policies import TAXJAR
from adapters.taxes.remembered import RememberedTaxes
from adapters.taxjar.settings import TaxJarSettings
from adapters.taxjar.tax_calculator import TaxJarTaxCalculator
from domain.address import Address
from ports.taxes import TaxCalculator
from tests.builders import an_address
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

KEY: Final = "taxjar_sandbox_marked-secret"
QUEENS: Final = Address(
    country="US", region="NY", postcode="11430", city="Jamaica", line1="A Marked Road", name="Ada Marked"
)
VANCOUVER: Final = Address(country="CA", region="BC", postcode="V6B 1A1", city="Vancouver")
SYDNEY: Final = Address(country="AU", region="NSW", postcode="2000", city="Sydney")
_BERLIN: Final = an_address()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculator:
    taxes: TaxCalculator
    places: tuple[Address, ...]
    currencies: tuple[str, ...]


def settings(url: str, api_key: str = KEY) -> TaxJarSettings:
    return TaxJarSettings(api_key=api_key, base_url=url)


@asynccontextmanager
async def taxjar_at(url: str, api_key: str = KEY) -> AsyncIterator[TaxJarTaxCalculator]:
    async with client_under(TAXJAR) as http:
        yield TaxJarTaxCalculator(http, settings(url, api_key))


@asynccontextmanager
async def calculator(name: str, vendors: RunningSandbox) -> AsyncIterator[Calculator]:
    ours = tuple(an_address(country=country) for country in ("DE", "FR", "JP", "GB", "CH"))
    match name:
        case "fake":
            yield Calculator(taxes=InMemoryTaxCalculator(), places=ours, currencies=("EUR", "JPY", "KWD"))
        case "table":
            places = (*ours, QUEENS, VANCOUVER, SYDNEY)
            yield Calculator(taxes=TaxTable(), places=places, currencies=("EUR", "JPY", "KWD"))
        case _:
            places = (_BERLIN, an_address(country="FR"), QUEENS, VANCOUVER, SYDNEY)
            async with taxjar_at(f"{vendors.url}/taxjar") as taxjar:
                taxes = taxjar if name == "taxjar" else remembered(taxjar)
                yield Calculator(taxes=taxes, places=places, currencies=("EUR", "USD", "SEK"))


def remembered(service: TaxCalculator) -> RememberedTaxes:
    clock = ManualClock()
    cache, known = InMemoryCache(clock), InMemoryKnownTaxRates()
    return RememberedTaxes(service, "taxjar", cache=cache, known=known, clock=clock)
