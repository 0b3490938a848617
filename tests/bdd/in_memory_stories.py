"""The use-cases wired to adapters that keep everything in memory: the container's twin without any server."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.built_in.tax_table import TaxTable
from adapters.flagged.taxes import FlaggedTaxes
from adapters.in_memory.books import InMemoryBooks
from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.faults import Fault, Moment
from adapters.in_memory.flags import InMemoryFlags
from adapters.in_memory.inventory import InMemoryInventory
from adapters.in_memory.late_payment_gateway import LateInMemoryPaymentGateway
from adapters.in_memory.nudges import SilentNudges
from adapters.in_memory.passwords import InMemoryPasswordHashing
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.payment_webhooks import ProviderEvent
from adapters.in_memory.places import InMemoryPlaces
from adapters.in_memory.queries import InMemoryQueries
from adapters.in_memory.reconciliations import InMemoryReconciliations
from adapters.in_memory.storage import Storage
from adapters.in_memory.subscription_billing import InMemorySubscriptionBilling
from adapters.in_memory.tax_rates import InMemoryKnownTaxRates
from adapters.in_memory.tax_reports import InMemoryTaxReports
from adapters.in_memory.taxes import InMemoryTaxCalculator
from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from adapters.taxes.remembered import RememberedTaxes
from application.advance_order import AdvanceOrder
from application.advance_subscription import AdvanceSubscription
from application.ask_carriers import AskCarriers, Carrier
from application.buy_now import BuyNow
from application.cancel_order import CancelOrder
from application.cancel_subscription import CancelSubscription
from application.change_checkout import ChangeCheckout
from application.change_plan import ChangePlan
from application.check_address import CheckAddress
from application.confirm_payment import ConfirmPayment
from application.delete_customer import DeleteCustomer
from application.email_shopper import EmailShopper
from application.email_subscriber import EmailSubscriber
from application.explain_order import ExplainOrder, ReadOrder
from application.export_customer import ExportCustomer
from application.follow_subscription import FollowSubscription
from application.keep_catalog import PutDiscountCode, PutProducts, ReceiveStock
from application.keep_plans import PutPlans
from application.look_after_customer import LookAfterCustomer
from application.mend_difference import MendDifference
from application.open_checkout import OpenCheckout
from application.own_steps import OwnSteps
from application.payment_providers import PaymentProviders
from application.place_order import PlaceOrder
from application.quote_cart import QuoteCart
from application.quote_delivery import QuoteDelivery
from application.read_case import ReadCase
from application.read_checkout import ReadCheckout
from application.read_customer import ReadCustomer
from application.receive_webhook import HandleWebhook, ReceiveWebhook
from application.reconcile import Reconcile
from application.reconcile_taxes import ReconcileTaxes
from application.record_act import RecordAct
from application.register_customer import RegisterCustomer
from application.replay_parked_work import ReplayParkedWork
from application.report_shortage import ReportShortage
from application.report_taxes import ReportTaxes
from application.request_refund import RequestRefund
from application.resolve_case import AssignCase, ResolveCase
from application.saved_methods import SavedMethods
from application.send_messages import SendMessages, tellers
from application.subscribe import Subscribe
from application.subscription_calls import SubscriptionCalls
from application.sweep import Sweep
from application.vendor_calls import VendorCalls
from domain.shop import ShopRules, StockKeeper
from ports.delivery_rates import DeliveryRates
from ports.errors import Rejected, Unavailable
from ports.flags import Flag
from ports.nudges import Nudges
from ports.payments import Subject, WebhookNotice
from ports.taxes import TaxCalculator

_TAX_SERVICE: Final = "taxes"
QUOTES_HOLD: Final = timedelta(minutes=30)


class Notices:
    """Implements `ports.payments.PaymentWebhooks` for the simulated provider, which signs nothing."""

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[WebhookNotice]:
        notice = json.loads(body)
        return [WebhookNotice(**{**notice, "about": Subject(notice["about"])})]


class OtherGateway(LateInMemoryPaymentGateway):
    """A second provider, where new orders may begin: it tells later what came of what it was asked for."""

    provider = "other"

    def __init__(self, clock: ManualClock) -> None:
        self.told: list[ProviderEvent] = []
        super().__init__(clock, tell=self.told.append)


class Carriers:
    """Three of them, each in memory; whoever is `silent` answers nobody."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self.rates = {
            flag.key: InMemoryDeliveryRates(fault=self._fault_of(flag.key), carrier=flag.key)
            for flag in (Flag.FEDEX, Flag.UPS, Flag.USPS)
        }

    def together(self, clock: ManualClock) -> DeliveryRates:
        return AskCarriers(
            carriers=[
                Carrier(name=name, flag=Flag[name.upper()], rates=rates) for name, rates in self.rates.items()
            ],
            flat_rates=FlatDeliveryRates(),
            flags=InMemoryFlags(),
            clock=clock,
            held_for=QUOTES_HOLD,
        )

    def _fault_of(self, carrier: str) -> Fault:
        def fault(operation: str, moment: Moment) -> None:
            if carrier in self.silent:
                raise Unavailable("timeout")

        return fault


class Stories:
    """Everything that a shop can be asked to do, on one storage and one clock that is moved by hand."""

    begins_with = InMemoryPaymentGateway.provider

    def __init__(self, stock_keeper: StockKeeper = StockKeeper.BUILT_IN, *, carriers: bool = False) -> None:
        self.rules = rules = ShopRules(delivery_quotes_hold=QUOTES_HOLD if carriers else None)
        nudges = SilentNudges()
        self.clock, self.carriers = (clock := ManualClock()), Carriers()
        self.storage, self.vault = (storage := Storage()), InMemoryCustomerVault(clock)
        self.gateway, self.other = InMemoryPaymentGateway(clock, customers=self.vault), OtherGateway(clock)
        self.payments = payments = PaymentProviders([self.gateway, self.other])
        self.takes_letters = True
        self.email = InMemoryEmailSender(self._refuse_letters)
        self.unit_of_work = unit_of_work = partial(InMemoryUnitOfWork, storage)
        rates = self.carriers.together(clock) if carriers else FlatDeliveryRates()
        self.inventory = inventory = InMemoryInventory(clock)
        keeper = partial(StockKeeper, stock_keeper)
        self.tax_books = InMemoryTaxReports()
        self.taxes_are_nonsense = self.places_are_away = False
        quote = QuoteCart(rates, self._taxes(), clock, rules, inventory=inventory, keeper=keeper)
        check_address = CheckAddress(InMemoryPlaces(fault=self._places_fault), clock)
        own_steps = OwnSteps(lambda order: self.begins_with, clock, rules)
        calls = VendorCalls(payments, clock, inventory=inventory)
        advance = AdvanceOrder(unit_of_work, own_steps, calls, clock)
        follow = self._sell_subscriptions()
        handle_webhook = HandleWebhook(unit_of_work, payments, advance, clock, follow_subscription=follow)
        self.queries = InMemoryQueries(storage)
        self.put_products = PutProducts(unit_of_work)
        self.put_discount_code = PutDiscountCode(unit_of_work)
        self.receive_stock = ReceiveStock(unit_of_work, clock)
        self.open_checkout = OpenCheckout(unit_of_work, quote, check_address, clock, rules)
        self.change_checkout = ChangeCheckout(unit_of_work, quote, check_address, clock)
        self.read_checkout = ReadCheckout(unit_of_work)
        self.quote_delivery = QuoteDelivery(unit_of_work, rates, clock, rules)
        self.place_order = PlaceOrder(
            unit_of_work=unit_of_work,
            quote=quote,
            advance=advance,
            own_steps=own_steps,
            clock=clock,
            rules=rules,
            keeper=keeper,
        )
        self.buy_now = BuyNow(self.open_checkout, self.place_order, rules)
        self.confirm_payment = ConfirmPayment(advance, clock, rules)
        self.cancel_order = CancelOrder(advance, clock)
        self.request_refund = RequestRefund(advance, clock)
        self.report_shortage = ReportShortage(advance, clock)
        self.read_order = ReadOrder(unit_of_work)
        self.explain_order = ExplainOrder(self.read_order, self.queries, clock)
        self.receive_webhook = ReceiveWebhook(unit_of_work, Notices(), clock, nudges)
        self.sweep = self._telling_and_sweeping(advance, handle_webhook)
        self._let_operators_in(RecordAct(unit_of_work, clock, nudges), nudges, advance)

    def _sell_subscriptions(self) -> FollowSubscription:
        self.look_after = LookAfterCustomer(self.unit_of_work, {self.vault.provider: self.vault}, self.clock)
        self.told_of_subscriptions: list[ProviderEvent] = []
        self.billing = InMemorySubscriptionBilling(self.clock, tell=self.told_of_subscriptions.append)
        self.put_plans = PutPlans(self.unit_of_work)
        billings = {self.billing.provider: self.billing}
        calls = SubscriptionCalls(billings, self.clock)
        self.advance_subscription = AdvanceSubscription(self.unit_of_work, calls, self.clock, self.rules)
        self.subscribe = Subscribe(
            *(self.unit_of_work, self.advance_subscription, self.look_after),
            *(self.billing.provider, self.clock),
        )
        self.change_plan = ChangePlan(self.unit_of_work, self.advance_subscription, self.clock)
        self.cancel_subscription = CancelSubscription(self.advance_subscription, self.clock)
        return FollowSubscription(self.unit_of_work, billings, self.advance_subscription, self.clock)

    def _telling_and_sweeping(self, advance: AdvanceOrder, handle_webhook: HandleWebhook) -> Sweep:
        report_taxes = ReportTaxes({_TAX_SERVICE: self.tax_books}, self.rules)
        told_by = tellers(EmailShopper(self.email), report_taxes)
        letters = EmailSubscriber(self.email, self.unit_of_work)
        send = SendMessages(self.unit_of_work, told_by, self.clock, letters=letters)
        passwords = InMemoryPasswordHashing(self.clock)
        self.register_customer = RegisterCustomer(self.unit_of_work, passwords, self.look_after, self.clock)
        read = ReadCustomer(self.unit_of_work)
        self.saved_methods = SavedMethods(read, {self.vault.provider: self.vault})
        self.export_customer = ExportCustomer(self.unit_of_work, read, self.saved_methods)
        self.delete_customer = DeleteCustomer(self.unit_of_work, self.look_after, self.clock)
        return Sweep(
            *(self.unit_of_work, advance, handle_webhook, send, self.clock),
            look_after_customer=self.look_after,
            advance_subscription=self.advance_subscription,
        )

    def _let_operators_in(self, record: RecordAct, nudges: Nudges, advance: AdvanceOrder) -> None:
        books = InMemoryBooks(self.storage)
        self.reconcile = Reconcile(
            self.payments,
            books,
            MendDifference(self.payments, advance, self.clock),
            ReconcileTaxes({_TAX_SERVICE: self.tax_books}, books, advance, self.rules, self.clock),
            reconciliations=InMemoryReconciliations(self.storage),
            clock=self.clock,
        )
        self.read_case = ReadCase(self.read_order, self.queries, self.clock)
        self.assign_case = AssignCase(record, self.queries, self.clock)
        self.resolve_case = ResolveCase(record, self.queries, self.clock)
        self.replay_parked_work = ReplayParkedWork(
            self.unit_of_work, record, self.queries, self.clock, nudges
        )

    def _refuse_letters(self, operation: str, moment: Moment) -> None:
        if not self.takes_letters:
            raise Rejected("recipient_refused")

    def gateway_of(self, provider: str) -> InMemoryPaymentGateway:
        return self.other if provider == self.other.provider else self.gateway

    def _taxes(self) -> TaxCalculator:
        """A service for the US, which wants to be told of sales, and our own table elsewhere."""
        service = RememberedTaxes(
            InMemoryTaxCalculator({"US": 88_750}, self._taxes_fault, _TAX_SERVICE),
            _TAX_SERVICE,
            cache=InMemoryCache(self.clock),
            known=InMemoryKnownTaxRates(),
            clock=self.clock,
        )
        return FlaggedTaxes(
            InMemoryFlags(), service, TaxTable(), lambda asked: asked.destination.country == "US"
        )

    def _taxes_fault(self, operation: str, moment: Moment) -> None:
        if self.taxes_are_nonsense:
            raise Unavailable("answer_invalid")

    def _places_fault(self, operation: str, moment: Moment) -> None:
        if self.places_are_away:
            raise Unavailable("breaker_open")
