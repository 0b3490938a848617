"""What UPS's refusals mean (https://developer.ups.com/api/reference/rating/api)."""

import re
from typing import Final

import httpx
import msgspec

from adapters.resilience.json_answers import read_part
from ports.errors import PortError, Rejected, Unavailable

# Something is wrong with this question, and always will be: no such place, no service between the two.
_FOR_GOOD: Final = frozenset({400, 404, 422})
_CODE: Final = re.compile(r"[A-Za-z0-9]{1,20}")


class _Error(msgspec.Struct):
    code: str


class _Errors(msgspec.Struct):
    errors: list[_Error]


class _Refusal(msgspec.Struct):
    response: _Errors


_read_refusal: Final = msgspec.json.Decoder(_Refusal)


def refusal_of(answer: httpx.Response) -> PortError:
    """Anything but a 200. What UPS says in words stays out of it: it may repeat an address."""
    if answer.status_code not in _FOR_GOOD:
        return Unavailable(f"ups_{answer.status_code}")
    told = read_part(_read_refusal, answer.content)
    code = told.response.errors[0].code if told is not None and told.response.errors else ""
    return Rejected(code if _CODE.fullmatch(code) else f"ups_{answer.status_code}")
