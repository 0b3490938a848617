"""The other side of a payment: what the card issuer, the shopper's page or the debtor's bank answers."""

from dataclasses import replace
from typing import Final

from entrypoints.sandbox.stripe.disputes import Disputes
from entrypoints.sandbox.stripe.errors import unexpected_state
from entrypoints.sandbox.stripe.models import (
    Authentication,
    Charge,
    ChargeStatus,
    IntentStatus,
    PaymentError,
    PaymentIntent,
    PaymentMethod,
)
from entrypoints.sandbox.stripe.records import Records
from entrypoints.sandbox.stripe.test_methods import BANK_FAILURE, VOUCHER_TYPES, Decline, behaviour_of

AUTHENTICATION_REQUIRED: Final = Decline(
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)
_AUTHENTICATION_FAILED: Final = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new"
    " PaymentMethod to attempt to fulfill this PaymentIntent again."
)


class Bank:
    def __init__(self, records: Records, disputes: Disputes, hosted_url: str) -> None:
        self._records = records
        self._disputes = disputes
        self._hosted_url = hosted_url

    def ask_shopper(
        self, intent: PaymentIntent, method: PaymentMethod, return_url: str | None
    ) -> PaymentIntent:
        identifier = self._records.clock.new_id("src")
        challenge = Authentication(
            id=identifier,
            url=f"{self._hosted_url}/3d_secure/{identifier}",
            return_url=return_url,
            voucher=voucher if (voucher := behaviour_of(method).type) in VOUCHER_TYPES else None,
        )
        waiting = replace(
            intent,
            status=IntentStatus.REQUIRES_ACTION,
            payment_method=method.id,
            authentication=challenge,
            last_payment_error=None,
        )
        return self._records.save_intent(waiting, "payment_intent.requires_action")

    def complete_authentication(self, intent_id: str) -> PaymentIntent:
        intent, method = self._awaiting(intent_id, IntentStatus.REQUIRES_ACTION)
        return self.charge(replace(intent, authentication=None), method)

    def fail_authentication(self, intent_id: str) -> PaymentIntent:
        intent, method = self._awaiting(intent_id, IntentStatus.REQUIRES_ACTION)
        error = PaymentError(
            type="invalid_request_error",
            code="payment_intent_authentication_failure",
            message=_AUTHENTICATION_FAILED,
            payment_method=method,
        )
        return self._records.save_intent(_try_again(intent, error), "payment_intent.payment_failed")

    def settle(self, intent_id: str) -> PaymentIntent:
        """The debtor's bank answers as the test method says it would."""
        intent, method = self._awaiting(intent_id, IntentStatus.PROCESSING)
        declines = behaviour_of(method).declines
        if declines:
            return self._fail(intent, self._records.charge_of(intent), declines)
        return self._succeed(intent, self._records.charge_of(intent))

    def fail_processing(self, intent_id: str) -> PaymentIntent:
        """The debtor's bank refuses, whatever the test method says."""
        intent, _ = self._awaiting(intent_id, IntentStatus.PROCESSING)
        return self._fail(intent, self._records.charge_of(intent), BANK_FAILURE)

    def charge(self, intent: PaymentIntent, method: PaymentMethod) -> PaymentIntent:
        test = behaviour_of(method)
        charge = self._new_charge(intent, method)
        intent = replace(
            intent,
            payment_method=method.id,
            latest_charge=charge.id,
            last_payment_error=None,
            authentication=None,
        )
        if test.settles_later:
            self._records.save_charge(charge, "charge.pending")
            return self._records.save_intent(
                replace(intent, status=IntentStatus.PROCESSING), "payment_intent.processing"
            )
        return self._fail(intent, charge, test.declines) if test.declines else self._succeed(intent, charge)

    def decline(self, intent: PaymentIntent, method: PaymentMethod, reason: Decline) -> PaymentIntent:
        charge = self._new_charge(intent, method)
        return self._fail(replace(intent, latest_charge=charge.id), charge, reason)

    def _succeed(self, intent: PaymentIntent, charge: Charge) -> PaymentIntent:
        if intent.customer is not None and intent.setup_future_usage is not None:
            self._records.attach(charge.payment_method, intent.customer)
        if intent.captures_manually(behaviour_of(charge.payment_method).type):
            self._records.save_charge(replace(charge, status=ChargeStatus.SUCCEEDED), "charge.succeeded")
            waiting = replace(intent, status=IntentStatus.REQUIRES_CAPTURE)
            return self._records.save_intent(waiting, "payment_intent.amount_capturable_updated")
        taken = replace(charge, status=ChargeStatus.SUCCEEDED, captured=True, amount_captured=charge.amount)
        self._records.save_charge(taken, "charge.succeeded")
        paid = replace(intent, status=IntentStatus.SUCCEEDED, amount_received=charge.amount)
        self._records.save_intent(paid, "payment_intent.succeeded")
        self._disputes.open_if_provoked(taken)
        return paid

    def _fail(self, intent: PaymentIntent, charge: Charge, reason: Decline) -> PaymentIntent:
        failed = replace(
            charge,
            status=ChargeStatus.FAILED,
            failure_code=reason.code,
            failure_message=reason.message,
            decline_code=reason.decline_code,
        )
        self._records.save_charge(failed, "charge.failed")
        error = PaymentError(
            type="card_error"
            if behaviour_of(charge.payment_method).type == "card"
            else "invalid_request_error",
            code=reason.code,
            decline_code=reason.decline_code,
            message=reason.message,
            charge=charge.id,
            payment_method=charge.payment_method,
        )
        return self._records.save_intent(_try_again(intent, error), "payment_intent.payment_failed")

    def _awaiting(self, intent_id: str, status: IntentStatus) -> tuple[PaymentIntent, PaymentMethod]:
        intent = self._records.intent(intent_id)
        if intent.status is not status:
            raise unexpected_state(
                intent, f"This PaymentIntent has a status of {intent.status}, not {status}."
            )
        return intent, self._records.methods[intent.payment_method or ""]

    def _new_charge(self, intent: PaymentIntent, method: PaymentMethod) -> Charge:
        return Charge(
            id=self._records.clock.new_id("ch" if behaviour_of(method).type == "card" else "py"),
            created=self._records.now(),
            payment_intent=intent.id,
            payment_method=method,
            amount=intent.amount,
            currency=intent.currency,
            status=ChargeStatus.PENDING,
            customer=intent.customer,
            invoice=intent.invoice,
            description=intent.description,
            metadata=intent.metadata,
            shipping=intent.shipping,
        )


def _try_again(intent: PaymentIntent, error: PaymentError) -> PaymentIntent:
    """A failed try takes the payment back to the start: another method may still pay it."""
    return replace(
        intent,
        status=IntentStatus.REQUIRES_PAYMENT_METHOD,
        payment_method=None,
        authentication=None,
        last_payment_error=error,
    )
