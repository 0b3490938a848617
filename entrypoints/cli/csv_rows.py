"""What files of products and of plans have in common: columns, amounts, and mistakes that are told by their
line.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from domain.errors import UnknownCurrency
from domain.money import Currency, Money
from entrypoints.cli.endings import NotDone

T = TypeVar("T")

Row = Mapping[str | None, str | None]
_AMOUNT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?")
_MOST: Final = 1_000_000_000
_PROBLEMS_SHOWN: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    line: int
    problem: str


class FileRefused(Exception):
    """The file has mistakes; nothing was kept."""

    def __init__(self, problems: tuple[LineProblem, ...]) -> None:
        super().__init__("\n".join(f"line {p.line}: {p.problem}" for p in problems))
        self.problems = problems


class Mistake(Exception):
    """What is wrong in one line."""


def read_file(file: Path, read: Callable[[Iterable[str]], T]) -> T:
    """What the reading makes of the file. Raises NotDone, saying what is wrong with it."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return read(lines)
    except FileRefused as refused:
        raise NotDone(f"Nothing was imported from {file.name}:\n{_shown(refused)}") from None
    except UnicodeDecodeError:
        raise NotDone(f"Nothing was imported: {file.name} is not UTF-8 text. Save it as CSV UTF-8.") from None
    except OSError as error:
        raise NotDone(f"{file}: {error.strerror}") from None


def repeated_columns(names: Iterable[str]) -> list[LineProblem]:
    return [
        LineProblem(line=1, problem=f"column {name} stands in the file {count} times")
        for name, count in Counter(names).items()
        if count > 1
    ]


def missing_columns(names: Iterable[str], *needed: str) -> list[LineProblem]:
    there = set(names)
    return [LineProblem(line=1, problem=f"column {name} is missing") for name in needed if name not in there]


def currency_of(column: str, code: str) -> Currency:
    """The currency that a column is about. Raises Mistake."""
    try:
        return Currency.of(code)
    except UnknownCurrency:
        raise Mistake(f"column {column} names no currency of FastCart") from None


def text_in(row: Row, name: str, *, most: int) -> str:
    text = (row.get(name) or "").strip()
    if not text or len(text) > most or not text.isprintable():
        raise Mistake(f"{name} must be 1 to {most} printable characters")
    return text


def number_in(row: Row, name: str, otherwise: int = 0) -> int:
    text = (row.get(name) or "").strip() or str(otherwise)
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST:
        raise Mistake(f"{name} must be a whole number from 0 to {_MOST}")
    return int(text)


def money_in(row: Row, name: str, currency: Currency) -> Money | None:
    """An amount in its usual notation; None where the field is empty."""
    text = (row.get(name) or "").strip()
    if not text:
        return None
    match = _AMOUNT.fullmatch(text)
    decimals = match[2] or "" if match else ""
    if match is None or len(decimals) > currency.exponent:
        raise Mistake(f"{name} must be an amount with at most {currency.exponent} decimals")
    minor = int(match[1] + decimals.ljust(currency.exponent, "0"))
    if minor > _MOST:
        raise Mistake(f"{name} must be at most {Money(minor=_MOST, currency=currency)}")
    if minor % currency.step:
        raise Mistake(f"{name} must be a multiple of {Money(minor=currency.step, currency=currency)}")
    return Money(minor=minor, currency=currency)


def _shown(refused: FileRefused) -> str:
    lines = [f"line {problem.line}: {problem.problem}" for problem in refused.problems]
    more = len(lines) - _PROBLEMS_SHOWN
    return "\n".join([*lines[:_PROBLEMS_SHOWN], *([f"… and {more} more"] if more > 0 else [])])
