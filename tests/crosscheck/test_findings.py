"""The cross-check's own judgement, without the fake: what agrees and what no longer does; and that no
ordinary test run goes near it.
"""

from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.crosscheck import localstripe, run
from tests.crosscheck.localstripe import NotInstalled, running_localstripe
from tests.crosscheck.run import AGREED, Findings

_FILE = "tests/crosscheck/contracts.py"


def a_report(
    case: str, outcome: str, *, when: str = "call", refused: tuple[str, ...] = ()
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=f"{_FILE}::{case}",
        location=(_FILE, 1, case),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr="AssertionError: 1 is not 2\nand more" if outcome == "failed" else None,
        when=when,  # type: ignore[arg-type]
        user_properties=[("refused", call) for call in refused],
    )


def found(*reports: pytest.TestReport) -> Findings:
    findings = Findings()
    for report in reports:
        findings.pytest_runtest_logreport(report)
    return findings


def test_what_agreed_before_and_does_no_longer_is_a_loss() -> None:
    first, *rest = sorted(AGREED)
    findings = found(a_report(first, "failed"), *(a_report(case, "passed") for case in rest))
    assert (findings.lost, findings.gained) == ([first], [])
    assert findings.differs == {first: "AssertionError: 1 is not 2"}


def test_a_case_that_agrees_for_the_first_time_is_told() -> None:
    findings = found(*(a_report(case, "passed") for case in AGREED), a_report("test_news", "passed"))
    assert (findings.lost, findings.gained) == ([], ["test_news"])


def test_a_case_whose_end_fails_does_not_agree() -> None:
    findings = found(a_report("test_x", "passed"), a_report("test_x", "failed", when="teardown"))
    assert findings.agrees == set()


def test_calls_that_were_turned_away_are_counted_once_a_case() -> None:
    call = "GET /v1/refunds: 500 Internal Server Error"
    reports = [a_report("test_x", "passed", when=when, refused=(call, call)) for when in ("call", "teardown")]
    assert found(*reports).refused == {call: 2}


def test_without_the_fake_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(localstripe, "PYTHON", tmp_path / "python")
    with pytest.raises(NotInstalled), running_localstripe():
        pass
    assert run.main() == 2
    assert "localstripe is not there" in capsys.readouterr().out


def test_no_ordinary_run_collects_its_cases(pytestconfig: pytest.Config) -> None:
    collected = pytestconfig.getini("python_files")
    assert not any(fnmatch(Path(_FILE).name, pattern) for pattern in collected)
