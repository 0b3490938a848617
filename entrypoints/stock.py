"""Where goods are kept: the inventory service as it is set up, and whether new orders go there."""

from adapters.flagged.stock_keeping import FlaggedStockKeeping
from adapters.inventory_service.inventory_service import HttpInventoryService
from adapters.inventory_service.mutual_tls import MutualTlsTransport
from adapters.inventory_service.settings import CertificateFiles, InventorySettings
from adapters.resilience.policies import INVENTORY
from application.stock_keeping import StockKeeping
from domain.shop import StockKeeper
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from ports.clock import Clock
from ports.inventory import InventoryService


def inventory_service(settings: Settings, resources: Resources, clock: Clock) -> InventoryService | None:
    """Where it is set up: also for orders that were placed when it kept the stock."""
    if (access := settings.inventory) is None:
        return None
    files = CertificateFiles(certificate=access.certificate, key=access.key, ca=access.ca)
    tls = MutualTlsTransport(files, at_once=INVENTORY.at_once)
    return HttpInventoryService(
        resources.vendors.http(INVENTORY, transport=tls),
        InventorySettings(base_url=access.base_url, api_key=access.api_key),
        resources.cache,
        clock,
    )


def stock_keeping(settings: Settings, resources: Resources) -> StockKeeping:
    """Who keeps the goods of new orders; the flag counts where the service is chosen."""
    return FlaggedStockKeeping(resources.flags, is_set_up=settings.stock is StockKeeper.SERVICE)
