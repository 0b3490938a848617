"""The requests about prices, subscriptions and invoices that the simulated Stripe answers."""

from enum import StrEnum
from typing import Final

from domain.plan import BillingInterval
from entrypoints.sandbox.stripe.endpoints import Call, Endpoint
from entrypoints.sandbox.stripe.errors import invalid_parameter
from entrypoints.sandbox.stripe.listing import page_of, read_window
from entrypoints.sandbox.stripe.method_bodies import Body
from entrypoints.sandbox.stripe.parameters import Parameters
from entrypoints.sandbox.stripe.subscription_bodies import invoice_body, price_body, subscription_body
from entrypoints.sandbox.stripe.subscription_models import PaymentBehavior
from entrypoints.sandbox.stripe.subscriptions import NewSubscription, SubscriptionChange


class _Interval(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class _Saving(StrEnum):
    OFF = "off"
    ON_SUBSCRIPTION = "on_subscription"


def _create_price(call: Call) -> Body:
    amount, currency = (
        call.parameters.required_integer("unit_amount"),
        call.parameters.required_text("currency"),
    )
    recurring, product = call.parameters.child("recurring"), call.parameters.child("product_data")
    if recurring is None or product is None:
        message = "The sandbox makes recurring prices with product_data only."
        raise invalid_parameter("recurring", message, "parameter_missing")
    interval = recurring.choice("interval", _Interval) or _Interval.MONTH
    count, name = recurring.integer("interval_count") or 1, product.required_text("name")
    for parameters in (recurring, product, call.parameters):
        parameters.finish()
    price = call.account.subscriptions.create_price(amount, currency, name, BillingInterval(interval), count)
    return price_body(price)


def _create_subscription(call: Call) -> Body:
    parameters = call.parameters
    customer, (_, price) = parameters.required_text("customer"), _read_item(parameters)
    if price is None:
        raise invalid_parameter("items", "Missing required param: items.", "parameter_missing")
    settings = parameters.child("payment_settings")
    saving = settings.choice("save_default_payment_method", _Saving) if settings else None
    wanted = NewSubscription(
        customer=customer,
        price=price,
        behavior=parameters.choice("payment_behavior", PaymentBehavior) or PaymentBehavior.ALLOW_INCOMPLETE,
        default_payment_method=parameters.text("default_payment_method"),
        saves_method=saving is _Saving.ON_SUBSCRIPTION,
        metadata=dict(parameters.metadata()),
    )
    parameters.ignore("off_session", "proration_behavior", "description")
    parameters.finish()
    return subscription_body(call.account.subscriptions.create(wanted))


def _update_subscription(call: Call) -> Body:
    item_id, price = _read_item(call.parameters)
    change = SubscriptionChange(
        item_id=item_id,
        price=price,
        cancel_at_period_end=call.parameters.boolean("cancel_at_period_end"),
        default_payment_method=call.parameters.text("default_payment_method"),
        metadata=dict(call.parameters.metadata()),
    )
    call.parameters.ignore("off_session", "proration_behavior", "payment_behavior", "description")
    call.parameters.finish()
    return subscription_body(call.account.subscriptions.update(call.id, change))


def _cancel_subscription(call: Call) -> Body:
    call.parameters.ignore("invoice_now", "prorate", "cancellation_details")
    call.parameters.finish()
    return subscription_body(call.account.subscriptions.cancel(call.id))


def _retrieve_subscription(call: Call) -> Body:
    call.parameters.finish()
    return subscription_body(call.account.subscriptions.retrieve(call.id))


def _list_subscriptions(call: Call) -> Body:
    window, customer = read_window(call.parameters), call.parameters.text("customer")
    status = call.parameters.text("status")
    call.parameters.finish()
    wanted = (
        subscription
        for subscription in reversed(call.account.records.subscriptions.values())
        if customer in (None, subscription.customer)
        and (status in ("all", subscription.status) or (status is None and not subscription.is_over))
    )
    return page_of(wanted, window, "/v1/subscriptions", subscription_body)


def _retrieve_invoice(call: Call) -> Body:
    call.parameters.finish()
    return invoice_body(call.account.invoices.retrieve(call.id))


def _list_invoices(call: Call) -> Body:
    window = read_window(call.parameters)
    customer, subscription = call.parameters.text("customer"), call.parameters.text("subscription")
    call.parameters.finish()
    wanted = (
        invoice
        for invoice in reversed(call.account.records.invoices.values())
        if customer in (None, invoice.customer) and subscription in (None, invoice.subscription)
    )
    return page_of(wanted, window, "/v1/invoices", invoice_body)


def _read_item(parameters: Parameters) -> tuple[str | None, str | None]:
    """The id and the price of the one item that a subscription has here."""
    items = parameters.child("items")
    item = items.child("0") if items else None
    if items is None or item is None:
        return None, None
    read = item.text("id"), item.text("price")
    item.finish()
    items.finish()
    return read


SUBSCRIPTION_ENDPOINTS: Final = (
    Endpoint(method="POST", path="/prices", operation="prices.create", answer=_create_price),
    Endpoint(
        method="POST", path="/subscriptions", operation="subscriptions.create", answer=_create_subscription
    ),
    Endpoint(method="GET", path="/subscriptions", operation="subscriptions.list", answer=_list_subscriptions),
    Endpoint(
        method="GET",
        path="/subscriptions/{id:str}",
        operation="subscriptions.retrieve",
        answer=_retrieve_subscription,
    ),
    Endpoint(
        method="POST",
        path="/subscriptions/{id:str}",
        operation="subscriptions.update",
        answer=_update_subscription,
    ),
    Endpoint(
        method="DELETE",
        path="/subscriptions/{id:str}",
        operation="subscriptions.cancel",
        answer=_cancel_subscription,
    ),
    Endpoint(method="GET", path="/invoices", operation="invoices.list", answer=_list_invoices),
    Endpoint(
        method="GET", path="/invoices/{id:str}", operation="invoices.retrieve", answer=_retrieve_invoice
    ),
)
