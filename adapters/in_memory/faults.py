"""What can go wrong at a fake, so that a story sees a vendor that fails."""

from collections.abc import Callable
from typing import Literal

Moment = Literal["before", "after"]
# Asked before and after each effect: it may raise one of the ports' errors, as a vendor that fails would.
Fault = Callable[[str, Moment], None]


def no_fault(operation: str, moment: Moment) -> None:
    return None
