"""Every request that the simulated Stripe answers, as one table."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from entrypoints.sandbox.stripe.account import StripeAccount
from entrypoints.sandbox.stripe.bodies import (
    charge_body,
    endpoint_body,
    intent_body,
    public_intent_body,
    refund_body,
)
from entrypoints.sandbox.stripe.commands import PaymentChange, PaymentDetails
from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter, unauthorized
from entrypoints.sandbox.stripe.event_bodies import dispute_body, event_body
from entrypoints.sandbox.stripe.listing import page_of, read_window
from entrypoints.sandbox.stripe.method_bodies import Body, customer_body, method_body
from entrypoints.sandbox.stripe.models import PaymentIntent
from entrypoints.sandbox.stripe.parameters import Parameters
from entrypoints.sandbox.stripe.requests import (
    read_cancellation_reason,
    read_card_number,
    read_confirmation,
    read_customer,
    read_new_payment,
    read_new_refund,
    read_payment_change,
)
from entrypoints.sandbox.stripe.test_methods import behaviour_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`id` is the one in the path, if any. `from_browser`: sent with the publishable key."""

    account: StripeAccount
    id: str
    parameters: Parameters
    from_browser: bool


Answerer: TypeAlias = Callable[[Call], Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    method: Literal["GET", "POST", "DELETE"]
    path: str
    operation: str
    answer: Answerer
    open_to_browsers: bool = False


def _create_payment(call: Call) -> Body:
    wanted = read_new_payment(call.parameters)
    call.parameters.finish()
    return intent_body(call.account.payments.create(wanted))


def _retrieve_payment(call: Call) -> Body:
    secret = call.parameters.text("client_secret")
    call.parameters.finish()
    return _seen_by(call, _payment_for(call, secret))


def _update_payment(call: Call) -> Body:
    change = read_payment_change(call.parameters)
    call.parameters.finish()
    return intent_body(call.account.payments.update(call.id, change))


def _confirm_payment(call: Call) -> Body:
    secret = call.parameters.text("client_secret")
    confirmation = read_confirmation(call.parameters, from_browser=call.from_browser)
    number = read_card_number(call.parameters) if call.from_browser else None
    call.parameters.finish()
    intent = _payment_for(call, secret)
    if number is not None:
        method = call.account.records.method_from_number(number)
        confirmation = replace(confirmation, payment_method=method.id)
    return _seen_by(call, call.account.payments.confirm(intent.id, confirmation))


def _capture_payment(call: Call) -> Body:
    amount, metadata = call.parameters.integer("amount_to_capture"), call.parameters.metadata()
    call.parameters.finish()
    call.account.payments.capture(call.id, amount)
    change = PaymentChange(details=PaymentDetails(metadata=metadata))
    return intent_body(call.account.payments.update(call.id, change))


def _cancel_payment(call: Call) -> Body:
    reason = read_cancellation_reason(call.parameters)
    call.parameters.finish()
    return intent_body(call.account.payments.cancel(call.id, reason))


def _list_payments(call: Call) -> Body:
    window, customer = read_window(call.parameters), call.parameters.text("customer")
    call.parameters.finish()
    newest = reversed(call.account.records.intents.values())
    wanted = (intent for intent in newest if customer is None or intent.customer == customer)
    return page_of(wanted, window, "/v1/payment_intents", intent_body)


def _create_refund(call: Call) -> Body:
    wanted = read_new_refund(call.parameters)
    call.parameters.finish()
    return refund_body(call.account.refunds.create(wanted))


def _list_refunds(call: Call) -> Body:
    window = read_window(call.parameters)
    payment, charge = call.parameters.text("payment_intent"), call.parameters.text("charge")
    call.parameters.finish()
    wanted = (
        refund
        for refund in reversed(call.account.records.refunds.values())
        if payment in (None, refund.payment_intent) and charge in (None, refund.charge)
    )
    return page_of(wanted, window, "/v1/refunds", refund_body)


def _list_disputes(call: Call) -> Body:
    window = read_window(call.parameters)
    payment, charge = call.parameters.text("payment_intent"), call.parameters.text("charge")
    call.parameters.finish()
    wanted = (
        dispute
        for dispute in reversed(call.account.records.disputes.values())
        if payment in (None, dispute.payment_intent) and charge in (None, dispute.charge)
    )
    return page_of(wanted, window, "/v1/disputes", dispute_body)


def _create_customer(call: Call) -> Body:
    facts = read_customer(call.parameters)
    call.parameters.finish()
    return customer_body(call.account.customers.create(facts))


def _update_customer(call: Call) -> Body:
    facts = read_customer(call.parameters)
    call.parameters.finish()
    return customer_body(call.account.customers.update(call.id, facts))


def _delete_customer(call: Call) -> Body:
    return {"id": call.account.customers.delete(call.id).id, "object": "customer", "deleted": True}


def _list_customers(call: Call) -> Body:
    window, email = read_window(call.parameters), call.parameters.text("email")
    call.parameters.finish()
    return page_of(call.account.customers.newest_first(email), window, "/v1/customers", customer_body)


def _list_customers_methods(call: Call) -> Body:
    window, type_ = read_window(call.parameters, by_time=False), call.parameters.text("type")
    call.parameters.finish()
    customer = call.account.customers.retrieve(call.id)
    saved = [
        method
        for method in call.account.customers.methods_of(customer.id)
        if type_ in (None, behaviour_of(method).type)
    ]
    return page_of(saved, window, f"/v1/customers/{customer.id}/payment_methods", method_body)


def _attach_method(call: Call) -> Body:
    customer = call.parameters.required_text("customer")
    call.parameters.finish()
    return method_body(call.account.customers.attach(call.id, customer))


def _list_events(call: Call) -> Body:
    window = read_window(call.parameters)
    one, many = call.parameters.text("type"), call.parameters.texts("types")
    call.parameters.finish()
    types = {one} if one else set(many)
    wanted = (
        event for event in reversed(call.account.records.events.values()) if not types or event.type in types
    )
    return page_of(wanted, window, "/v1/events", event_body)


def _create_webhook_endpoint(call: Call) -> Body:
    url, types = call.parameters.required_text("url"), call.parameters.texts("enabled_events")
    description = call.parameters.text("description")
    call.parameters.ignore("api_version")
    call.parameters.finish()
    if not types:
        raise invalid_parameter(
            "enabled_events", "Missing required param: enabled_events.", "parameter_missing"
        )
    return endpoint_body(call.account.register_endpoint(url, enabled_events=types, description=description))


def _payment_for(call: Call, client_secret: str | None) -> PaymentIntent:
    """A browser reaches the one payment whose client secret it holds."""
    intent = call.account.payments.retrieve(call.id)
    if client_secret is not None and client_secret != intent.client_secret:
        message = "The client_secret provided does not match any associated PaymentIntent on this account."
        raise StripeError.refused(message, "payment_intent_invalid_parameter", "client_secret")
    if call.from_browser and client_secret is None:
        raise unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key."
        )
    return intent


def _seen_by(call: Call, intent: PaymentIntent) -> Body:
    return public_intent_body(intent) if call.from_browser else intent_body(intent)


def _retrieving(load: Callable[[StripeAccount, str], Body]) -> Answerer:
    def answer(call: Call) -> Body:
        call.parameters.finish()
        return load(call.account, call.id)

    return answer


ENDPOINTS: Final = (
    Endpoint(
        method="POST", path="/payment_intents", operation="payment_intents.create", answer=_create_payment
    ),
    Endpoint(method="GET", path="/payment_intents", operation="payment_intents.list", answer=_list_payments),
    Endpoint(
        method="GET",
        path="/payment_intents/{id:str}",
        operation="payment_intents.retrieve",
        answer=_retrieve_payment,
        open_to_browsers=True,
    ),
    Endpoint(
        method="POST",
        path="/payment_intents/{id:str}",
        operation="payment_intents.update",
        answer=_update_payment,
    ),
    Endpoint(
        method="POST",
        path="/payment_intents/{id:str}/confirm",
        operation="payment_intents.confirm",
        answer=_confirm_payment,
        open_to_browsers=True,
    ),
    Endpoint(
        method="POST",
        path="/payment_intents/{id:str}/capture",
        operation="payment_intents.capture",
        answer=_capture_payment,
    ),
    Endpoint(
        method="POST",
        path="/payment_intents/{id:str}/cancel",
        operation="payment_intents.cancel",
        answer=_cancel_payment,
    ),
    Endpoint(method="POST", path="/refunds", operation="refunds.create", answer=_create_refund),
    Endpoint(method="GET", path="/refunds", operation="refunds.list", answer=_list_refunds),
    Endpoint(
        method="GET",
        path="/refunds/{id:str}",
        operation="refunds.retrieve",
        answer=_retrieving(lambda account, identifier: refund_body(account.refunds.retrieve(identifier))),
    ),
    Endpoint(
        method="GET",
        path="/charges/{id:str}",
        operation="charges.retrieve",
        answer=_retrieving(lambda account, identifier: charge_body(account.records.charge(identifier))),
    ),
    Endpoint(method="GET", path="/disputes", operation="disputes.list", answer=_list_disputes),
    Endpoint(
        method="GET",
        path="/disputes/{id:str}",
        operation="disputes.retrieve",
        answer=_retrieving(lambda account, identifier: dispute_body(account.disputes.retrieve(identifier))),
    ),
    Endpoint(
        method="GET",
        path="/payment_methods/{id:str}",
        operation="payment_methods.retrieve",
        answer=_retrieving(lambda account, identifier: method_body(account.payment_method(identifier))),
    ),
    Endpoint(method="POST", path="/customers", operation="customers.create", answer=_create_customer),
    Endpoint(method="GET", path="/customers", operation="customers.list", answer=_list_customers),
    Endpoint(
        method="GET",
        path="/customers/{id:str}",
        operation="customers.retrieve",
        answer=_retrieving(lambda account, identifier: customer_body(account.customers.retrieve(identifier))),
    ),
    Endpoint(
        method="POST", path="/customers/{id:str}", operation="customers.update", answer=_update_customer
    ),
    Endpoint(
        method="DELETE", path="/customers/{id:str}", operation="customers.delete", answer=_delete_customer
    ),
    Endpoint(
        method="GET",
        path="/customers/{id:str}/payment_methods",
        operation="customers.payment_methods.list",
        answer=_list_customers_methods,
    ),
    Endpoint(
        method="POST",
        path="/payment_methods/{id:str}/attach",
        operation="payment_methods.attach",
        answer=_attach_method,
    ),
    Endpoint(
        method="POST",
        path="/payment_methods/{id:str}/detach",
        operation="payment_methods.detach",
        answer=_retrieving(lambda account, identifier: method_body(account.customers.detach(identifier))),
    ),
    Endpoint(method="GET", path="/events", operation="events.list", answer=_list_events),
    Endpoint(
        method="GET",
        path="/events/{id:str}",
        operation="events.retrieve",
        answer=_retrieving(lambda account, identifier: event_body(account.event(identifier))),
    ),
    Endpoint(
        method="POST",
        path="/webhook_endpoints",
        operation="webhook_endpoints.create",
        answer=_create_webhook_endpoint,
    ),
)
