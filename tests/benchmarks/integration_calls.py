"""One typical call to each integration, through the adapter and the policy that the container gives it.

Each is a question that nobody asked before, so that no cache answers it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from adapters.taxjar.tax_calculator import TaxJarTaxCalculator
from domain.address import Address
from domain.catalog import Parcel
from domain.delivery import DeliveryQuestion
from domain.identifiers import AttemptId, LineId, OrderId, PaymentId, Sku
from domain.money import Money
from domain.order import SkuQuantity
from domain.packing import Pieces
from domain.payment import Instrument
from domain.shop import CaptureMethod
from domain.tax import TaxableLine, TaxQuestion
from entrypoints.carriers import carriers
from entrypoints.container import Container
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from entrypoints.taxes import taxjar_settings
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.inventory import HoldRequest, InventoryService
from ports.payments import PaymentGateway, PaymentRequest

SKU: Final = Sku("BENCH-000")
NEW_YORK: Final = Address(
    country="US", name="Guest", line1="350 5th Avenue", city="New York", region="NY", postcode="10118"
)

# Takes a number that no call before it had.
Call = Callable[[int], Awaitable[object]]


class SetUpIncomplete(Exception):
    """The settings leave out an integration that is to be measured."""


def calls_of(settings: Settings, resources: Resources) -> Mapping[str, Call]:
    """By the integration's name. Raises SetUpIncomplete."""
    container = Container(settings=settings, resources=resources)
    clock, taxjar_http, inventory = container.clock(), container.taxjar_http(), container.inventory()
    if settings.taxjar is None or taxjar_http is None or inventory is None:
        raise SetUpIncomplete
    taxjar = TaxJarTaxCalculator(taxjar_http, taxjar_settings(settings.taxjar))
    places = container.places()
    return {
        "Stripe": _payment(container.payments().of("stripe"), clock),
        "inventory": _hold(inventory, clock),
        "TaxJar": lambda number: taxjar.calculate(tax_question(number)),
        **{carrier.name: _rates(carrier.rates) for carrier in carriers(settings, resources, clock)},
        "Google Maps": lambda number: places.check(NEW_YORK),
    }


def tax_question(number: int) -> TaxQuestion:
    amounts = (Money.of(1_200 + number, "USD"), Money.of(2_400, "USD"))
    lines = tuple(
        TaxableLine(line_id=LineId(f"line_{index}"), tax_code="general", amount=amount)
        for index, amount in enumerate(amounts)
    )
    return TaxQuestion(destination=NEW_YORK, lines=lines, delivery=Money.of(900, "USD"))


def _rates(carrier: DeliveryRates) -> Call:
    """A pound more for each number: USPS's prices are kept by weight."""

    def ask(number: int) -> Awaitable[object]:
        mug = Parcel(weight_grams=100 + 454 * number, length_mm=120, width_mm=90, height_mm=100)
        question = DeliveryQuestion(
            destination=NEW_YORK,
            goods=(Pieces(piece=mug, quantity=1),),
            subtotal=Money.of(1_200, "USD"),
        )
        return carrier.offers(question)

    return ask


def _payment(gateway: PaymentGateway, clock: Clock) -> Call:
    """Created and confirmed in one call, as a purchase in a single call does it."""

    def create(number: int) -> Awaitable[object]:
        request = PaymentRequest(
            payment_id=PaymentId(clock.new_id("pay")),
            order_id=OrderId(clock.new_id("ord")),
            amount=Money.of(1_200 + number, "USD"),
            capture_method=CaptureMethod.MANUAL,
            instrument=Instrument(token="pm_card_visa"),
            return_url=None,
        )
        return gateway.create(request, AttemptId(clock.new_id("att")))

    return create


def _hold(inventory: InventoryService, clock: Clock) -> Call:
    def reserve(_: int) -> Awaitable[object]:
        request = HoldRequest(
            order_id=OrderId(clock.new_id("ord")),
            goods=(SkuQuantity(sku=SKU, quantity=1),),
            duration=timedelta(minutes=30),
        )
        return inventory.reserve(request, AttemptId(clock.new_id("att")))

    return reserve
