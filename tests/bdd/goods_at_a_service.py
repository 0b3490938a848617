"""The same two shops, but an inventory service keeps their goods: shoppers must not see any difference."""

from domain.identifiers import Sku
from domain.money import Money
from domain.shop import StockKeeper
from tests.bdd.http_shop import HttpShop
from tests.bdd.in_memory_shop import InMemoryShop
from tests.bdd.in_memory_stories import Stories
from tests.bdd.people import PLENTY
from tests.bdd.shop import Pieces


class InMemoryShopAtAService(InMemoryShop):
    def __init__(self) -> None:
        self._at_service = Stories(StockKeeper.SERVICE)
        super().__init__(self._at_service)

    def sell(self, title: str, *prices: Money) -> None:
        super().sell(title, *prices)
        inventory = self._at_service.inventory
        if not inventory.received(Sku(title)):
            inventory.receive(Sku(title), PLENTY)

    def keep_in_stock(self, title: str, pieces: int) -> None:
        self._at_service.inventory.receive(Sku(title), pieces - self.pieces(title).free)

    def pieces(self, title: str) -> Pieces:
        inventory, sku = self._at_service.inventory, Sku(title)
        return Pieces(held=inventory.held(sku), sold=inventory.sold(sku), free=inventory.free(sku))


class HttpShopAtAService(HttpShop):
    def sell(self, title: str, *prices: Money) -> None:
        is_new = self._sku(title) not in self._titles
        super().sell(title, *prices)
        if is_new:
            self._receive(title, PLENTY)

    def keep_in_stock(self, title: str, pieces: int) -> None:
        self._receive(title, pieces - self.pieces(title).free)

    def pieces(self, title: str) -> Pieces:
        shelves = self._sandbox.get("/_control/inventory")["shelves"]
        shelf = next(shelf for shelf in shelves if shelf["sku"] == self._sku(title))
        return Pieces(held=shelf["reserved"], sold=shelf["sold"], free=shelf["available"])

    def _receive(self, title: str, pieces: int) -> None:
        self._sandbox.post(f"/_control/inventory/products/{self._sku(title)}/receive", {"pieces": pieces})
