"""The last line of defence of the log: what must not be told is taken out by its key, its shape or its kind.

Code doesn't log such things in the first place; this is for the day on which somebody does.
"""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

REDACTED: Final = "[redacted]"
_DEEPEST: Final = 8

# Keys that hold such things wherever they appear: as a part of the key, or as the whole of it.
_SECRET_PARTS: Final = (
    *("password", "passwd", "secret", "token", "authorization", "api_key", "apikey", "cookie", "signature"),
    *("credential", "database_url", "redis_url", "card", "cvc", "cvv", "iban", "email", "e_mail"),
    *("hmac", "phone", "address", "street", "postcode", "recipient"),
    *("full_name", "first_name", "last_name", "birth"),
)
_SECRET_KEYS: Final = frozenset(
    {"name", "to", "city", "zip", "line1", "line2", "pan", "body", "headers", "customer", "key", "dsn"}
)

_SHAPES: Final = (
    re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),  # an e-mail address
    # vendors' keys
    re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_\w+|\bwhsec_\w+|\b\w+_secret_\w+|\bSG\.[\w.-]+"),
    # Adyen's: an API key may end in almost any sign, a key for webhooks is 32 bytes in hexadecimal.
    re.compile(r"""\bAQE[^\s"']+"""),
    re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])"),
    re.compile(r"\bfc_[a-z]+_[\w-]+"),  # our API keys
    re.compile(r"\bAIza[\w-]+|(?<=[?&]key=)[^&\s]+"),  # Google's, and where its URLs carry them
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]+"),
    re.compile(r"(?<=://)[^\s/@]+(?=@)"),  # a login in a URL
    re.compile(r"(?<![\w.])\+\d[\d ()/-]{6,}\d"),  # a telephone number
)
_CARD: Final = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the event without anything that must not be told."""
    return {key: _told(key, value, 0) for key, value in event.items()}


def scrubbed(text: str) -> str:
    """The text without what can be told by its shape to be a secret or personal."""
    for shape in _SHAPES:
        text = shape.sub(REDACTED, text)
    return _CARD.sub(lambda found: REDACTED if _is_card(found[0]) else found[0], text)


def _told(key: str, value: Any, depth: int) -> Any:
    if _is_secret(key) and value is not None:
        return REDACTED
    match value:
        case bool() | int() | float() | None:
            return value
        case Enum():
            return _told(key, value.value, depth + 1)
        case str():
            return scrubbed(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping() if depth < _DEEPEST:
            return {str(inner): _told(str(inner), each, depth + 1) for inner, each in value.items()}
        case bytes() | bytearray():
            return f"<{len(value)} bytes>"
        case Sequence() if depth < _DEEPEST:
            return [_told(key, each, depth + 1) for each in value]
        case _:
            # An object's text may tell all of its fields.
            return f"<{type(value).__qualname__}>"


def _is_secret(key: str) -> bool:
    folded = key.lower().replace("-", "_")
    return folded in _SECRET_KEYS or any(part in folded for part in _SECRET_PARTS)


def _is_card(text: str) -> bool:
    """By its check digit: other numbers of that length may stay."""
    digits = [int(character) for character in reversed(text) if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
