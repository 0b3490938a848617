"""The only wiring, read top to bottom: what was opened, then an adapter for each port, then the stories."""

from collections.abc import Mapping
from functools import partial

from dependency_injector import containers, providers

from adapters.argon2.password_hashing import Argon2PasswordHashing
from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.books import PostgresBooks
from adapters.postgres.idempotency import PostgresIdempotencyStore
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.reconciliations import PostgresReconciliations
from adapters.postgres.slots import PostgresSlots
from adapters.postgres.subscriptions import PostgresSubscriptionLists
from adapters.postgres.tax_rates import PostgresKnownTaxRates
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system_clock import SystemClock
from application.advance_order import AdvanceOrder
from application.advance_subscription import AdvanceSubscription
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
from application.keep_api_keys import CreateApiKey, RevokeApiKey
from application.keep_catalog import PutDiscountCode, PutProducts, ReceiveStock
from application.keep_plans import PutPlans
from application.look_after_customer import LookAfterCustomer
from application.mend_difference import MendDifference
from application.migrate_customers import CountLeft, MigrateCustomers
from application.open_checkout import OpenCheckout
from application.own_steps import OwnSteps
from application.payment_providers import PaymentChoice, PaymentProviders
from application.place_order import PlaceOrder
from application.quote_cart import QuoteCart
from application.quote_delivery import QuoteDelivery
from application.read_case import ReadCase
from application.read_checkout import CancelCheckout, ReadCheckout
from application.read_customer import ReadCustomer
from application.receive_webhook import HandleWebhook, ReceiveWebhook
from application.reconcile import Reconcile
from application.reconcile_nightly import ReconcileNightly
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
from application.stock_keeping import StockKeeping
from application.stock_report import ReportStock
from application.subscribe import Subscribe
from application.subscription_calls import SubscriptionCalls
from application.sweep import Sweep
from application.vendor_calls import ReturnAddress, VendorCalls
from entrypoints.carriers import delivery_rates
from entrypoints.customer_vaults import customer_vaults
from entrypoints.email import email_sender
from entrypoints.http.routes.returns import return_address
from entrypoints.http.use_cases import UseCases
from entrypoints.payment_providers import (
    adyen_webhooks,
    payment_choice,
    payment_providers,
    stripe_webhooks,
)
from entrypoints.payment_settings import PaymentVendor
from entrypoints.places import places_of
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from entrypoints.stock import inventory_service, stock_keeping
from entrypoints.subscription_billings import new_subscriptions_at, subscription_billings
from entrypoints.taxes import tax_calculator, tax_services, taxjar_client
from ports.api_keys import ApiKeys
from ports.books import Books
from ports.clock import Clock
from ports.customers import CustomerVault
from ports.delivery_rates import DeliveryRates
from ports.email import EmailSender
from ports.error_reports import ErrorReports
from ports.flags import FeatureFlags
from ports.idempotency import IdempotencyStore
from ports.inventory import InventoryService
from ports.passwords import PasswordHashing
from ports.payments import PaymentWebhooks
from ports.places import Places
from ports.queries import Queries
from ports.reconciliations import Reconciliations
from ports.slots import Slots
from ports.subscription_billing import SubscriptionBilling
from ports.subscriptions import SubscriptionLists
from ports.tax_rates import KnownTaxRates
from ports.tax_reports import TaxReports
from ports.taxes import TaxCalculator
from ports.unit_of_work import UnitOfWorkFactory


def own_return_address(settings: Settings) -> ReturnAddress | None:
    """Needs to know where browsers reach us; without that banks send shoppers straight to the shop."""
    return return_address(settings.public_url) if settings.public_url else None


class Container(containers.DeclarativeContainer):
    """Flat and synchronous: what needs opening was opened before, and comes in with `resources`."""

    settings = providers.Dependency(instance_of=Settings)
    resources = providers.Dependency(instance_of=Resources)
    rules = settings.provided.shop
    nudges = resources.provided.nudges
    flags: providers.Provider[FeatureFlags] = resources.provided.flags
    error_reports: providers.Provider[ErrorReports] = resources.provided.error_reports
    pool = resources.provided.pool

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    unit_of_work: providers.Provider[UnitOfWorkFactory] = providers.Factory(partial, PostgresUnitOfWork, pool)
    idempotency: providers.Provider[IdempotencyStore] = providers.Singleton(PostgresIdempotencyStore, pool)
    api_keys: providers.Provider[ApiKeys] = providers.Singleton(PostgresApiKeys, pool)
    queries: providers.Provider[Queries] = providers.Singleton(PostgresQueries, pool)
    books: providers.Provider[Books] = providers.Singleton(PostgresBooks, pool)
    reconciliations: providers.Provider[Reconciliations] = providers.Singleton(PostgresReconciliations, pool)
    slots: providers.Provider[Slots] = providers.Singleton(PostgresSlots, pool)
    simulated_customers = providers.Singleton(InMemoryCustomerVault, clock)
    payments: providers.Provider[PaymentProviders] = providers.Singleton(
        payment_providers, settings, resources, clock, simulated_customers
    )
    stripe_webhooks: providers.Provider[PaymentWebhooks] = providers.Singleton(stripe_webhooks, settings)
    adyen_webhooks: providers.Provider[PaymentWebhooks] = providers.Singleton(adyen_webhooks, settings)
    customer_vaults: providers.Provider[Mapping[str, CustomerVault]] = providers.Singleton(
        customer_vaults, settings, resources, simulated_customers
    )
    passwords: providers.Provider[PasswordHashing] = providers.Singleton(Argon2PasswordHashing)
    email: providers.Provider[EmailSender] = providers.Singleton(email_sender, settings, resources)
    delivery_rates: providers.Provider[DeliveryRates] = providers.Singleton(
        delivery_rates, settings, resources, flags, clock
    )
    taxjar_http = providers.Singleton(taxjar_client, settings, resources)
    known_tax_rates: providers.Provider[KnownTaxRates] = providers.Singleton(PostgresKnownTaxRates, pool)
    taxes: providers.Provider[TaxCalculator] = providers.Singleton(
        tax_calculator, settings, resources, taxjar_http, known_tax_rates, clock
    )
    tax_services: providers.Provider[Mapping[str, TaxReports]] = providers.Singleton(
        tax_services, settings, taxjar_http
    )

    places: providers.Provider[Places] = providers.Singleton(places_of, settings, resources)

    payment_choice: providers.Provider[PaymentChoice] = providers.Singleton(
        payment_choice, settings, flags, payments
    )
    own_steps = providers.Singleton(OwnSteps, payment_choice, clock, rules)
    banks_return_to = providers.Callable(own_return_address, settings)
    inventory: providers.Provider[InventoryService | None] = providers.Singleton(
        inventory_service, settings, resources, clock
    )
    keeper: providers.Provider[StockKeeping] = providers.Singleton(stock_keeping, settings, resources)
    vendor_calls = providers.Singleton(VendorCalls, payments, clock, banks_return_to, inventory=inventory)
    advance_order = providers.Singleton(AdvanceOrder, unit_of_work, own_steps, vendor_calls, clock)
    quote_cart = providers.Singleton(
        QuoteCart, delivery_rates, taxes, clock, rules, inventory=inventory, keeper=keeper
    )

    check_address = providers.Singleton(CheckAddress, places, clock)
    open_checkout = providers.Singleton(OpenCheckout, unit_of_work, quote_cart, check_address, clock, rules)
    change_checkout = providers.Singleton(ChangeCheckout, unit_of_work, quote_cart, check_address, clock)
    read_checkout = providers.Singleton(ReadCheckout, unit_of_work)
    quote_delivery = providers.Singleton(QuoteDelivery, unit_of_work, delivery_rates, clock, rules)
    cancel_checkout = providers.Singleton(CancelCheckout, unit_of_work, clock)
    place_order = providers.Singleton(
        PlaceOrder,
        unit_of_work=unit_of_work,
        quote=quote_cart,
        advance=advance_order,
        own_steps=own_steps,
        clock=clock,
        rules=rules,
        keeper=keeper,
    )
    buy_now = providers.Singleton(BuyNow, open_checkout, place_order, rules)
    confirm_payment = providers.Singleton(ConfirmPayment, advance_order, clock, rules)
    cancel_order = providers.Singleton(CancelOrder, advance_order, clock)
    request_refund = providers.Singleton(RequestRefund, advance_order, clock)
    report_shortage = providers.Singleton(ReportShortage, advance_order, clock)
    read_order = providers.Singleton(ReadOrder, unit_of_work)
    explain_order = providers.Singleton(ExplainOrder, read_order, queries, clock)
    receive_stripe_webhook = providers.Singleton(ReceiveWebhook, unit_of_work, stripe_webhooks, clock, nudges)
    receive_adyen_webhook = providers.Singleton(ReceiveWebhook, unit_of_work, adyen_webhooks, clock, nudges)
    subscription_billings: providers.Provider[Mapping[str, SubscriptionBilling]] = providers.Singleton(
        subscription_billings, settings, resources, clock
    )
    subscription_calls = providers.Singleton(SubscriptionCalls, subscription_billings, clock)
    advance_subscription = providers.Singleton(
        AdvanceSubscription, unit_of_work, subscription_calls, clock, rules
    )
    follow_subscription = providers.Singleton(
        FollowSubscription, unit_of_work, subscription_billings, advance_subscription, clock
    )
    handle_webhook = providers.Singleton(
        HandleWebhook,
        unit_of_work,
        payments,
        advance_order,
        clock,
        follow_subscription=follow_subscription,
    )
    return_from_bank = providers.Singleton(ReturnFromBank, unit_of_work, payments, advance_order, clock)
    email_shopper = providers.Singleton(EmailShopper, email)
    report_taxes = providers.Singleton(ReportTaxes, tax_services, rules)
    message_tellers = providers.Singleton(tellers, email_shopper, report_taxes)
    email_subscriber = providers.Singleton(
        EmailSubscriber, email, unit_of_work, settings.provided.storefront_url
    )
    send_message = providers.Singleton(
        SendMessages, unit_of_work, message_tellers, clock, letters=email_subscriber
    )
    look_after_customer = providers.Singleton(LookAfterCustomer, unit_of_work, customer_vaults, clock)
    register_customer = providers.Singleton(
        RegisterCustomer, unit_of_work, passwords, look_after_customer, clock
    )
    read_customer = providers.Singleton(ReadCustomer, unit_of_work)
    saved_methods = providers.Singleton(
        SavedMethods, read_customer, customer_vaults, unlisted=(PaymentVendor.ADYEN.value,)
    )
    export_customer = providers.Singleton(ExportCustomer, unit_of_work, read_customer, saved_methods)
    delete_customer = providers.Singleton(DeleteCustomer, unit_of_work, look_after_customer, clock)
    sweep = providers.Singleton(
        Sweep,
        unit_of_work,
        advance_order,
        handle_webhook,
        send_message,
        clock,
        look_after_customer=look_after_customer,
        advance_subscription=advance_subscription,
    )
    put_plans = providers.Singleton(PutPlans, unit_of_work)
    subscribe = providers.Singleton(
        Subscribe,
        unit_of_work,
        advance_subscription,
        look_after_customer,
        providers.Callable(new_subscriptions_at, settings),
        clock,
    )
    change_plan = providers.Singleton(ChangePlan, unit_of_work, advance_subscription, clock)
    cancel_subscription = providers.Singleton(CancelSubscription, advance_subscription, clock)
    subscription_lists: providers.Provider[SubscriptionLists] = providers.Singleton(
        PostgresSubscriptionLists, pool
    )
    mend_difference = providers.Singleton(MendDifference, payments, advance_order, clock)
    reconcile_taxes = providers.Singleton(ReconcileTaxes, tax_services, books, advance_order, rules, clock)
    reconcile = providers.Singleton(
        Reconcile,
        payments,
        books,
        mend_difference,
        reconcile_taxes,
        reconciliations=reconciliations,
        clock=clock,
    )
    reconcile_nightly = providers.Singleton(ReconcileNightly, reconcile, slots, clock)
    put_products = providers.Singleton(PutProducts, unit_of_work)
    put_discount_code = providers.Singleton(PutDiscountCode, unit_of_work)
    receive_stock = providers.Singleton(ReceiveStock, unit_of_work, clock)
    record_act = providers.Singleton(RecordAct, unit_of_work, clock, nudges)
    read_case = providers.Singleton(ReadCase, read_order, queries, clock)
    assign_case = providers.Singleton(AssignCase, record_act, queries, clock)
    resolve_case = providers.Singleton(ResolveCase, record_act, queries, clock)
    replay_parked_work = providers.Singleton(
        ReplayParkedWork, unit_of_work, record_act, queries, clock, nudges
    )
    report_stock = providers.Singleton(ReportStock, unit_of_work, queries, inventory, clock)
    migrate_customers = providers.Singleton(MigrateCustomers, unit_of_work, clock)
    count_left = providers.Singleton(CountLeft, unit_of_work, queries, subscription_lists, clock)
    create_api_key = providers.Singleton(CreateApiKey, api_keys, clock)
    revoke_api_key = providers.Singleton(RevokeApiKey, api_keys, clock)
    use_cases: providers.Provider[UseCases] = providers.Singleton(
        UseCases,
        open_checkout=open_checkout,
        change_checkout=change_checkout,
        check_address=check_address,
        read_checkout=read_checkout,
        quote_delivery=quote_delivery,
        cancel_checkout=cancel_checkout,
        place_order=place_order,
        buy_now=buy_now,
        confirm_payment=confirm_payment,
        cancel_order=cancel_order,
        read_order=read_order,
        explain_order=explain_order,
        request_refund=request_refund,
        report_shortage=report_shortage,
        receive_stripe_webhook=receive_stripe_webhook,
        receive_adyen_webhook=receive_adyen_webhook,
        return_from_bank=return_from_bank,
        put_products=put_products,
        put_discount_code=put_discount_code,
        put_plans=put_plans,
        subscribe=subscribe,
        change_plan=change_plan,
        cancel_subscription=cancel_subscription,
        receive_stock=receive_stock,
        register_customer=register_customer,
        read_customer=read_customer,
        saved_methods=saved_methods,
        export_customer=export_customer,
        delete_customer=delete_customer,
        read_case=read_case,
        assign_case=assign_case,
        resolve_case=resolve_case,
        replay_parked_work=replay_parked_work,
        unit_of_work=unit_of_work,
        queries=queries,
        reconciliations=reconciliations,
        subscription_lists=subscription_lists,
        idempotency=idempotency,
        api_keys=api_keys,
        clock=clock,
        rules=rules,
        error_reports=error_reports,
        storefront_url=settings.provided.storefront_url,
        health_checks=resources.provided.health_checks,
        dispensable=resources.provided.dispensable,
    )
