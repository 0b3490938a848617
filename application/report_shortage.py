"""Story: a line can't be shipped after all. Said before the capture, less money is taken."""

from dataclasses import dataclass

from application.advance_order import AdvanceOrder
from domain.giving_back import shortage_told
from domain.identifiers import OrderId, ShortageId
from domain.order_facts import OrderFacts
from domain.refund import RefundedLine
from ports.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortageReport:
    """`write_off` if the pieces don't exist: they leave the stock count. Otherwise they are free again."""

    order_id: OrderId
    shortage_id: ShortageId
    lines: tuple[RefundedLine, ...]
    write_off: bool
    note: str | None = None


class ReportShortage:
    """Idempotent by `shortage_id`: reporting it again changes nothing."""

    def __init__(self, advance: AdvanceOrder, clock: Clock) -> None:
        self._advance = advance
        self._clock = clock

    async def __call__(self, report: ShortageReport) -> OrderFacts:
        """Raises UnknownOrder, ShortageTooLate, NothingLeftToShip, UnknownLine and TooManyPieces."""

        def told(facts: OrderFacts) -> OrderFacts:
            return shortage_told(
                facts,
                report.shortage_id,
                report.lines,
                written_off=report.write_off,
                note=report.note,
                now=self._clock.now(),
            )

        return await self._advance.record(report.order_id, told)
