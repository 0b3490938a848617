"""What USPS's refusals mean (https://developers.usps.com/domesticpricesv3)."""

import re
from typing import Final

import httpx
import msgspec

from adapters.resilience.json_answers import read_part
from ports.errors import PortError, Rejected, Unavailable

# Something is wrong with this question, and always will be: no such ZIP code, nothing goes there.
_FOR_GOOD: Final = frozenset({400, 404, 422})
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class _Error(msgspec.Struct):
    code: str


class _Refusal(msgspec.Struct):
    error: _Error


_read_refusal: Final = msgspec.json.Decoder(_Refusal)


def refusal_of(answer: httpx.Response) -> PortError:
    """Anything but a 200. What USPS says in words stays out of it: it may repeat an address."""
    if answer.status_code not in _FOR_GOOD:
        return Unavailable(f"usps_{answer.status_code}")
    told = read_part(_read_refusal, answer.content)
    code = told.error.code if told is not None else ""
    return Rejected(code if _CODE.fullmatch(code) else f"usps_{answer.status_code}")
