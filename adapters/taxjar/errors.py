"""What TaxJar's refusals mean. Its body says `{status, error, detail}`; the detail may repeat an address, so
nothing of it is told on.
"""

from typing import Final

from ports.errors import PortError, Rejected, Unavailable

# Something about this order or place, and always will be.
_FOR_GOOD: Final = frozenset({400, 422})
NOT_FOUND: Final = 404
ALREADY_THERE: Final = 422


def refusal(status: int) -> PortError:
    """Rejected for what was asked; Unavailable where a person has to mend our key (401, 403), the address of
    the API (404 to 410), or TaxJar itself.
    """
    return Rejected(f"taxjar_{status}") if status in _FOR_GOOD else Unavailable(f"taxjar_{status}")


def nonsense() -> Unavailable:
    """An answer that can't be believed is none."""
    return Unavailable("taxjar_answer_invalid")
