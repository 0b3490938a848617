"""What happened, in order: kept for every run, worded only for those that somebody reads."""

from collections.abc import Iterator
from datetime import timedelta
from enum import Enum

from tests.simulation.virtual_time import START, VirtualLoop


class History:
    """Lines of time, who, what. Nothing is formatted before it is asked for: most histories never are."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._told: list[tuple[float, str, str, tuple[object, ...]]] = []

    def __call__(self, who: str, what: str, *details: object) -> None:
        """`details` don't change any more: names, ids, enumerations, errors."""
        self._told.append((self._loop.seconds, who, what, details))

    def lines(self) -> Iterator[str]:
        for seconds, who, what, details in self._told:
            moment = START + timedelta(seconds=seconds)
            day = f"+{(moment.date() - START.date()).days} " if moment.date() != START.date() else ""
            said = " ".join((what, *(_word(detail) for detail in details)))
            yield f"{day}{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}  {who:<14} {said}"


def _word(detail: object) -> str:
    if isinstance(detail, Enum):
        return str(detail.value)
    if isinstance(detail, BaseException):
        facts = ", ".join(f"{name}={_word(value)}" for name, value in vars(detail).items() if value)
        return f"{type(detail).__name__}({facts})"
    return str(detail)
