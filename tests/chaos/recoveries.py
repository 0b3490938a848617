"""How long it took until things worked again after each kill."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from tests.chaos.audit import Auditor
from tests.chaos.fires import Kill
from tests.chaos.fleet import APIS, POSTGRES
from tests.chaos.purchase import Ending, Purchase
from tests.chaos.report import Recovery

LONGEST_SECONDS: Final = 30.0
"""A dead worker's lease runs out within 30 s; nothing may take longer to come back."""


async def recoveries_of(
    kills: Sequence[Kill], purchases: Sequence[Purchase], auditor: Auditor
) -> list[Recovery]:
    """For API and database: the first purchase begun after the kill that was paid. For the others: the first
    webhook that came after it and was handled, and the first e-mail.
    """
    letters = await auditor.letters()
    found = []
    for kill in kills:
        victims = " and ".join(kill.victims)
        if any(victim in (*APIS, POSTGRES) for victim in kill.victims):
            found.append(
                Recovery(victims=victims, what="first checkout paid", seconds=_paid(kill, purchases))
            )
        else:
            handled = await auditor.first_webhook_handled(kill.killed_at)
            found.append(
                Recovery(victims=victims, what="first webhook handled", seconds=_after(kill, handled))
            )
            sent = min((at for at in _times(letters) if at >= kill.killed_at), default=None)
            found.append(Recovery(victims=victims, what="first e-mail sent", seconds=_after(kill, sent)))
    return found


def too_slow(recoveries: Sequence[Recovery], within_seconds: float) -> list[str]:
    return [
        f"{recovery.victims}: {recovery.what} after {recovery.seconds or 'never'}"
        for recovery in recoveries
        if recovery.seconds is None or recovery.seconds > within_seconds
    ]


def _paid(kill: Kill, purchases: Sequence[Purchase]) -> float | None:
    moment = kill.killed_at_seconds
    ends = [p.ended_at for p in purchases if p.ending is Ending.PAID and p.started_at >= moment]
    return min(ends) - moment if ends else None


def _after(kill: Kill, moment: datetime | None) -> float | None:
    return (moment - kill.killed_at).total_seconds() if moment is not None else None


def _times(letters: Sequence[dict[str, Any]]) -> Iterator[datetime]:
    return (datetime.fromisoformat(letter["at"]) for letter in letters)
