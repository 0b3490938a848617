"""The only wiring, read top to bottom: what was opened, then the adapter that serves each port, then the stories."""

from dependency_injector import containers, providers

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.built_in.tax_table import TaxTable
from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.idempotency import PostgresIdempotencyStore
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.sendgrid.email_sender import SendGridEmailSender
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.webhooks import StripePaymentWebhooks
from adapters.system_clock import SystemClock
from application.advance_order import AdvanceOrder
from application.buy_now import BuyNow
from application.cancel_order import CancelOrder
from application.change_checkout import ChangeCheckout
from application.confirm_payment import ConfirmPayment
from application.explain_order import ExplainOrder, ReadOrder
from application.keep_api_keys import CreateApiKey, RevokeApiKey
from application.keep_catalog import PutDiscountCode, PutProducts, ReceiveStock
from application.open_checkout import OpenCheckout
from application.own_steps import OwnSteps
from application.place_order import PlaceOrder
from application.quote_cart import QuoteCart
from application.read_checkout import CancelCheckout, QuoteDelivery, ReadCheckout
from application.receive_webhook import HandleWebhook, ReceiveWebhook
from application.send_message import SendMessage
from application.sweep import Sweep
from application.vendor_calls import VendorCalls
from entrypoints.http.use_cases import UseCases
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from ports.api_keys import ApiKeys
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.email import EmailSender
from ports.idempotency import IdempotencyStore
from ports.payments import PaymentGateway, PaymentWebhooks
from ports.queries import Queries
from ports.taxes import TaxCalculator
from ports.unit_of_work import UnitOfWorkFactory


def payment_gateway(settings: Settings) -> PaymentGateway:
    """Stripe where it is set up; otherwise payments are simulated in this process."""
    if settings.stripe is None:
        return InMemoryPaymentGateway(SystemClock())
    return StripePaymentGateway(stripe_settings(settings.stripe))


def payment_webhooks(settings: Settings) -> PaymentWebhooks:
    return StripePaymentWebhooks(settings.stripe.webhook_secret) if settings.stripe else NoPaymentWebhooks()


def email_sender(settings: Settings, resources: Resources) -> EmailSender:
    """SendGrid where it is set up; otherwise mail is kept in this process and goes nowhere."""
    if settings.sendgrid is None:
        return InMemoryEmailSender()
    return SendGridEmailSender(resources.http, sendgrid_settings(settings.sendgrid))


class Container(containers.DeclarativeContainer):
    """Flat and synchronous: what needs opening was opened before, and comes in as `resources`."""

    settings = providers.Dependency(instance_of=Settings)
    resources = providers.Dependency(instance_of=Resources)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    unit_of_work: providers.Provider[UnitOfWorkFactory] = providers.Factory(
        PostgresUnitOfWork, resources.provided.pool
    ).provider
