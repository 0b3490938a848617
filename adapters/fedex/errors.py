"""What FedEx's refusals mean (https://developer.fedex.com/api/en-us/guides/api-reference.html)."""

import re
from typing import Final

import httpx
import msgspec

from adapters.resilience.json_answers import read_part
from ports.errors import PortError, Rejected, Unavailable

# Something is wrong with this question, and always will be: no such place, no service between the two.
_FOR_GOOD: Final = frozenset({400, 404, 422})
_CODE: Final = re.compile(r"[A-Z0-9_.]{1,80}")


class _Error(msgspec.Struct):
    code: str


class _Refusal(msgspec.Struct):
    errors: list[_Error]


_read_refusal: Final = msgspec.json.Decoder(_Refusal)


def refusal_of(answer: httpx.Response) -> PortError:
    """Anything but a 200. What FedEx says in words stays out of it: it may repeat an address."""
    if answer.status_code not in _FOR_GOOD:
        return Unavailable(f"fedex_{answer.status_code}")
    told = read_part(_read_refusal, answer.content)
    code = told.errors[0].code if told is not None and told.errors else ""
    return Rejected(code if _CODE.fullmatch(code) else f"fedex_{answer.status_code}")
