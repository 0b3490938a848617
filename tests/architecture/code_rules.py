"""How code looks in this house: determinism inside, whole minor units, telling names, small rooms."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import INNER, Source

_VAGUE_CLASS = re.compile(r"(Manager|Helpers?|Utils?|Impl)$|^_?(Base|Abstract)([A-Z]|$)")
_VAGUE_FILES = {"utils", "util", "helpers", "helper", "common", "misc"}
_UNREPEATABLE_MODULES = {"random", "secrets", "time"}
_UNREPEATABLE_NAMES = {"uuid.uuid1", "uuid.uuid4", "os.urandom"}
_CLOCKS = {"now", "utcnow", "today"}
_LONGEST_FUNCTION = 50
_LONGEST_FILE, _LONGEST_TEST_FILE = 350, 500
_ARGUED = "# long: "
"""A comment that begins so, with the reason, near a file's top or above a function, allows its length."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def newer_syntax(source: Source) -> Iterator[str]:
    """Runs on every Python that we promise: `class A[T]` and friends are newer than the oldest of them."""
    try:
        _ = source.tree
    except SyntaxError as error:
        yield f"{error.lineno}: {error.msg}"


def what_differs_between_runs(source: Source) -> Iterator[str]:
    """Time, ids and randomness come in through ports/clock.py, so that a run can be replayed."""
    if not source.is_in(*INNER):
        return
    for line, name in source.imports():
        if name.partition(".")[0] in _UNREPEATABLE_MODULES or name in _UNREPEATABLE_NAMES:
            yield f"{line}: imports {name}"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            owner, _, name = ast.unparse(node).rpartition(".")
            asks_clock = owner.rpartition(".")[2] in {"datetime", "date"} and name in _CLOCKS
            if asks_clock or f"{owner}.{name}" in _UNREPEATABLE_NAMES:
                yield f"{node.lineno}: {owner}.{name}"


def floats(source: Source) -> Iterator[str]:
    """Money is whole minor units; a float anywhere near it is a cent lost somewhere."""
    if source.is_in("domain"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Name) and node.id == "float":
                yield f"{node.lineno}: float"
            elif isinstance(node, ast.Constant) and isinstance(node.value, float):
                yield f"{node.lineno}: {node.value}"


def changeable_facts(source: Source) -> Iterator[str]:
    """Facts don't change and fields have names. Errors are exempt: Python writes a traceback into them."""
    if not source.is_in("domain") or source.path.name == "errors.py":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            for decorator in map(ast.unparse, node.decorator_list):
                wanted = ("frozen=True", "slots=True", "kw_only=True")
                if decorator.startswith("dataclass") and not all(word in decorator for word in wanted):
                    yield f"{node.lineno}: {node.name} is not frozen, slotted and keyword-only"


def vague_names(source: Source) -> Iterator[str]:
    """A name says what a thing is for."""
    if source.path.stem in _VAGUE_FILES:
        yield "1: the file's name says nothing"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and _VAGUE_CLASS.search(node.name):
            yield f"{node.lineno}: class {node.name}"


def unexplained_files(source: Source) -> Iterator[str]:
    """Every file says why it exists; an empty one has nothing to explain."""
    if source.tree.body and not ast.get_docstring(source.tree):
        yield "1: no docstring"


def large_rooms(source: Source) -> Iterator[str]:
    """What doesn't fit on a few screens isn't read."""
    limit = _LONGEST_TEST_FILE if source.is_in("tests") else _LONGEST_FILE
    if len(source.lines) > limit and not any(line.startswith(_ARGUED) for line in source.lines[:10]):
        yield f"1: {len(source.lines)} lines"
    for node in ast.walk(source.tree):
        if isinstance(node, _Function) and not _is_argued(source, node):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > _LONGEST_FUNCTION:
                yield f"{node.lineno}: {node.name} has {length} lines"


def _is_argued(source: Source, function: _Function) -> bool:
    first_line = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    return source.lines[first_line - 2].lstrip().startswith(_ARGUED)
