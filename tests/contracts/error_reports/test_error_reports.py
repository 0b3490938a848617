"""A defect is told by its kind, its place and what it was about, and never by its text."""

from typing import Any

import pytest
import structlog

from adapters.error_log import LoggedErrorReports
from adapters.in_memory.error_reports import InMemoryErrorReports, Reported
from ports.error_reports import ErrorReports

MARK = "4242424242424242 of shopper@example.com"


def broken(value: str) -> None:
    try:
        raise KeyError(value)
    except KeyError as error:
        raise ValueError(value) from error


def reported_by(reports: ErrorReports) -> list[Any]:
    """What was logged while a defect was reported."""
    with structlog.testing.capture_logs() as logs:
        try:
            broken(MARK)
        except ValueError as error:
            reports.report("job.handle_webhook", error, "whk_1")
    return logs


@pytest.mark.parametrize("reports", [LoggedErrorReports(), InMemoryErrorReports()])
def test_nothing_of_its_text_is_told(reports: ErrorReports) -> None:
    told = f"{reported_by(reports)} {getattr(reports, 'reported', ())}"
    assert "4242" not in told
    assert "shopper" not in told


def test_it_stays_in_memory() -> None:
    reports = InMemoryErrorReports()
    assert reported_by(reports) == []
    assert reports.reported == (Reported(where="job.handle_webhook", error="ValueError", subject="whk_1"),)


def test_it_is_a_line_of_the_log_with_kind_cause_and_place() -> None:
    (line,) = reported_by(LoggedErrorReports())
    assert (line["event"], line["log_level"]) == ("defect", "error")
    assert (line["where"], line["subject"], line["error"]) == ("job.handle_webhook", "whk_1", "ValueError")
    assert line["causes"] == ["KeyError"]
    assert line["places"][-1].endswith(" broken")
    assert line["places"][-1].startswith("test_error_reports.py:")


@pytest.mark.parametrize("reports", [LoggedErrorReports(), InMemoryErrorReports()])
def test_an_error_that_was_never_raised_can_be_reported(reports: ErrorReports) -> None:
    reports.report("sweep", ZeroDivisionError())
