"""Where a defect is reported, so that somebody mends it: something happened that the code doesn't expect."""

from typing import Protocol


class ErrorReports(Protocol):
    def report(self, where: str, error: BaseException, subject: str | None = None) -> None:
        """Tells that this failed: `where` names the operation or job, `subject` the id of what it was about.

        Of the error only its kind and its places in the code are told, never its text or what it was given:
        they may hold what a caller sent. Doesn't block, and never raises.
        """
