"""Answers that can't be believed: the right status, a body that reads well, and taxes that nobody owes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final


class Distortion(StrEnum):
    NEGATIVE = "negative"
    NOT_A_NUMBER = "not_a_number"
    NO_AMOUNT = "no_amount"
    WRONG_SUM = "wrong_sum"
    ABSURD_RATE = "absurd_rate"
    NO_LINES = "no_lines"
    STRANGE_LINES = "strange_lines"


def _negative(tax: dict[str, Any]) -> None:
    tax["amount_to_collect"] = -abs(tax["amount_to_collect"]) - 1


def _not_a_number(tax: dict[str, Any]) -> None:
    tax["amount_to_collect"] = "NaN"


def _no_amount(tax: dict[str, Any]) -> None:
    del tax["amount_to_collect"]


def _wrong_sum(tax: dict[str, Any]) -> None:
    tax["amount_to_collect"] += Decimal(7)


def _absurd_rate(tax: dict[str, Any]) -> None:
    """As if a percentage had been taken for a fraction, everywhere alike."""
    breakdown = tax.get("breakdown") or {}
    for part in (*breakdown.get("line_items", ()), breakdown.get("shipping") or {}):
        for name in part:
            if name.endswith("_rate"):
                part[name] = Decimal("0.95")
        if "tax_collectable" in part:
            part["tax_collectable"] = part["taxable_amount"] * Decimal("0.95")
    tax["amount_to_collect"] = tax["taxable_amount"] * Decimal("0.95")


def _no_lines(tax: dict[str, Any]) -> None:
    tax.pop("breakdown", None)
    tax["amount_to_collect"] += 1


def _strange_lines(tax: dict[str, Any]) -> None:
    for line in (tax.get("breakdown") or {}).get("line_items", ()):
        line["id"] = f"another {line['id']}"
    tax["amount_to_collect"] += 1


_WAYS: Final[Mapping[Distortion, Callable[[dict[str, Any]], None]]] = {
    Distortion.NEGATIVE: _negative,
    Distortion.NOT_A_NUMBER: _not_a_number,
    Distortion.NO_AMOUNT: _no_amount,
    Distortion.WRONG_SUM: _wrong_sum,
    Distortion.ABSURD_RATE: _absurd_rate,
    Distortion.NO_LINES: _no_lines,
    Distortion.STRANGE_LINES: _strange_lines,
}


def distorted(tax: dict[str, Any], way: Distortion) -> dict[str, Any]:
    _WAYS[way](tax)
    return tax
