"""Every code with which Stripe documents a payment to fail has its family of reasons and its sentence.

The codes are those of https://docs.stripe.com/declines/codes (cards and other methods, 2026) and those of
https://docs.stripe.com/error-codes that stand in a failed payment.
"""

import re
from typing import Final

import pytest

from adapters.stripe.errors import DECLINES, decline_reason
from adapters.stripe.wire import payment_snapshot
from domain.payment import Decline, DeclineReason
from entrypoints.http.structs.payments import DECLINE_SENTENCES

FUNDS: Final = DeclineReason.INSUFFICIENT_FUNDS
EXPIRED: Final = DeclineReason.INSTRUMENT_EXPIRED
DETAILS: Final = DeclineReason.DETAILS_INCORRECT
AUTHENTICATION: Final = DeclineReason.AUTHENTICATION_FAILED
AGAIN: Final = DeclineReason.TRY_AGAIN
REFUSED: Final = DeclineReason.NOT_ACCEPTED

CARDS: Final = {
    "approve_with_id": AGAIN,
    "authentication_not_handled": AUTHENTICATION,
    "authentication_required": AUTHENTICATION,
    "call_issuer": REFUSED,
    "card_not_supported": REFUSED,
    "card_velocity_exceeded": FUNDS,
    "currency_not_supported": REFUSED,
    "do_not_honor": REFUSED,
    "do_not_try_again": REFUSED,
    "duplicate_transaction": REFUSED,
    "expired_card": EXPIRED,
    "fraudulent": REFUSED,
    "generic_decline": REFUSED,
    "incorrect_address": DETAILS,
    "incorrect_cvc": DETAILS,
    "incorrect_number": DETAILS,
    "incorrect_pin": DETAILS,
    "incorrect_zip": DETAILS,
    "insufficient_funds": FUNDS,
    "invalid_account": REFUSED,
    "invalid_amount": REFUSED,
    "invalid_cvc": DETAILS,
    "invalid_expiry_month": DETAILS,
    "invalid_expiry_year": DETAILS,
    "invalid_number": DETAILS,
    "invalid_pin": DETAILS,
    "issuer_not_available": AGAIN,
    "lost_card": REFUSED,
    "merchant_blacklist": REFUSED,
    "mobile_device_authentication_required": AUTHENTICATION,
    "new_account_information_available": REFUSED,
    "no_action_taken": REFUSED,
    "not_permitted": REFUSED,
    "offline_pin_required": AUTHENTICATION,
    "online_or_offline_pin_required": AUTHENTICATION,
    "pickup_card": REFUSED,
    "pin_try_exceeded": REFUSED,
    "processing_error": AGAIN,
    "reenter_transaction": AGAIN,
    "restricted_card": REFUSED,
    "revocation_of_all_authorizations": REFUSED,
    "revocation_of_authorization": REFUSED,
    "security_violation": REFUSED,
    "service_not_allowed": REFUSED,
    "stolen_card": REFUSED,
    "stop_payment_order": REFUSED,
    "testmode_decline": REFUSED,
    "transaction_not_allowed": REFUSED,
    "try_again_later": AGAIN,
    "withdrawal_count_limit_exceeded": FUNDS,
}
OTHER_METHODS: Final = {
    "compliance_violation": REFUSED,
    "expired_payment_information": EXPIRED,
    "invalid_authorization": REFUSED,
    "invalid_billing_agreement": REFUSED,
    "invalid_business_account": REFUSED,
    "invalid_customer_account": REFUSED,
    "invalid_payment_information": DETAILS,
    "partner_generic_decline": REFUSED,
    "partner_high_risk_customer": REFUSED,
    "partner_payment_not_found": REFUSED,
    "payment_disputed": REFUSED,
    "payment_limit_exceeded": FUNDS,
}
ERROR_CODES: Final = {
    "bank_account_declined": REFUSED,
    "bank_account_unusable": REFUSED,
    "card_decline_rate_limit_exceeded": REFUSED,
    "card_declined": REFUSED,
    "debit_not_authorized": REFUSED,
    "invalid_card_type": REFUSED,
    "payment_intent_authentication_failure": AUTHENTICATION,
    "payment_intent_payment_attempt_expired": AUTHENTICATION,
    "payment_intent_payment_attempt_failed": REFUSED,
    "payment_method_bank_account_blocked": REFUSED,
    "payment_method_billing_details_address_missing": DETAILS,
    "payment_method_currency_mismatch": REFUSED,
    "payment_method_customer_decline": AUTHENTICATION,
    "payment_method_invalid_parameter": DETAILS,
    "payment_method_not_available": AGAIN,
    "payment_method_provider_decline": REFUSED,
    "payment_method_provider_timeout": AGAIN,
    "payment_method_unactivated": REFUSED,
}
DOCUMENTED: Final = CARDS | OTHER_METHODS | ERROR_CODES
# What is known of a card's past, or suspected of whoever holds it: never told apart from any other refusal.
NEVER_TOLD: Final = (
    *("fraudulent", "lost_card", "stolen_card", "pickup_card", "restricted_card", "merchant_blacklist"),
    *("security_violation", "partner_high_risk_customer", "compliance_violation"),
)
TELLTALE: Final = re.compile(
    r"fraud|stolen|lost\b|suspect|risk|block|black|security|report|police|pick|restrict|stripe|issuer|_",
    re.IGNORECASE,
)


def failed_with(code: str, decline_code: str | None) -> Decline | None:
    error = {"type": "card_error", "code": code, "decline_code": decline_code, "message": "sk_test_marked"}
    body = {
        "id": "pi_1",
        "status": "requires_payment_method",
        "amount": 2023,
        "currency": "eur",
        "last_payment_error": error,
    }
    return payment_snapshot(body).decline


def test_the_table_has_a_row_for_every_documented_code_and_no_other() -> None:
    assert DECLINES.keys() == DOCUMENTED.keys()


@pytest.mark.parametrize("code", [*CARDS, *OTHER_METHODS])
def test_a_documented_decline_code_belongs_to_its_family(code: str) -> None:
    assert failed_with("card_declined", code) == Decline(reason=DOCUMENTED[code], code=code)


@pytest.mark.parametrize("code", ERROR_CODES)
def test_a_failure_without_a_decline_code_goes_by_its_error_code(code: str) -> None:
    assert failed_with(code, None) == Decline(reason=DOCUMENTED[code], code=code)


@pytest.mark.parametrize("code", NEVER_TOLD)
def test_what_would_warn_a_thief_reads_like_any_refusal(code: str) -> None:
    assert decline_reason(code) is decline_reason("generic_decline") is REFUSED


def test_a_code_that_is_new_reads_like_any_refusal() -> None:
    assert failed_with("card_declined", "a_code_of_next_year") == Decline(
        reason=REFUSED, code="a_code_of_next_year"
    )


@pytest.mark.parametrize("reason", DeclineReason)
def test_every_family_has_a_sentence_that_is_safe_to_show(reason: DeclineReason) -> None:
    sentence = DECLINE_SENTENCES[reason]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not TELLTALE.search(sentence)
