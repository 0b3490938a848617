"""Money going back, never more than was captured: pending refunds reserve it, failed ones give it back."""

from dataclasses import replace

from entrypoints.sandbox.stripe.commands import NewRefund
from entrypoints.sandbox.stripe.currencies import check_step, shown
from entrypoints.sandbox.stripe.disputes import Disputes
from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter
from entrypoints.sandbox.stripe.models import Charge, Refund, RefundStatus
from entrypoints.sandbox.stripe.records import Records, found, merged
from entrypoints.sandbox.stripe.test_methods import behaviour_of


class Refunds:
    def __init__(self, records: Records, disputes: Disputes) -> None:
        self._records = records
        self._disputes = disputes

    def create(self, wanted: NewRefund) -> Refund:
        charge = self._charge_to_refund(wanted)
        amount = charge.refundable if wanted.amount is None else wanted.amount
        self._check(charge, amount)
        pending = behaviour_of(charge.payment_method).refund_stays_pending
        refund = Refund(
            id=self._records.clock.new_id("re"),
            created=self._records.now(),
            amount=amount,
            currency=charge.currency,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            status=RefundStatus.PENDING if pending else RefundStatus.SUCCEEDED,
            reason=wanted.reason,
            metadata=merged({}, wanted.metadata),
        )
        self._records.refunds[refund.id] = refund
        self._records.announce("refund.created", refund)
        refunded = replace(charge, amount_refunded=charge.amount_refunded + amount)
        self._records.save_charge(refunded, "charge.refunded")
        return refund

    def retrieve(self, identifier: str) -> Refund:
        return found(self._records.refunds, identifier, "refund", "refund")

    def settle(self, identifier: str) -> Refund:
        """As the test card promised: a pending refund arrives, that of a failing card comes back."""
        refund = self.retrieve(identifier)
        charge = self._records.charge(refund.charge)
        if behaviour_of(charge.payment_method).refund_fails_later:
            return self.fail(identifier)
        if refund.status is not RefundStatus.PENDING:
            raise StripeError.refused(f"This refund has a status of {refund.status}, not pending.")
        return self._update(replace(refund, status=RefundStatus.SUCCEEDED))

    def fail(self, identifier: str) -> Refund:
        refund = self.retrieve(identifier)
        if refund.status is RefundStatus.FAILED:
            raise StripeError.refused("This refund has failed already.")
        charge = self._records.charge(refund.charge)
        self._records.save_charge(replace(charge, amount_refunded=charge.amount_refunded - refund.amount))
        return self._update(
            replace(refund, status=RefundStatus.FAILED, failure_reason="expired_or_canceled_card")
        )

    def _update(self, refund: Refund) -> Refund:
        """API versions before 2024-10-28 tell both names of the same change, and no `refund.failed`."""
        self._records.refunds[refund.id] = refund
        self._records.announce("charge.refund.updated", refund)
        self._records.announce("refund.updated", refund)
        return refund

    def _charge_to_refund(self, wanted: NewRefund) -> Charge:
        if wanted.charge is not None:
            return self._records.charge(wanted.charge)
        if wanted.payment_intent is None:
            message = (
                "One of the following params should be provided for this request: payment_intent or charge."
            )
            raise invalid_parameter("payment_intent", message, "parameter_missing")
        intent = self._records.intent(wanted.payment_intent, "payment_intent")
        if intent.amount_received == 0:
            raise StripeError.refused(
                f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        return self._records.charge_of(intent)

    def _check(self, charge: Charge, amount: int) -> None:
        if not charge.captured:
            raise StripeError.refused(
                f"Charge {charge.id} has not been captured; cancel its PaymentIntent instead."
            )
        if charge.refundable == 0:
            raise StripeError.refused(
                f"Charge {charge.id} has already been refunded.", "charge_already_refunded"
            )
        if self._disputes.blocks_refund(charge):
            raise StripeError.refused(
                f"Charge {charge.id} has been charged back; cannot issue a refund.", "charge_disputed"
            )
        if amount < 1:
            message = "This value must be greater than or equal to 1."
            raise invalid_parameter("amount", message, "parameter_invalid_integer")
        if amount > charge.refundable:
            asked, left = shown(amount, charge.currency), shown(charge.refundable, charge.currency)
            message = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({left})"
            raise StripeError.refused(message, "amount_too_large", "amount")
        check_step(amount, charge.currency)
