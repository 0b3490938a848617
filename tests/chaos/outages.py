"""What goes wrong at those who price and keep the goods: the carriers, TaxJar, the inventory service."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from tests.chaos.sandbox import Sandbox

# Longer than callers wait (`adapters/resilience/policies.py`). What was asked for happens all the same.
_CARRIER_TOO_LATE_MS: Final = 4_000
_INVENTORY_TOO_LATE_MS: Final = 6_000
_CARRIERS: Final = ("fedex", "ups", "usps")


def _too_late(operation: str, times: int) -> dict[str, object]:
    return {
        "vendor": "inventory",
        "operation": operation,
        "kind": "delay",
        "delay_ms": _INVENTORY_TOO_LATE_MS,
        "probability": 0.3,
        "times": times,
    }


CARRIERS_TIME_OUT: Final[tuple[Mapping[str, object], ...]] = tuple(
    {
        "vendor": carrier,
        "operation": "rates.list",
        "kind": "delay",
        "delay_ms": _CARRIER_TOO_LATE_MS,
        "times": None,
    }
    for carrier in _CARRIERS
)
INVENTORY_FAULTS: Final[tuple[Mapping[str, object], ...]] = (
    _too_late("reservations.create", 6),
    _too_late("orders.confirm", 4),
    _too_late("reservations.delete", 3),
    {"vendor": "inventory", "kind": "lost", "probability": 0.05, "times": None},
    {"vendor": "inventory", "kind": "500", "probability": 0.03, "times": None},
    {"vendor": "inventory", "kind": "500_after", "probability": 0.03, "times": None},
)
# In the words of the sandbox's control panel.
_NONSENSE: Final = ("negative", "not_a_number", "wrong_sum")
_NONSENSE_TIMES: Final = 3
# Two more than the breaker needs: with it open, TaxJar is away for half a minute.
_DOWN: Final = {"vendor": "taxjar", "operation": "taxes.calculate", "kind": "refuse", "times": 7}
_LOOKS_AGAIN_SECONDS, _LONGEST_TELLING_SECONDS = 0.2, 4.0

MUST_HAPPEN: Final = (
    *(f"taxjar: {way}" for way in _NONSENSE),
    "taxjar taxes.calculate: refuse",
)


def name_of(fault: Mapping[str, Any]) -> str:
    """`inventory orders.confirm: delay`; without the operation where a fault concerns all of them."""
    operation = fault.get("operation", "*")
    where = fault["vendor"] if operation == "*" else f"{fault['vendor']} {operation}"
    return f"{where}: {fault['kind']}"


async def trouble_taxjar(sandbox: Sandbox) -> None:
    """Invalid answers of one kind after the other, as often as asked for, then none at all.

    Once: what TaxJar is to be told of sales while it is away is told a minute later.
    """
    for way in _NONSENSE:
        body = {"way": way, "times": _NONSENSE_TIMES}
        await sandbox.ask("POST", "/taxjar/nonsense", body)
        await _until_told(way, sandbox)
    await sandbox.ask("POST", "/taxjar/nonsense", {"way": None})
    await sandbox.ask("POST", "/faults", _DOWN)


async def count_nonsense(sandbox: Sandbox) -> Counter[str]:
    """How often which invalid answer was given."""
    told: dict[str, int] = await sandbox.ask("GET", "/taxjar/nonsense")
    return Counter({f"taxjar: {way}": count for way, count in told.items()})


async def _until_told(way: str, sandbox: Sandbox) -> None:
    give_up_at = time.monotonic() + _LONGEST_TELLING_SECONDS
    while time.monotonic() < give_up_at:
        told = await sandbox.ask("GET", "/taxjar/nonsense")
        if told.get(way, 0) >= _NONSENSE_TIMES:
            return
        await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
