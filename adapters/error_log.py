"""Defects as lines of the log, for a shop that has no service of its own to collect them."""

from pathlib import Path
from traceback import extract_tb
from typing import Final

import structlog

log = structlog.get_logger(__name__)
_MOST_CAUSES: Final = 5
_MOST_PLACES: Final = 8


class LoggedErrorReports:
    """Implements `ports.error_reports.ErrorReports`: one line each, at the level of an error."""

    def report(self, where: str, error: BaseException, subject: str | None = None) -> None:
        log.error(
            "defect",
            where=where,
            subject=subject,
            error=type(error).__qualname__,
            causes=_causes(error),
            places=_places(error),
        )


def _causes(error: BaseException) -> list[str]:
    """The kinds of what led to it, the nearest first."""
    causes: list[str] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(causes) < _MOST_CAUSES:
        causes.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    return causes


def _places(error: BaseException) -> list[str]:
    """File, line and function, outermost first: the last few, where it happened."""
    frames = extract_tb(error.__traceback__)[-_MOST_PLACES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
