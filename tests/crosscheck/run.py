"""`make crosscheck`: the contract's cases at the fake, and a report of what it doesn't know.

Exit code 0 if all that agreed before agrees still, 1 if something doesn't, 2 if the fake can't be started.
"""

import os
import sys
from collections import Counter
from typing import Final

import pytest
from rich.console import Console

from tests.crosscheck.localstripe import REFUSED, URL, NotInstalled, running_localstripe

_CASES: Final = "tests/crosscheck/contracts.py"
# What is imported here can't be rewritten for its assertions any more, and needn't.
_QUIETLY: Final = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--no-summary", "--tb=line"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


# What agreed when the fake was last looked at, in the version of the lock: whoever changes the adapter and
# loses one of these looks into it.
AGREED: Final = frozenset(
    {
        "test_a_bank_that_asks_is_answered",
        "test_a_bank_that_refuses_leads_back_to_the_shopper",
        "test_a_new_payment_waits_for_the_shopper_in_the_page",
        "test_a_repeat_tells_the_state_of_then",
        "test_a_void_ends_an_authorization",
        "test_another_key_makes_another_refund",
        "test_automatic_capture_takes_the_money_at_once",
    }
)


class Findings:
    """A plugin of pytest's: what became of each case, and why the others did not agree."""

    def __init__(self) -> None:
        self.agrees: set[str] = set()
        self.differs: dict[str, str] = {}
        self.refused: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        case = report.nodeid.partition("::")[2]
        refused = [str(call) for name, call in report.user_properties if name == REFUSED]
        if report.when == "teardown":
            self.refused.update(refused)
        if report.failed:
            self.differs[case] = "; ".join(dict.fromkeys((_reason(report), *refused)))
            self.agrees.discard(case)
        elif report.passed and report.when == "call":
            self.agrees.add(case)

    @property
    def lost(self) -> list[str]:
        """What agreed once, and doesn't any more."""
        return sorted(AGREED - self.agrees)

    @property
    def gained(self) -> list[str]:
        return sorted(self.agrees - AGREED)


def main() -> int:
    console = Console(width=160)
    try:
        with running_localstripe() as url:
            os.environ[URL] = url
            findings = Findings()
            pytest.main([*_QUIETLY, _CASES], plugins=[findings])
    except NotInstalled:
        console.print("localstripe is not there: `make crosscheck` installs it, from a package index.")
        return 2
    show(findings, console)
    return 1 if findings.lost else 0


def show(findings: Findings, console: Console) -> None:
    total = len(findings.agrees) + len(findings.differs)
    console.print(f"[bold]{len(findings.agrees)} of {total} cases of the payment contract agree.[/bold]")
    console.print("\nlocalstripe differs from Stripe, or from what we hold Stripe to be, in:")
    for case, reason in sorted(findings.differs.items()):
        console.print(f"  {case}\n      {reason}", highlight=False, markup=False)
    console.print("\nIt turned these calls away:")
    for call, times in findings.refused.most_common():
        console.print(f"  {times:4d} x {call}", highlight=False, markup=False)
    for title, cases in (("No longer agree", findings.lost), ("Agree now, and did not", findings.gained)):
        if cases:
            console.print(f"\n{title}: {', '.join(cases)}", highlight=False, markup=False)


def _reason(report: pytest.TestReport) -> str:
    """The failure in a line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash is not None else str(report.longrepr)
    return message.strip().splitlines()[0][:140]


if __name__ == "__main__":
    sys.exit(main())
