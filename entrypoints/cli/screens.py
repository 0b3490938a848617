"""Where a command's answer is printed, and how a list of records is laid out there."""

import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

# Whatever reads a file or a pipe breaks its lines itself, if it wants them broken.
_WIDTH_OF_A_FILE: Final = 10_000


def screen() -> Console:
    """The terminal, as wide as it is; a file or a pipe gets every line whole."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE, highlight=False)


class Listing:
    """Records under headings, a line for each.

    Ids and dates are copied from here, so they are never cut: where a line doesn't fit into the terminal they
    stand one below the other, and all else is folded beside them.
    """

    def __init__(self, whole: Sequence[str], others: Sequence[str]) -> None:
        self._whole, self._others = tuple(whole), tuple(others)
        self._rows: list[tuple[tuple[str, ...], list[Text]]] = []

    def add(self, whole: Sequence[str], *others: str | Text) -> None:
        """Text is printed as it is; brackets in it are no markup."""
        row = [each if isinstance(each, Text) else Text(each) for each in others]
        self._rows.append((tuple(whole), row))

    def print_on(self, console: Console) -> None:
        table = self._in_lines()
        unlimited = console.options.update(max_width=_WIDTH_OF_A_FILE)
        fits = Measurement.get(console, unlimited, table).maximum <= console.width
        console.print(table if fits else self._stacked())

    def _in_lines(self) -> Table:
        table = self._table(*self._whole)
        for whole, others in self._rows:
            table.add_row(*map(Text, whole), *others)
        return table

    def _stacked(self) -> Table:
        table = self._table("\n".join(self._whole))
        # Records of several lines are told apart by an empty one.
        table.padding = (0, 1, 1, 1)
        for whole, others in self._rows:
            table.add_row(Text("\n".join(filter(None, whole))), *others)
        return table

    def _table(self, *whole: str) -> Table:
        columns = [
            *(Column(heading, no_wrap=True) for heading in whole),
            *(Column(heading, overflow="fold") for heading in self._others),
        ]
        return Table(*columns, box=None, pad_edge=False)
