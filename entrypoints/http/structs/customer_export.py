"""All that is known of a customer as one JSON document: what the API shows elsewhere, and the command line
prints.
"""

from datetime import datetime

import msgspec

from application.export_customer import CustomerExport
from domain.invoice import Invoice
from domain.shop import ShopRules
from domain.subscription import Subscription
from entrypoints.http.structs.checkouts import CheckoutShown, checkout_shown
from entrypoints.http.structs.customers import (
    CustomerShown,
    SavedMethodShown,
    customer_shown,
    saved_methods_shown,
)
from entrypoints.http.structs.orders import OrderShown, order_shown
from entrypoints.http.structs.values import MoneyStruct, money_shown
from ports.api_keys import Role


class ExportedInvoice(msgspec.Struct, frozen=True):
    id: str
    state: str
    total: MoneyStruct


class ExportedSubscription(msgspec.Struct, frozen=True):
    """What was subscribed to, and what was billed for it."""

    id: str
    plan_id: str
    title: str
    state: str
    created_at: datetime
    ended_at: datetime | None
    invoices: list[ExportedInvoice]


class ExportedMessage(msgspec.Struct, frozen=True):
    """`about` is an order or a subscription. Not `sent`: it waits, or could not be."""

    kind: str
    about: str
    sent: bool


class CustomerExportShown(msgspec.Struct, frozen=True):
    """Each order has its addresses, payments, refunds and disputes; `checkouts` became no order."""

    customer: CustomerShown
    payment_methods: list[SavedMethodShown]
    checkouts: list[CheckoutShown]
    orders: list[OrderShown]
    subscriptions: list[ExportedSubscription]
    messages: list[ExportedMessage]
    exported_at: datetime


def export_shown(export: CustomerExport, rules: ShopRules, now: datetime) -> CustomerExportShown:
    return CustomerExportShown(
        customer_shown(export.customer),
        saved_methods_shown(export.methods).items,
        [checkout_shown(checkout, rules, now, storefront_url=None) for checkout in export.checkouts],
        # As operators see it: with nothing that opens a payment.
        [order_shown(facts, Role.OPERATOR) for facts in export.orders],
        [_subscription(each) for each in export.subscriptions],
        [ExportedMessage(each.kind, each.about, each.sent) for each in export.told],
        now,
    )


def _subscription(subscription: Subscription) -> ExportedSubscription:
    return ExportedSubscription(
        subscription.id,
        subscription.terms.plan_id,
        subscription.terms.title,
        subscription.state.value,
        subscription.created_at,
        subscription.ended_at,
        [_invoice(invoice) for invoice in subscription.invoices],
    )


def _invoice(invoice: Invoice) -> ExportedInvoice:
    return ExportedInvoice(invoice.id, invoice.said.state.value, money_shown(invoice.said.total))
