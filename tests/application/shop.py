"""A whole shop in memory for the application's tests: one product, one payment provider, a clock to turn."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.built_in.tax_table import TaxTable
from adapters.flagged.places import FlaggedPlaces
from adapters.in_memory.books import InMemoryBooks
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.in_memory.faults import Moment
from adapters.in_memory.flags import InMemoryFlags
from adapters.in_memory.inventory import InMemoryInventory
from adapters.in_memory.nudges import SilentNudges
from adapters.in_memory.passwords import InMemoryPasswordHashing
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.places import InMemoryPlaces
from adapters.in_memory.queries import InMemoryQueries
from adapters.in_memory.reconciliations import InMemoryReconciliations
from adapters.in_memory.storage import Storage
from adapters.in_memory.subscription_billing import InMemorySubscriptionBilling
from adapters.in_memory.tax_reports import InMemoryTaxReports
from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from application.advance_order import AdvanceOrder
from application.advance_subscription import AdvanceSubscription
from application.buy_now import BuyNow, Purchase
from application.cancel_order import CancelOrder
from application.cancel_subscription import CancelSubscription
from application.cart_draft import CartDraft, DraftLine
from application.change_checkout import ChangeCheckout
from application.change_plan import ChangePlan
from application.check_address import CheckAddress
from application.confirm_payment import ConfirmPayment, PaymentTry
from application.delete_customer import DeleteCustomer
from application.email_shopper import EmailShopper
from application.email_subscriber import EmailSubscriber
from application.explain_order import ReadOrder
from application.export_customer import ExportCustomer
from application.follow_subscription import FollowSubscription
from application.look_after_customer import LookAfterCustomer
from application.mend_difference import MendDifference
from application.open_checkout import OpenCheckout
from application.own_steps import OwnSteps
from application.payment_providers import PaymentChoice, PaymentProviders, always
from application.place_order import Placement, PlaceOrder
from application.quote_cart import QuoteCart
from application.read_case import ReadCase
from application.read_customer import ReadCustomer
from application.receive_webhook import HandleWebhook
from application.reconcile import Reconcile
from application.reconcile_taxes import ReconcileTaxes
from application.record_act import RecordAct
from application.register_customer import RegisterCustomer
from application.replay_parked_work import ReplayParkedWork
from application.report_shortage import ReportShortage
from application.report_taxes import ReportTaxes
from application.request_refund import RequestRefund
from application.resolve_case import AssignCase, ResolveCase
from application.return_from_bank import ReturnFromBank
from application.saved_methods import SavedMethods
from application.send_messages import SendMessages, tellers
from application.subscribe import Subscribe
from application.subscription_calls import SubscriptionCalls
from application.sweep import Sweep
from application.vendor_calls import VendorCalls
from domain.address import Address
from domain.catalog import Product
from domain.identifiers import OrderId, ReturnId, Sku
from domain.money import Currency, Money
from domain.order import SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.shop import ShopRules, StockKeeper
from ports.delivery_rates import DeliveryRates
from ports.errors import PortError
from ports.flags import Flag
from ports.stock import StockLevel
from ports.tax_reports import TaxReports
from ports.taxes import TaxCalculator
from ports.unit_of_work import UnitOfWork

TEA = Sku("TEA")
EUR = Currency.of("EUR")
TOTAL_MINOR = 2023
WORKS = Instrument(token="pm_card_visa")
LACKS_FUNDS = Instrument(token="pm_card_visa_chargeDeclinedInsufficientFunds")
ASKS_BANK = Instrument(token="pm_card_threeDSecure2Required")


@dataclass
class Faults:
    """What goes wrong next: an error for an operation, before its effect or after it; and what was asked."""

    planned: list[tuple[str, Moment, PortError]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, operation: str, moment: Moment) -> None:
        if moment == "before":
            self.asked.append(operation)
        for plan in self.planned:
            if plan[:2] == (operation, moment):
                self.planned.remove(plan)
                raise plan[2]


def own_address(order_id: OrderId, return_id: ReturnId) -> str:
    """Where banks send shoppers back to."""
    return f"http://shop/returns/{order_id}.{return_id}"


class Shop:
    gateway: type[InMemoryPaymentGateway] = InMemoryPaymentGateway
    rules = ShopRules()

    def __init__(self, pieces: int = 10, stock_keeper: StockKeeper = StockKeeper.BUILT_IN) -> None:
        self._pieces, self.stock_keeper = pieces, stock_keeper
        self.clock, self.storage = ManualClock(), Storage()
        self.rates, self.faults = self.delivery_rates(), Faults()
        self.provider = self.gateway(self.clock, self.faults)
        self.vault = self.provider.customers
        self.mail = InMemoryEmailSender(self.faults)
        self.queries, self.error_reports = InMemoryQueries(self.storage), InMemoryErrorReports()
        self.payments = PaymentProviders([self.provider])
        self.own_steps = own_steps = OwnSteps(self.payment_choice(), self.clock, self.rules)
        self.inventory = InMemoryInventory(self.clock, self.faults)
        self.calls = VendorCalls(self.payments, self.clock, own_address, inventory=self.inventory)
        self.advance = AdvanceOrder(self.unit_of_work, own_steps, self.calls, self.clock)
        self.tax_books = InMemoryTaxReports(self.faults)
        self.quote = quote = self.quotes()
        self.flags = InMemoryFlags()
        self.flags.turn(Flag.PLACES, "off")
        self.places = InMemoryPlaces(fault=self.faults)
        self.check_address = CheckAddress(FlaggedPlaces(self.flags, self.places), self.clock)
        self.open = OpenCheckout(self.unit_of_work, quote, self.check_address, self.clock, self.rules)
        self.change = ChangeCheckout(self.unit_of_work, quote, self.check_address, self.clock)
        self.place_order = PlaceOrder(
            unit_of_work=self.unit_of_work,
            quote=quote,
            advance=self.advance,
            own_steps=own_steps,
            clock=self.clock,
            rules=self.rules,
            keeper=self.keeper,
        )
        self.buy_now = BuyNow(self.open, self.place_order, self.rules)
        self.confirm = ConfirmPayment(self.advance, self.clock, self.rules)
        self.cancel = CancelOrder(self.advance, self.clock)
        self.request_refund = RequestRefund(self.advance, self.clock)
        self.report_shortage = ReportShortage(self.advance, self.clock)
        self.return_from_bank = ReturnFromBank(self.unit_of_work, self.payments, self.advance, self.clock)
        self._sell_subscriptions()
        self.handle_webhook = HandleWebhook(
            *(self.unit_of_work, self.payments, self.advance, self.clock),
            follow_subscription=self.follow_subscription,
        )
        self.sweep = self._telling_and_sweeping()
        self.reconciliations = InMemoryReconciliations(self.storage)
        self.reconcile = self._reconcile()
        record = RecordAct(self.unit_of_work, self.clock, SilentNudges())
        self.read_case = ReadCase(ReadOrder(self.unit_of_work), self.queries, self.clock)
        self.assign_case = AssignCase(record, self.queries, self.clock)
        self.resolve_case = ResolveCase(record, self.queries, self.clock)
        replay = ReplayParkedWork(self.unit_of_work, record, self.queries, self.clock, SilentNudges())
        self.replay_parked_work = replay

    def _customers(self) -> LookAfterCustomer:
        vaults = {self.vault.provider: self.vault}
        look_after = LookAfterCustomer(self.unit_of_work, vaults, self.clock)
        self.register_customer = RegisterCustomer(
            self.unit_of_work, InMemoryPasswordHashing(self.clock), look_after, self.clock
        )
        self.read_customer = ReadCustomer(self.unit_of_work)
        self.saved_methods = SavedMethods(self.read_customer, vaults, unlisted=("adyen",))
        self.export_customer = ExportCustomer(self.unit_of_work, self.read_customer, self.saved_methods)
        self.delete_customer = DeleteCustomer(self.unit_of_work, look_after, self.clock)
        return look_after

    def _sell_subscriptions(self) -> None:
        self.look_after_customer = self._customers()
        self.billing = InMemorySubscriptionBilling(self.clock, self.faults)
        billings = {self.billing.provider: self.billing}
        calls = SubscriptionCalls(billings, self.clock)
        self.advance_subscription = AdvanceSubscription(self.unit_of_work, calls, self.clock, self.rules)
        self.follow_subscription = FollowSubscription(
            self.unit_of_work, billings, self.advance_subscription, self.clock
        )
        self.subscribe = Subscribe(
            self.unit_of_work,
            self.advance_subscription,
            self.look_after_customer,
            self.billing.provider,
            self.clock,
        )
        self.change_plan = ChangePlan(self.unit_of_work, self.advance_subscription, self.clock)
        self.cancel_subscription = CancelSubscription(self.advance_subscription, self.clock)

    def _telling_and_sweeping(self) -> Sweep:
        self.tax_services: dict[str, TaxReports] = {"books": self.tax_books}
        report_taxes = ReportTaxes(self.tax_services, self.rules)
        told_by = tellers(EmailShopper(self.mail), report_taxes)
        letters = EmailSubscriber(self.mail, self.unit_of_work)
        send = SendMessages(self.unit_of_work, told_by, self.clock, letters=letters)
        return Sweep(
            self.unit_of_work,
            self.advance,
            self.handle_webhook,
            send,
            self.clock,
            look_after_customer=self.look_after_customer,
            advance_subscription=self.advance_subscription,
        )

    def quotes(self) -> QuoteCart:
        return QuoteCart(
            self.rates,
            self.taxes(),
            self.clock,
            self.rules,
            inventory=self.inventory,
            keeper=self.keeper,
        )

    def _reconcile(self) -> Reconcile:
        mend = MendDifference(self.payments, self.advance, self.clock)
        books = InMemoryBooks(self.storage)
        taxes = ReconcileTaxes(self.tax_services, books, self.advance, self.rules, self.clock)
        return Reconcile(
            self.payments, books, mend, taxes, reconciliations=self.reconciliations, clock=self.clock
        )

    def delivery_rates(self) -> DeliveryRates:
        return FlatDeliveryRates()

    def taxes(self) -> TaxCalculator:
        return TaxTable()

    def keeper(self) -> StockKeeper:
        return self.stock_keeper

    def unit_of_work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return InMemoryUnitOfWork(self.storage)

    def payment_choice(self) -> PaymentChoice:
        return always(self.provider.provider)

    async def stocked(self) -> Self:
        async with self.unit_of_work() as uow:
            await uow.catalog.put([Product(sku=TEA, title="Tea", prices=(Money.of(1200, "EUR"),))])
            if self.stock_keeper is StockKeeper.BUILT_IN:
                await uow.stock.receive([SkuQuantity(sku=TEA, quantity=self._pieces)])
            else:
                self.inventory.receive(TEA, self._pieces)
            await uow.commit()
        return self

    async def placed(self, instrument: Instrument | None = None, quantity: int = 1) -> OrderFacts:
        """An order for tea to Germany; one piece is 20.23 EUR."""
        opened = await self.open(EUR, draft(quantity))
        return await self.place_order(
            Placement(
                checkout_id=opened.checkout.id,
                version=opened.checkout.version,
                accepted_total_minor=opened.checkout.pricing.totals.total.minor,
                instrument=instrument,
            )
        )

    async def bought(self, instrument: Instrument = WORKS) -> OrderFacts:
        purchase = Purchase(
            currency=EUR, draft=draft(), accepted_total_minor=TOTAL_MINOR, instrument=instrument
        )
        return (await self.buy_now(purchase)).facts

    async def tries(
        self, facts: OrderFacts, instrument: Instrument, return_url: str | None = None
    ) -> OrderFacts:
        return await self.confirm(
            PaymentTry(order_id=facts.order.id, instrument=instrument, return_url=return_url)
        )

    async def after(self, order_id: OrderId, wait: timedelta) -> OrderFacts:
        """What the sweeper has made of the order when this time has passed."""
        self.clock.advance(wait)
        swept = await self.sweep()
        assert not swept.failures
        return await self.facts(order_id)

    async def facts(self, order_id: OrderId) -> OrderFacts:
        async with self.unit_of_work() as uow:
            facts = await uow.orders.get(order_id)
        assert facts is not None
        return facts

    def collected(self, facts: OrderFacts) -> int:
        return sum(self.provider.held_minor(payment.id) for payment in facts.payments)

    @property
    def stock(self) -> StockLevel:
        return self.storage.stock[TEA]

    async def balances(self, order_id: OrderId) -> dict[str, int]:
        return {row.account.value: row.minor for row in await self.queries.balances(order_id)}


def draft(quantity: int = 1) -> CartDraft:
    return CartDraft(
        lines=(DraftLine(sku=TEA, quantity=quantity),),
        email="shopper@example.com",
        name="A. Shopper",
        shipping_address=Address(country="DE", line1="Hauptstr. 1", city="Berlin", postcode="10115"),
        delivery_option_id="standard",
    )
