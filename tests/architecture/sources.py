"""The project's own source files, as the rules read them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "ports", "application", "adapters", "entrypoints")
INNER = ("domain", "ports", "application")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file: where it lies below the root, and what it says."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """What the oldest Python that we support reads, whichever is running. Raises SyntaxError."""
        return ast.parse(self.text, str(self.path), feature_version=OLDEST_PYTHON)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def is_in(self, *places: str) -> bool:
        """Whether it is one of the files, or lies in one of the folders."""
        return any(self.path.is_relative_to(place) for place in places)

    def is_readable(self) -> bool:
        try:
            return bool(self.tree)
        except SyntaxError:
            return False

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full dotted name of everything that it imports, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def all_sources() -> list[Source]:
    """Every Python file of the project, tests among them."""
    return [
        Source(path=PurePosixPath(file.relative_to(ROOT).as_posix()), text=file.read_text())
        for package in (*PACKAGES, "tests")
        for file in sorted((ROOT / package).rglob("*.py"))
    ]
