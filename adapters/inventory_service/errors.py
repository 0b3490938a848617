"""What the inventory service's refusals mean: by its code where it gives one, else by the status."""

from typing import Final

import httpx
import msgspec

from adapters.inventory_service.wire import Fault, FaultBody
from domain.reservation import ReservationState
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable

# A hold that is not there to be confirmed or released, and why: an answer, not an error.
ENDED: Final = {
    "reservation_expired": ReservationState.EXPIRED,
    "reservation_unknown": ReservationState.LOST,
    "reservation_released": ReservationState.RELEASED,
    "reservation_confirmed": ReservationState.CONFIRMED,
}
# Nothing was reserved, because there is none of it or because the service doesn't carry it.
NOT_TO_BE_HAD: Final = frozenset({"insufficient_stock", "product_unknown"})
# Our key came with another request before: what that one did has to be seen through.
_KEY_REUSED: Final = "idempotency_key_reused"
# Turned away unread: our key, its rights or the API's address are wrong, which a person mends.
_UNREAD: Final = frozenset({401, 403, 404, 405})


def fault_in(response: httpx.Response) -> Fault | None:
    """The service's own words for its refusal; None where something else answered in its place."""
    try:
        return msgspec.json.decode(response.content, type=FaultBody).error
    except msgspec.MsgspecError:
        return None


def refusal(response: httpx.Response, fault: Fault | None) -> PortError:
    """What an answer means that is no fact about a hold."""
    doubtful = bool(response.extensions.get("earlier_try_in_doubt"))
    status = f"http_{response.status_code}"
    if fault is not None and fault.code == _KEY_REUSED:
        return OutcomeUnknown(fault.code)
    if fault is None or response.status_code in (401, 403):
        if response.status_code in _UNREAD and not doubtful:
            return Unavailable(status)
        return OutcomeUnknown(status)
    return Rejected(fault.code)
