"""PaymentIntents and their states: what may be asked of one in which status, in Stripe's own words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from entrypoints.sandbox.stripe.bank import AUTHENTICATION_REQUIRED, Bank
from entrypoints.sandbox.stripe.commands import Confirmation, NewPayment, PaymentChange, PaymentDetails
from entrypoints.sandbox.stripe.currencies import check_charge_amount, currency_of
from entrypoints.sandbox.stripe.disputes import Disputes
from entrypoints.sandbox.stripe.errors import (
    StripeError,
    cannot,
    card_error,
    invalid_parameter,
    unexpected_state,
)
from entrypoints.sandbox.stripe.models import (
    AllowRedirects,
    CancellationReason,
    CaptureMethod,
    ChargeStatus,
    IntentStatus,
    PaymentIntent,
    PaymentMethod,
)
from entrypoints.sandbox.stripe.records import Records, merged, require_usable
from entrypoints.sandbox.stripe.test_methods import REDIRECT_TYPES, behaviour_of

_CANCELABLE: Final = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
)
_OPEN: Final = ("requires_payment_method", "requires_confirmation", "requires_action")
# What the account has enabled beside cards; none of it can be authorized now and captured later.
_BESIDE_CARDS: Final[Mapping[str, tuple[str, ...]]] = {
    "usd": ("us_bank_account",),
    "eur": ("sepa_debit", "bancontact", "ideal", "klarna"),
    "jpy": ("konbini",),
}


class Payments:
    def __init__(self, records: Records, bank: Bank, disputes: Disputes) -> None:
        self._records = records
        self._bank = bank
        self._disputes = disputes

    def create(self, wanted: NewPayment) -> PaymentIntent:
        currency = currency_of(wanted.currency)
        check_charge_amount(wanted.amount, currency)
        method = self._records.method(wanted.payment_method) if wanted.payment_method else None
        identifier = self._records.clock.new_id("pi")
        ready = IntentStatus.REQUIRES_CONFIRMATION if method else IntentStatus.REQUIRES_PAYMENT_METHOD
        intent = PaymentIntent(
            id=identifier,
            created=self._records.now(),
            client_secret=f"{identifier}_secret_{self._records.clock.new_secret()}",
            amount=wanted.amount,
            currency=currency,
            capture_method=wanted.capture_method,
            card_capture_method=wanted.card_capture_method,
            payment_method_types=wanted.payment_method_types or _enabled_types(wanted, currency),
            allow_redirects=None if wanted.payment_method_types else wanted.allow_redirects,
            confirmation_method=wanted.confirmation_method,
            payment_method=method.id if method else None,
            invoice=wanted.invoice,
            status=ready,
        )
        intent = self._with(intent, wanted.details)
        if wanted.confirmation:
            self._check_before_confirming(intent, method, wanted.confirmation)
        self._records.save_intent(intent, "payment_intent.created")
        return self.confirm(intent.id, wanted.confirmation) if wanted.confirmation else intent

    def retrieve(self, identifier: str) -> PaymentIntent:
        return self._records.intent(identifier)

    def update(self, identifier: str, change: PaymentChange) -> PaymentIntent:
        intent = self._records.intent(identifier)
        touches_money = (
            change.amount is not None or change.currency is not None or change.payment_method is not None
        )
        if touches_money and intent.status not in _OPEN:
            raise cannot("updated", intent, _OPEN)
        amount = intent.amount if change.amount is None else change.amount
        currency = intent.currency if change.currency is None else currency_of(change.currency)
        check_charge_amount(amount, currency)
        changed = replace(
            self._with(intent, change.details),
            amount=amount,
            currency=currency,
            capture_method=change.capture_method or intent.capture_method,
            payment_method_types=change.payment_method_types or intent.payment_method_types,
        )
        if change.payment_method is not None:
            method = self._records.method(change.payment_method)
            changed = replace(changed, payment_method=method.id, status=IntentStatus.REQUIRES_CONFIRMATION)
        return self._records.save_intent(changed)

    def confirm(self, identifier: str, confirmation: Confirmation) -> PaymentIntent:
        """Raises the decline as a 402 with the payment in it; the payment itself is open for another try."""
        intent = self._records.intent(identifier)
        if intent.status not in _OPEN:
            raise unexpected_state(intent, _already(intent))
        named = confirmation.payment_method or intent.payment_method
        method = self._records.method(named) if named else None
        method = self._check_before_confirming(intent, method, confirmation)
        intent = replace(intent, capture_method=confirmation.capture_method or intent.capture_method)
        after = self._attempt(intent, method, confirmation)
        if after.last_payment_error is not None:
            raise card_error(after.last_payment_error, after)
        return after

    def capture(self, identifier: str, amount: int | None = None) -> PaymentIntent:
        """Takes the authorized money or a part of it; the rest is released."""
        intent = self._records.intent(identifier)
        if intent.status is not IntentStatus.REQUIRES_CAPTURE:
            raise cannot("captured", intent, ("requires_capture",))
        taken = intent.amount if amount is None else amount
        if taken < 1:
            message = "This value must be greater than or equal to 1."
            raise invalid_parameter("amount_to_capture", message, "parameter_invalid_integer")
        if taken > intent.amount_capturable:
            message = (
                f"The amount_to_capture ({taken}) is greater than the capturable amount"
                f" ({intent.amount_capturable})."
            )
            raise StripeError.refused(message, "amount_too_large", "amount_to_capture")
        charge = replace(self._records.charge_of(intent), captured=True, amount_captured=taken)
        self._records.save_charge(charge, "charge.captured")
        paid = replace(intent, status=IntentStatus.SUCCEEDED, amount_received=taken)
        self._records.save_intent(paid, "payment_intent.succeeded")
        self._disputes.open_if_provoked(charge)
        return paid

    def cancel(self, identifier: str, reason: CancellationReason | None = None) -> PaymentIntent:
        intent = self._records.intent(identifier)
        if intent.is_over or self._is_with_its_bank(intent):
            raise unexpected_state(
                intent,
                f"You cannot cancel this PaymentIntent because it has a status of {intent.status}. Only a"
                " PaymentIntent with one of the following statuses may be canceled:"
                f" {', '.join(_CANCELABLE)}.",
            )
        self._release(intent)
        canceled = replace(
            intent,
            status=IntentStatus.CANCELED,
            canceled_at=self._records.now(),
            cancellation_reason=reason,
            authentication=None,
        )
        return self._records.save_intent(canceled, "payment_intent.canceled")

    def expire_authorization(self, identifier: str) -> PaymentIntent:
        """What Stripe does by itself when nobody captures in time (7 days for cards)."""
        intent = self._records.intent(identifier)
        if intent.status is not IntentStatus.REQUIRES_CAPTURE:
            raise unexpected_state(
                intent, f"This PaymentIntent has a status of {intent.status}, not requires_capture."
            )
        self._records.announce("charge.expired", self._records.charge_of(intent))
        return self.cancel(identifier, CancellationReason.AUTOMATIC)

    def _attempt(self, intent: PaymentIntent, method: PaymentMethod, wanted: Confirmation) -> PaymentIntent:
        if not behaviour_of(method).authenticates:
            return self._bank.charge(intent, method)
        if wanted.off_session or wanted.error_on_requires_action:
            return self._bank.decline(intent, method, AUTHENTICATION_REQUIRED)
        return self._bank.ask_shopper(intent, method, wanted.return_url)

    def _check_before_confirming(
        self, intent: PaymentIntent, method: PaymentMethod | None, wanted: Confirmation
    ) -> PaymentMethod:
        if method is None:
            message = (
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can"
                " either update the PaymentIntent with a payment method and then confirm it again, or"
                " confirm it again directly with a payment method."
            )
            raise unexpected_state(intent, message)
        require_usable(method)
        if method.customer is not None and method.customer != intent.customer:
            message = (
                "The provided PaymentMethod belongs to a customer: name that customer on the PaymentIntent."
            )
            raise StripeError.refused(message, param="payment_method")
        type_ = behaviour_of(method).type
        if type_ not in intent.payment_method_types:
            message = (
                f"The PaymentMethod provided ({type_}) is not allowed for this PaymentIntent. Please attach"
                f" a payment method of one of the following types: {', '.join(intent.payment_method_types)}."
            )
            raise StripeError.refused(message, "payment_intent_incompatible_payment_method", "payment_method")
        if intent.allow_redirects is AllowRedirects.ALWAYS and not (wanted.return_url or wanted.from_browser):
            message = (
                "This PaymentIntent is configured to accept payment methods that might redirect your"
                " customer off of your page, you must provide a `return_url`. If you don't want to accept"
                " redirect-based payment methods, set `automatic_payment_methods[allow_redirects]` to"
                " `never`."
            )
            raise StripeError.refused(message, param="return_url")
        return method

    def _is_with_its_bank(self, intent: PaymentIntent) -> bool:
        if intent.status is not IntentStatus.PROCESSING:
            return False
        return not behaviour_of(self._records.charge_of(intent).payment_method).is_stoppable

    def _release(self, intent: PaymentIntent) -> None:
        """Gives an authorization back (Stripe tells it as a refund), calls a pending debit off."""
        if intent.status is IntentStatus.REQUIRES_CAPTURE:
            charge = self._records.charge_of(intent)
            self._records.save_charge(replace(charge, amount_refunded=charge.amount), "charge.refunded")
        elif intent.status is IntentStatus.PROCESSING:
            called_off = replace(self._records.charge_of(intent), status=ChargeStatus.FAILED)
            self._records.save_charge(called_off, "charge.failed")

    def _with(self, intent: PaymentIntent, details: PaymentDetails) -> PaymentIntent:
        if details.customer is not None and details.customer not in self._records.customers:
            raise StripeError.refused(
                f"No such customer: '{details.customer}'", "resource_missing", "customer"
            )
        return replace(
            intent,
            metadata=merged(intent.metadata, details.metadata),
            customer=details.customer or intent.customer,
            description=details.description or intent.description,
            receipt_email=details.receipt_email or intent.receipt_email,
            setup_future_usage=details.setup_future_usage or intent.setup_future_usage,
            shipping=details.shipping or intent.shipping,
            statement_descriptor=details.statement_descriptor or intent.statement_descriptor,
            statement_descriptor_suffix=details.statement_descriptor_suffix
            or intent.statement_descriptor_suffix,
            transfer_group=details.transfer_group or intent.transfer_group,
        )


def _enabled_types(wanted: NewPayment, currency: str) -> tuple[str, ...]:
    """What automatic payment methods offer here."""
    beside = _BESIDE_CARDS.get(currency, ()) if wanted.capture_method is not CaptureMethod.MANUAL else ()
    if wanted.allow_redirects is AllowRedirects.NEVER:
        beside = tuple(type_ for type_ in beside if type_ not in REDIRECT_TYPES)
    return ("card", *beside)


def _already(intent: PaymentIntent) -> str:
    if intent.status is IntentStatus.SUCCEEDED:
        return (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously"
            " confirmed."
        )
    return f"You cannot confirm this PaymentIntent because it has a status of {intent.status}."
