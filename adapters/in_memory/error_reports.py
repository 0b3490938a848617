"""Reported defects that stay in memory, to look into."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """`error` is the kind alone: its text may hold what a caller sent."""

    where: str
    error: str
    subject: str | None


class InMemoryErrorReports:
    """Implements `ports.error_reports.ErrorReports`."""

    def __init__(self) -> None:
        self._reported: list[Reported] = []

    @property
    def reported(self) -> tuple[Reported, ...]:
        return tuple(self._reported)

    def report(self, where: str, error: BaseException, subject: str | None = None) -> None:
        self._reported.append(Reported(where=where, error=type(error).__qualname__, subject=subject))
