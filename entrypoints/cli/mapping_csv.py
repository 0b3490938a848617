"""Customers' ids from a new provider's CSV file: `old_id,new_id`, each mistake told by its line."""

import csv
from collections.abc import Iterable, Mapping
from typing import Final

from application.migrate_customers import MappedId, MappingProblem, MappingRefused

_COLUMNS: Final = ("old_id", "new_id")
_LONGEST: Final = 256


def read_mapping(lines: Iterable[str]) -> tuple[MappedId, ...]:
    """Raises MappingRefused with every mistake in the file."""
    rows = csv.DictReader(lines, strict=True)
    mapping: list[MappedId] = []
    problems: list[MappingProblem] = []
    try:
        missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise MappingRefused([_problem(1, f"column {name} is missing") for name in missing])
        for row in rows:
            mapped, wrong = _read(row, rows.line_num)
            mapping += mapped
            problems += wrong
    except csv.Error as error:
        problems.append(_problem(rows.line_num + 1, f"this is no CSV from here on ({error})"))
    if not problems and not mapping:
        problems.append(_problem(max(rows.line_num, 1), "there is no customer in the file"))
    if problems:
        raise MappingRefused(problems)
    return tuple(mapping)


def _read(row: Mapping[str | None, str | None], line: int) -> tuple[list[MappedId], list[MappingProblem]]:
    if None in row:
        return [], [_problem(line, "there are more values than columns")]
    old, new = ((row.get(name) or "").strip() for name in _COLUMNS)
    wrong = [
        _problem(line, f"{name} must be 1 to {_LONGEST} printable characters")
        for name, text in zip(_COLUMNS, (old, new), strict=True)
        if not text or len(text) > _LONGEST or not text.isprintable()
    ]
    return ([], wrong) if wrong else ([MappedId(line=line, old=old, new=new)], [])


def _problem(line: int, problem: str) -> MappingProblem:
    return MappingProblem(line=line, problem=problem)
