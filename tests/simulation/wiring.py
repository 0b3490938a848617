"""The wiring, as `entrypoints.container` does it: the real use-cases of a process, ports behind seams."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from adapters.in_memory.books import InMemoryBooks
from adapters.in_memory.queries import InMemoryQueries
from adapters.in_memory.reconciliations import InMemoryReconciliations
from application.advance_order import AdvanceOrder
from application.advance_subscription import AdvanceSubscription
from application.buy_now import BuyNow
from application.cancel_order import CancelOrder
from application.change_checkout import ChangeCheckout
from application.check_address import CheckAddress
from application.confirm_payment import ConfirmPayment
from application.email_shopper import EmailShopper
from application.email_subscriber import EmailSubscriber
from application.explain_order import ReadOrder
from application.follow_subscription import FollowSubscription
from application.keep_catalog import ReceiveStock
from application.look_after_customer import LookAfterCustomer
from application.mend_difference import MendDifference
from application.open_checkout import OpenCheckout
from application.own_steps import OwnSteps
from application.payment_providers import PaymentProviders, always
from application.place_order import PlaceOrder
from application.quote_cart import QuoteCart
from application.quote_delivery import QuoteDelivery
from application.read_checkout import CancelCheckout
from application.receive_webhook import HandleWebhook, ReceiveWebhook
from application.reconcile import Reconcile
from application.reconcile_taxes import ReconcileTaxes
from application.record_act import RecordAct
from application.replay_parked_work import ReplayParkedWork
from application.report_shortage import ReportShortage
from application.request_refund import RequestRefund
from application.resolve_case import ResolveCase
from application.return_from_bank import ReturnFromBank
from application.send_messages import SendMessages, tellers
from application.subscription_calls import SubscriptionCalls
from application.sweep import Sweep
from application.vendor_calls import VendorCalls
from domain.identifiers import OrderId, ReturnId
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.email import EmailSender
from ports.inventory import InventoryService
from ports.nudges import Nudges
from ports.payment_ledger import PaymentProvider
from ports.places import Places
from ports.queries import Queries
from ports.taxes import TaxCalculator
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.simulation.seams import NudgesSeam, Port, Repository, UnitOfWorkSeam, VendorSeam

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.world import World


def own_address(order_id: OrderId, return_id: ReturnId) -> str:
    """Where banks send shoppers back to."""
    return f"https://shop.example/returns/{order_id}.{return_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The use-cases that somebody outside asks for."""

    open_checkout: OpenCheckout
    change_checkout: ChangeCheckout
    cancel_checkout: CancelCheckout
    quote_delivery: QuoteDelivery
    place_order: PlaceOrder
    buy_now: BuyNow
    confirm_payment: ConfirmPayment
    read_order: ReadOrder
    return_from_bank: ReturnFromBank
    cancel_order: CancelOrder
    request_refund: RequestRefund
    report_shortage: ReportShortage
    receive_stock: ReceiveStock
    resolve_case: ResolveCase
    replay_parked_work: ReplayParkedWork
    reconcile: Reconcile
    receive_webhook: ReceiveWebhook
    advance_order: AdvanceOrder
    handle_webhook: HandleWebhook
    sweep: Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a process reaches of the world, each port behind its own seam."""

    unit_of_work: UnitOfWorkFactory
    queries: Queries
    nudges: Nudges
    payments: PaymentProvider
    mail: EmailSender
    rates: DeliveryRates
    taxes: TaxCalculator
    places: Places
    inventory: InventoryService


def outside_of(process: "Process", world: "World") -> Outside:
    def vendor(name: str, real: object) -> Any:
        return Port(real, VendorSeam(name, process, world))

    def unit_of_work() -> AbstractAsyncContextManager[UnitOfWork]:
        return UnitOfWorkSeam(process, world)

    return Outside(
        unit_of_work=unit_of_work,
        queries=cast(Queries, Repository("storage.queries", InMemoryQueries(world.storage), process, world)),
        nudges=NudgesSeam(process, world),
        payments=vendor("payments", world.provider),
        mail=vendor("email", world.mailbox),
        rates=vendor("delivery", world.rates),
        taxes=vendor("taxes", world.taxes),
        places=vendor("places", world.places),
        inventory=vendor("inventory", world.inventory),
    )


def wired(process: "Process", world: "World") -> Application:
    """As `entrypoints.container` does it."""
    clock, rules, outside = process.clock, world.rules, outside_of(process, world)
    unit_of_work, queries, nudges = outside.unit_of_work, outside.queries, outside.nudges
    payments = PaymentProviders([outside.payments])
    own_steps = OwnSteps(always(outside.payments.provider), clock, rules)
    calls = VendorCalls(payments, clock, own_address, inventory=outside.inventory)
    advance = AdvanceOrder(unit_of_work, own_steps, calls, clock)
    quote = QuoteCart(
        outside.rates, outside.taxes, clock, rules, inventory=outside.inventory, keeper=world.keeps_stock
    )
    check_address = CheckAddress(outside.places, clock)
    open_checkout = OpenCheckout(unit_of_work, quote, check_address, clock, rules)
    place = PlaceOrder(
        unit_of_work=unit_of_work,
        quote=quote,
        advance=advance,
        own_steps=own_steps,
        clock=clock,
        rules=rules,
        keeper=world.keeps_stock,
    )
    record = RecordAct(unit_of_work, clock, nudges)
    # Nobody here subscribes, or becomes a customer.
    subscriptions = AdvanceSubscription(unit_of_work, SubscriptionCalls({}, clock), clock, rules)
    follow = FollowSubscription(unit_of_work, {}, subscriptions, clock)
    handle = HandleWebhook(unit_of_work, payments, advance, clock, follow_subscription=follow)
    return Application(
        open_checkout=open_checkout,
        change_checkout=ChangeCheckout(unit_of_work, quote, check_address, clock),
        cancel_checkout=CancelCheckout(unit_of_work, clock),
        quote_delivery=QuoteDelivery(unit_of_work, outside.rates, clock, rules),
        place_order=place,
        buy_now=BuyNow(open_checkout, place, rules),
        confirm_payment=ConfirmPayment(advance, clock, rules),
        read_order=ReadOrder(unit_of_work),
        return_from_bank=ReturnFromBank(unit_of_work, payments, advance, clock),
        cancel_order=CancelOrder(advance, clock),
        request_refund=RequestRefund(advance, clock),
        report_shortage=ReportShortage(advance, clock),
        receive_stock=ReceiveStock(unit_of_work, clock),
        resolve_case=ResolveCase(record, queries, clock),
        reconcile=_reconciling(payments, advance, process.clock, world),
        replay_parked_work=ReplayParkedWork(unit_of_work, record, queries, clock, nudges),
        receive_webhook=ReceiveWebhook(unit_of_work, world.webhooks, clock, nudges),
        advance_order=advance,
        handle_webhook=handle,
        sweep=_sweeping(outside, advance, handle, clock, subscriptions),
    )


def _sweeping(
    outside: Outside,
    advance: AdvanceOrder,
    handle: HandleWebhook,
    clock: Clock,
    subscriptions: AdvanceSubscription,
) -> Sweep:
    unit_of_work = outside.unit_of_work
    letters = EmailSubscriber(outside.mail, unit_of_work)
    send = SendMessages(unit_of_work, tellers(EmailShopper(outside.mail)), clock, letters=letters)
    return Sweep(
        *(unit_of_work, advance, handle, send, clock),
        look_after_customer=LookAfterCustomer(unit_of_work, {}, clock),
        advance_subscription=subscriptions,
    )


def _reconciling(
    payments: PaymentProviders, advance: AdvanceOrder, clock: Clock, world: "World"
) -> Reconcile:
    """The night's job; nobody's taxes come from a service that has books of its own."""
    books = InMemoryBooks(world.storage)
    return Reconcile(
        payments,
        books,
        MendDifference(payments, advance, clock),
        ReconcileTaxes({}, books, advance, world.rules, clock),
        reconciliations=InMemoryReconciliations(world.storage),
        clock=clock,
    )
