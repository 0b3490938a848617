"""What a payment in the test environment comes to: by the holder's name, or by the card's number.

https://docs.adyen.com/development-resources/testing/result-codes and /test-cards-and-credentials
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    code: str
    refusal_code: str | None = None
    refusal: str | None = None


def _refused(code: str, words: str) -> Result:
    return Result(code="Refused", refusal_code=code, refusal=words)


AUTHORISED: Final = Result(code="Authorised")
PENDING: Final = Result(code="Received")
REDIRECT: Final = Result(code="RedirectShopper")
NOT_AUTHENTICATED: Final = _refused("11", "3D Not Authenticated")
_BY_HOLDER: Final = {
    "UNKNOWN": Result(code="Error", refusal_code="0", refusal="Unknown"),
    "DECLINED": _refused("2", "Refused"),
    "REFERRAL": _refused("3", "Referral"),
    "ERROR": Result(code="Error", refusal_code="4", refusal="Acquirer Error"),
    "BLOCK_CARD": _refused("5", "Blocked Card"),
    "CARD_EXPIRED": _refused("6", "Expired Card"),
    "INVALID_AMOUNT": _refused("7", "Invalid Amount"),
    "INVALID_CARD_NUMBER": _refused("8", "Invalid Card Number"),
    "ISSUER_UNAVAILABLE": _refused("9", "Issuer Unavailable"),
    "NOT_SUPPORTED": _refused("10", "Not supported"),
    "NOT_3D_AUTHENTICATED": NOT_AUTHENTICATED,
    "NOT_ENOUGH_BALANCE": _refused("12", "Not enough balance"),
    "PENDING": PENDING,
    "ACQUIRER_FRAUD": _refused("14", "Acquirer Fraud"),
    "CANCELLED": _refused("15", "Cancelled"),
    "SHOPPER_CANCELLED": _refused("16", "Shopper Cancelled"),
    "INVALID_PIN": _refused("17", "Invalid Pin"),
    "FRAUD": _refused("20", "FRAUD"),
    "CVC_DECLINED": _refused("24", "CVC Declined"),
}
# Cards that a bank asks about, and methods that are paid on another page.
_ASKS: Final = frozenset({"test_4212345678910006", "test_5212345678901234"})
_ELSEWHERE: Final = frozenset({"ideal", "paypal"})


def result_of(payment_method: dict[str, Any]) -> Result:
    """A card that nothing is said of is good."""
    if payment_method.get("type") in _ELSEWHERE:
        return REDIRECT
    if payment_method.get("encryptedCardNumber") in _ASKS:
        return REDIRECT
    return _BY_HOLDER.get(str(payment_method.get("holderName", "")), AUTHORISED)


def is_paid_elsewhere(payment_method: dict[str, Any]) -> bool:
    """The bank takes the money on its own page: nobody has to send its answer on."""
    return payment_method.get("type") in _ELSEWHERE
