"""What Adyen's refusals mean: code tables first, then the one translation of its error answers."""

from enum import Enum
from typing import Final

import msgspec

from domain.payment import Decline, DeclineReason
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable

# All of https://docs.adyen.com/development-resources/refusal-reasons/, by code and by the words that webhooks
# give instead. What is known of a card's past (blocked, suspected) is NOT_ACCEPTED like a refusal without a
# reason, and so is a code that isn't here: that tells a thief nothing.
REFUSALS: Final[dict[str, tuple[str, DeclineReason]]] = {
    "0": ("Unknown", DeclineReason.NOT_ACCEPTED),
    "2": ("Refused", DeclineReason.NOT_ACCEPTED),
    "3": ("Referral", DeclineReason.NOT_ACCEPTED),
    "4": ("Acquirer Error", DeclineReason.TRY_AGAIN),
    "5": ("Blocked Card", DeclineReason.NOT_ACCEPTED),
    "6": ("Expired Card", DeclineReason.INSTRUMENT_EXPIRED),
    "7": ("Invalid Amount", DeclineReason.NOT_ACCEPTED),
    "8": ("Invalid Card Number", DeclineReason.DETAILS_INCORRECT),
    "9": ("Issuer Unavailable", DeclineReason.TRY_AGAIN),
    "10": ("Not supported", DeclineReason.NOT_ACCEPTED),
    "11": ("3D Not Authenticated", DeclineReason.AUTHENTICATION_FAILED),
    "12": ("Not enough balance", DeclineReason.INSUFFICIENT_FUNDS),
    "14": ("Acquirer Fraud", DeclineReason.NOT_ACCEPTED),
    "15": ("Cancelled", DeclineReason.AUTHENTICATION_FAILED),
    "16": ("Shopper Cancelled", DeclineReason.AUTHENTICATION_FAILED),
    "17": ("Invalid Pin", DeclineReason.DETAILS_INCORRECT),
    "18": ("Pin tries exceeded", DeclineReason.NOT_ACCEPTED),
    "19": ("Pin validation not possible", DeclineReason.TRY_AGAIN),
    "20": ("FRAUD", DeclineReason.NOT_ACCEPTED),
    "21": ("Not Submitted", DeclineReason.TRY_AGAIN),
    "22": ("FRAUD-CANCELLED", DeclineReason.NOT_ACCEPTED),
    "23": ("Transaction Not Permitted", DeclineReason.NOT_ACCEPTED),
    "24": ("CVC Declined", DeclineReason.DETAILS_INCORRECT),
    "25": ("Restricted Card", DeclineReason.NOT_ACCEPTED),
    "26": ("Revocation Of Auth", DeclineReason.NOT_ACCEPTED),
    "27": ("Declined Non Generic", DeclineReason.NOT_ACCEPTED),
    "28": ("Withdrawal amount exceeded", DeclineReason.INSUFFICIENT_FUNDS),
    "29": ("Withdrawal count exceeded", DeclineReason.INSUFFICIENT_FUNDS),
    "31": ("Issuer Suspected Fraud", DeclineReason.NOT_ACCEPTED),
    "32": ("AVS Declined", DeclineReason.DETAILS_INCORRECT),
    "33": ("Card requires online pin", DeclineReason.AUTHENTICATION_FAILED),
    "34": ("No checking account available on Card", DeclineReason.NOT_ACCEPTED),
    "35": ("No savings account available on Card", DeclineReason.NOT_ACCEPTED),
    "36": ("Mobile pin required", DeclineReason.AUTHENTICATION_FAILED),
    "37": ("Contactless fallback", DeclineReason.TRY_AGAIN),
    "38": ("Authentication required", DeclineReason.AUTHENTICATION_FAILED),
    "39": ("RReq not received from DS", DeclineReason.AUTHENTICATION_FAILED),
    "40": ("Current AID is in Penalty Box", DeclineReason.TRY_AGAIN),
    "41": ("CVM Required Restart Payment", DeclineReason.AUTHENTICATION_FAILED),
    "42": ("3DS Authentication Error", DeclineReason.AUTHENTICATION_FAILED),
    "46": ("Transaction blocked by Adyen to prevent excessive retry fees.", DeclineReason.NOT_ACCEPTED),
}
_CODE_OF: Final = {words.casefold(): code for code, (words, _) in REFUSALS.items()}
_NO_REASON: Final = "0"


class Effect(Enum):
    """What an error answer says about the effect that was asked for.

    REFUSED: Adyen read the request and said no. NOTHING: it was turned away unread, and a person has to mend
    something. UNKNOWN: it may have happened.
    """

    REFUSED = "refused"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


# https://docs.adyen.com/development-resources/response-handling: every `errorType`; another one is UNKNOWN.
EFFECTS: Final = {
    "validation": Effect.REFUSED,
    "modification": Effect.REFUSED,
    "configuration": Effect.NOTHING,
    "security": Effect.NOTHING,
    "internal": Effect.UNKNOWN,
}
# Said in the words of a validation, but about a request of ours that is, or was, at work under this key.
KEY_AT_WORK: Final = "704"
_BY_STATUS: Final = {401: Effect.NOTHING, 403: Effect.NOTHING, 404: Effect.NOTHING, 409: Effect.UNKNOWN}


class ServiceError(msgspec.Struct, rename="camel"):
    """The message may repeat what was sent, so nothing of it is read."""

    error_code: str = "unknown"
    error_type: str = "unknown"


def decline(code: str | None, words: str | None = None) -> Decline:
    """Of a refusal, by its code or, in a webhook, by its words."""
    known = code or _CODE_OF.get((words or "").casefold(), _NO_REASON)
    _, reason = REFUSALS.get(known, REFUSALS[_NO_REASON])
    return Decline(reason=reason, code=known)


def refusal(status: int, error: ServiceError, *, earlier_try_lost: bool) -> PortError:
    """What an error answer to a write means.

    `earlier_try_lost`: it was tried before under the same key, and that try may have happened whatever became
    of this one.
    """
    code = f"adyen_{error.error_code}"
    effect = _BY_STATUS.get(status, EFFECTS.get(error.error_type, Effect.UNKNOWN))
    if error.error_code == KEY_AT_WORK:
        effect = Effect.UNKNOWN
    if effect is Effect.REFUSED:
        return Rejected(code)
    if effect is Effect.NOTHING and not earlier_try_lost:
        return Unavailable(code)
    return OutcomeUnknown(code)
