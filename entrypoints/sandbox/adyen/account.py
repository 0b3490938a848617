"""One merchant account at simulated Adyen: payments are answered at once, modifications carried out later."""

from collections import deque
from typing import Final

from entrypoints.sandbox.adyen import test_cards
from entrypoints.sandbox.adyen.models import (
    Amount,
    Dispute,
    Modification,
    NewModification,
    NewPayment,
    Operation,
    Payment,
)
from entrypoints.sandbox.adyen.test_cards import AUTHORISED, NOT_AUTHENTICATED, Result
from entrypoints.sandbox.adyen.webhooks import WebhookSender
from ports.clock import Clock

_ALPHABET: Final = "0123456789BCDFGHJKLMNPQRSTVWXZ"
_DONE: Final = {Operation.CAPTURE: "CAPTURE", Operation.CANCEL: "CANCELLATION", Operation.REFUND: "REFUND"}


class ServiceError(Exception):
    """`message` is Adyen's own word for it."""

    def __init__(self, status: int, code: str, message: str, kind: str = "validation") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.kind = status, code, message, kind


class AdyenAccount:
    def __init__(self, clock: Clock, webhooks: WebhookSender) -> None:
        self._clock = clock
        self._webhooks = webhooks
        self.payments: dict[str, Payment] = {}
        self.disputes: dict[str, Dispute] = {}
        self.refunds: dict[str, Modification] = {}
        self._captured: dict[str, Payment] = {}
        self.waiting: deque[Modification] = deque()
        self.holds_modifications = False
        self.refuses: set[Operation] = set()

    def pay(self, asked: NewPayment) -> Payment:
        """Raises ServiceError for what Adyen doesn't take."""
        if asked.amount.value <= 0:
            raise ServiceError(422, "100", "No amount specified")
        if asked.shopper_interaction == "ContAuth" and not asked.shopper_reference:
            raise ServiceError(422, "800", "Contract not found")
        if asked.store_payment_method and not (asked.shopper_reference and asked.recurring_processing_model):
            raise ServiceError(422, "130", "Required field is not provided")
        result = test_cards.result_of(asked.payment_method)
        payment = Payment(psp_reference=self._reference(), asked=asked, result=result)
        self.payments[payment.psp_reference] = payment
        if result is test_cards.REDIRECT:
            payment.redirect_result = self._clock.new_secret()
        elif result is not test_cards.PENDING:
            self._ended(payment, result)
        return payment

    def bank_answers(self, psp_reference: str, *, approves: bool) -> Payment:
        """What the shopper says on the bank's page. A card's answer has to be sent on; a bank's own money
        moves at once.
        """
        payment = self._payment(psp_reference)
        if payment.redirect_result is None or payment.is_approved is not None:
            raise ServiceError(422, "sandbox", "This page was answered already.")
        payment.is_approved = approves
        if test_cards.is_paid_elsewhere(payment.asked.payment_method):
            self._ended(payment, AUTHORISED if approves else NOT_AUTHENTICATED)
        return payment

    def authorise_again(self, psp_reference: str) -> Payment:
        """Another try of the same payment is paid, as of a shopper who pays in two windows."""
        asked = self._payment(psp_reference).asked
        payment = Payment(psp_reference=self._reference(), asked=asked, result=AUTHORISED)
        self.payments[payment.psp_reference] = payment
        self._ended(payment, AUTHORISED)
        return payment

    def details(self, details: dict[str, str]) -> Payment:
        """What a bank gave the shopper along. Raises ServiceError for anything else."""
        given = details.get("redirectResult")
        found = [p for p in self.payments.values() if given and p.redirect_result == given]
        if not found:
            raise ServiceError(422, "101", "Invalid card number")
        payment = found[0]
        if payment.result is test_cards.REDIRECT:
            self._ended(payment, AUTHORISED if payment.is_approved else NOT_AUTHENTICATED)
        return payment

    def settle(self, psp_reference: str, *, arrives: bool) -> Payment:
        """A payment that was pending arrives, or doesn't."""
        payment = self._payment(psp_reference)
        if payment.result is test_cards.PENDING:
            refused = Result(code="Refused", refusal_code="2", refusal="Refused")
            self._ended(payment, AUTHORISED if arrives else refused)
        return payment

    def modify(self, psp_reference: str, operation: Operation, asked: NewModification) -> Modification:
        """Received; carried out by `carry_out`. Raises ServiceError for a payment that isn't there."""
        payment = self._payment(psp_reference)
        if operation is not Operation.CANCEL and (asked.amount is None or asked.amount.value <= 0):
            raise ServiceError(422, "137", "Invalid amount specified")
        modification = Modification(
            psp_reference=self._reference(),
            payment=payment,
            operation=operation,
            amount=asked.amount or payment.asked.amount,
            reference=asked.reference,
        )
        self.waiting.append(modification)
        return modification

    def carry_out(self) -> int:
        """Everything that waits, in its order; how many there were."""
        count = len(self.waiting)
        while self.waiting:
            self._carry_out(self.waiting.popleft())
        return count

    def fail_capture(self, psp_reference: str) -> None:
        """The scheme turns a capture down after it was booked. One that nobody asked for has a reference that
        was not told before.
        """
        payment = self._payment(psp_reference)
        if not payment.captured:
            raise ServiceError(422, "sandbox", "Nothing of this payment is captured.")
        reference = next(iter(self._captures_of(payment)), None) or self._reference()
        amount = Amount(payment.asked.amount.currency, payment.captured)
        payment.captured = 0
        self._webhooks.tell(payment, "CAPTURE_FAILED", reference, amount, reason="Capture Failed")

    def send_refund_back(self, psp_reference: str) -> None:
        """The shopper's bank doesn't take a refund that Adyen has made."""
        refund = self._refund(psp_reference)
        refund.payment.refunded -= refund.amount.value
        self._webhooks.tell(
            refund.payment,
            "REFUND_FAILED",
            psp_reference,
            refund.amount,
            merchant_reference=refund.reference,
        )

    def refund_by_hand(self, psp_reference: str, value: int) -> str:
        """Somebody gives money back in the Customer Area."""
        currency = self._payment(psp_reference).asked.amount.currency
        amount = Amount(currency, value)
        asked = NewModification(merchant_account="", amount=amount)
        refund = self.modify(psp_reference, Operation.REFUND, asked)
        self.waiting.remove(refund)
        self._carry_out(refund)
        return refund.psp_reference

    def dispute(self, psp_reference: str, event_code: str) -> Dispute:
        """The bank takes the next step about a payment; what it takes is all that is left of it."""
        payment = self._payment(psp_reference)
        left = payment.captured - payment.refunded
        amount = Amount(payment.asked.amount.currency, left)
        opened = Dispute(psp_reference=self._reference(), payment=payment, amount=amount)
        dispute = self.disputes.setdefault(psp_reference, opened)
        dispute.told.append(event_code)
        if event_code in ("CHARGEBACK", "SECOND_CHARGEBACK"):
            payment.disputed = dispute.amount.value
        elif event_code == "CHARGEBACK_REVERSED":
            payment.disputed = 0
        more = {"defensePeriodEndsAt": "2030-07-31T03:03:07+02:00", "defendable": "true"}
        self._webhooks.tell(payment, event_code, dispute.psp_reference, dispute.amount, additional_data=more)
        return dispute

    def _ended(self, payment: Payment, result: Result) -> None:
        payment.result = result
        amount, is_good = payment.asked.amount, result is AUTHORISED
        if is_good:
            payment.authorised = amount.value
            payment.captured = amount.value if payment.captures_itself else 0
        metadata = {f"metadata.{name}": value for name, value in payment.asked.metadata.items()}
        self._webhooks.tell(
            payment,
            "AUTHORISATION",
            payment.psp_reference,
            amount,
            success=is_good,
            reason="" if is_good else result.refusal or "Refused",
            additional_data=metadata,
        )

    def _carry_out(self, modification: Modification) -> None:
        payment, value = modification.payment, modification.amount.value
        is_done = modification.operation not in self.refuses and self._can(modification)
        if is_done:
            match modification.operation:
                case Operation.CAPTURE:
                    payment.captured = value
                    self._captured[modification.psp_reference] = payment
                case Operation.CANCEL:
                    payment.is_cancelled = True
                case Operation.REFUND:
                    payment.refunded += value
                    self.refunds[modification.psp_reference] = modification
        self._webhooks.tell(
            payment,
            _DONE[modification.operation],
            modification.psp_reference,
            modification.amount,
            success=is_done,
            reason="" if is_done else "Insufficient balance on payment",
            merchant_reference=modification.reference,
        )

    def _can(self, modification: Modification) -> bool:
        payment, value = modification.payment, modification.amount.value
        match modification.operation:
            case Operation.REFUND:
                return value <= payment.captured - payment.refunded - payment.disputed
            case Operation.CAPTURE:
                is_open = not payment.is_cancelled and payment.captured == 0
                return is_open and value <= payment.authorised
            case Operation.CANCEL:
                return payment.authorised > 0 and not payment.is_cancelled and payment.captured == 0

    def _captures_of(self, payment: Payment) -> list[str]:
        return [reference for reference, of in self._captured.items() if of is payment]

    def _payment(self, psp_reference: str) -> Payment:
        try:
            return self.payments[psp_reference]
        except KeyError:
            raise ServiceError(422, "167", "Original pspReference required for this operation") from None

    def _refund(self, psp_reference: str) -> Modification:
        try:
            return self.refunds[psp_reference]
        except KeyError:
            raise ServiceError(422, "sandbox", "There is no such refund.") from None

    def _reference(self) -> str:
        """Sixteen characters, as Adyen's are."""
        size = len(_ALPHABET)
        return "".join(_ALPHABET[int(self._clock.random_fraction() * size)] for _ in range(16))
