"""Forms into commands: which parameters each request takes, and which of them the sandbox need not act on."""

from entrypoints.sandbox.stripe.commands import (
    Confirmation,
    NewPayment,
    NewRefund,
    PaymentChange,
    PaymentDetails,
)
from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter
from entrypoints.sandbox.stripe.models import (
    Address,
    AllowRedirects,
    CancellationReason,
    CaptureMethod,
    Customer,
    RefundReason,
    Shipping,
)
from entrypoints.sandbox.stripe.parameters import Parameters

_CONFIRMING_ONLY = (
    "return_url",
    "off_session",
    "error_on_requires_action",
    "mandate_data",
    "mandate",
    "use_stripe_sdk",
)


def read_new_payment(parameters: Parameters) -> NewPayment:
    amount, currency = parameters.required_integer("amount"), parameters.required_text("currency")
    confirm = parameters.boolean("confirm") or False
    types = parameters.texts("payment_method_types")
    redirects = _read_automatic(parameters)
    if types and redirects:
        message = (
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        )
        raise invalid_parameter("automatic_payment_methods", message)
    if not confirm:
        _refuse_without_confirm(parameters)
    parameters.ignore("radar_options")
    return NewPayment(
        amount=amount,
        currency=currency,
        capture_method=parameters.choice("capture_method", CaptureMethod) or CaptureMethod.AUTOMATIC,
        card_capture_method=_read_card_capture(parameters),
        payment_method_types=types,
        allow_redirects=redirects or AllowRedirects.ALWAYS,
        confirmation_method=parameters.text("confirmation_method") or "automatic",
        payment_method=parameters.text("payment_method"),
        details=_read_details(parameters),
        confirmation=read_confirmation(parameters) if confirm else None,
    )


def read_confirmation(parameters: Parameters, *, from_browser: bool = False) -> Confirmation:
    parameters.ignore("mandate", "mandate_data", "use_stripe_sdk", "payment_method_options", "radar_options")
    off_session = parameters.text("off_session")
    return Confirmation(
        payment_method=parameters.text("payment_method"),
        return_url=parameters.text("return_url"),
        capture_method=parameters.choice("capture_method", CaptureMethod),
        off_session=off_session not in (None, "false"),
        error_on_requires_action=parameters.boolean("error_on_requires_action") or False,
        from_browser=from_browser,
    )


def read_card_number(parameters: Parameters) -> str | None:
    """The test card that a shopper typed into Stripe's form; its expiry and code may be anything."""
    data = parameters.child("payment_method_data")
    if data is None:
        return None
    if data.required_text("type") != "card":
        raise invalid_parameter(
            "payment_method_data[type]", "The sandbox takes card numbers only; name a test method."
        )
    card = data.child("card")
    number = card.required_text("number") if card else None
    data.ignore("billing_details", "allow_redisplay")
    if number is None:
        raise StripeError.refused(
            "Missing required param: card.", "parameter_missing", "payment_method_data[card]"
        )
    return number


def read_payment_change(parameters: Parameters) -> PaymentChange:
    parameters.ignore("payment_method_options")
    return PaymentChange(
        amount=parameters.integer("amount"),
        currency=parameters.text("currency"),
        capture_method=parameters.choice("capture_method", CaptureMethod),
        payment_method_types=parameters.texts("payment_method_types"),
        payment_method=parameters.text("payment_method"),
        details=_read_details(parameters),
    )


def read_cancellation_reason(parameters: Parameters) -> CancellationReason | None:
    reason = parameters.choice("cancellation_reason", CancellationReason)
    if reason is CancellationReason.AUTOMATIC:
        message = (
            "Invalid cancellation_reason: must be one of duplicate, fraudulent, requested_by_customer, or"
            " abandoned"
        )
        raise invalid_parameter("cancellation_reason", message)
    return reason


def read_new_refund(parameters: Parameters) -> NewRefund:
    return NewRefund(
        payment_intent=parameters.text("payment_intent"),
        charge=parameters.text("charge"),
        amount=parameters.integer("amount"),
        reason=parameters.choice("reason", RefundReason),
        metadata=parameters.metadata(),
    )


def read_customer(parameters: Parameters) -> Customer:
    address = parameters.child("address")
    return Customer(
        id="",
        created=0,
        email=parameters.text("email"),
        name=parameters.text("name"),
        phone=parameters.text("phone"),
        description=parameters.text("description"),
        address=_read_address(address) if address else None,
        shipping=_read_shipping(parameters),
        metadata=parameters.metadata(),
    )


def _read_automatic(parameters: Parameters) -> AllowRedirects | None:
    automatic = parameters.child("automatic_payment_methods")
    if automatic is None:
        return None
    enabled = automatic.boolean("enabled")
    redirects = automatic.choice("allow_redirects", AllowRedirects) or AllowRedirects.ALWAYS
    automatic.finish()
    return redirects if enabled else None


def _read_card_capture(parameters: Parameters) -> CaptureMethod | None:
    """Of the methods' own options only this one changes anything here."""
    options = parameters.child("payment_method_options")
    card = options.child("card") if options is not None else None
    own = card.choice("capture_method", CaptureMethod) if card is not None else None
    if own not in (None, CaptureMethod.MANUAL):
        name = "payment_method_options[card][capture_method]"
        raise invalid_parameter(name, f"Invalid {name}: must be manual")
    return own


def _refuse_without_confirm(parameters: Parameters) -> None:
    for name in _CONFIRMING_ONLY:
        if parameters.has(name):
            message = (
                f"The parameter {name} cannot be passed when creating a PaymentIntent unless confirm is set"
                " to true."
            )
            raise invalid_parameter(name, message)


def _read_details(parameters: Parameters) -> PaymentDetails:
    return PaymentDetails(
        metadata=parameters.metadata(),
        customer=parameters.text("customer"),
        description=parameters.text("description"),
        receipt_email=parameters.text("receipt_email"),
        setup_future_usage=parameters.text("setup_future_usage"),
        shipping=_read_shipping(parameters),
        statement_descriptor=parameters.text("statement_descriptor"),
        statement_descriptor_suffix=parameters.text("statement_descriptor_suffix"),
        transfer_group=parameters.text("transfer_group"),
    )


def _read_shipping(parameters: Parameters) -> Shipping | None:
    shipping = parameters.child("shipping")
    if shipping is None:
        return None
    address = shipping.child("address")
    read = Shipping(
        address=_read_address(address) if address else Address(),
        name=shipping.text("name"),
        phone=shipping.text("phone"),
        carrier=shipping.text("carrier"),
        tracking_number=shipping.text("tracking_number"),
    )
    shipping.finish()
    return read


def _read_address(parameters: Parameters) -> Address:
    read = Address(
        city=parameters.text("city"),
        country=parameters.text("country"),
        line1=parameters.text("line1"),
        line2=parameters.text("line2"),
        postal_code=parameters.text("postal_code"),
        state=parameters.text("state"),
    )
    parameters.finish()
    return read
