"""A list of records in a window that is wide enough, and in one that isn't."""

import io

import pytest
from rich.console import Console

from entrypoints.cli.screens import Listing
from tests.builders import new_id

CASE, ORDER, SINCE = new_id("case"), new_id("ord"), "2026-11-25 15:30"
CAN = "retry, refund, cancel, accept; evidence by 2026-12-01 10:00"


def printed(width: int) -> str:
    listing = Listing(("Case", "Order", "Since"), ("Reason", "Looked after by", "Can be done"))
    for name in ("Kim", "[bold]Robin[/bold]"):
        listing.add((CASE, ORDER, SINCE), "reconciliation difference", name, CAN)
    console = Console(file=io.StringIO(), width=width)
    listing.print_on(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_where_a_line_fits_a_record_is_a_line() -> None:
    _, first, second = printed(300).splitlines()
    assert all(whole in first for whole in (CASE, ORDER, SINCE, "Kim", CAN))
    assert "[bold]Robin[/bold]" in second


@pytest.mark.parametrize("width", [60, 80, 120])
def test_where_it_does_not_ids_and_dates_are_whole_all_the_same(width: int) -> None:
    told = printed(width)
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= width
    assert all(told.count(whole) == 2 for whole in (CASE, ORDER, SINCE))


def test_at_eighty_columns_no_word_is_broken() -> None:
    words = printed(80).split()
    for word in ("reconciliation", "difference", "cancel,", "evidence", "2026-12-01"):
        assert words.count(word) == 2
