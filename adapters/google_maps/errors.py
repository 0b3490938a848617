"""What Google's refusals mean. Their texts repeat what was asked, so none of them is kept."""

from collections.abc import Mapping
from typing import Final

from ports.errors import PortError, Rejected, Unavailable

OK: Final = 200
# Address Validation doesn't cover the country, or can't take these words; Geocoding may.
NOT_COVERED: Final = 400

# Geocoding answers 200 and says in `status` how it went:
# https://developers.google.com/maps/documentation/geocoding/requests-geocoding#StatusCodes
FOUND: Final = "OK"
NOT_FOUND: Final = "ZERO_RESULTS"
_REFUSED: Final = frozenset({"INVALID_REQUEST"})
_UNAVAILABLE: Final[Mapping[str, str]] = {
    "REQUEST_DENIED": "google_request_denied",
    "OVER_QUERY_LIMIT": "google_over_query_limit",
    "OVER_DAILY_LIMIT": "google_over_daily_limit",
    "UNKNOWN_ERROR": "google_unknown_error",
}
UNREADABLE: Final = "google_unreadable_answer"


def error_of_http(status: int) -> PortError:
    """Any answer but 200: a refusal of the question, or something that a person mends (401, 403: our key)."""
    if status == NOT_COVERED:
        return Rejected(f"google_{status}")
    return Unavailable(f"google_{status}")


def error_of_status(status: str) -> PortError:
    """What Geocoding says beside OK and ZERO_RESULTS; a word that is new to us is no answer."""
    if status in _REFUSED:
        return Rejected("google_invalid_request")
    return Unavailable(_UNAVAILABLE.get(status, "google_unknown_status"))
