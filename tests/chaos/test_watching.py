"""What chaos watches while it runs: answers, logs and recoveries that should fail the verdict do so."""

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.chaos import logs
from tests.chaos.client import Timed, Transcript
from tests.chaos.faults import Faults
from tests.chaos.fires import Fire, burn, planned
from tests.chaos.recoveries import too_slow
from tests.chaos.report import Recovery
from tests.chaos.sandbox import Sandbox
from tests.chaos.vendors import too_long_for_options, vendor_recoveries

PROBLEM = {"content-type": "application/problem+json", "retry-after": "2"}


@pytest.mark.parametrize(
    ("status", "headers"),
    [(500, PROBLEM), (502, PROBLEM), (503, {"content-type": "text/plain"}), (503, {"retry-after": "2"})],
)
def test_an_unclear_server_error_is_a_breach(status: int, headers: dict[str, str]) -> None:
    transcript = Transcript()
    transcript.note("POST", "/v1/orders", httpx.Response(status, headers=headers))
    assert transcript.breaches == [f"POST /v1/orders was answered {status}: "]


def test_a_clear_503_is_no_breach() -> None:
    transcript = Transcript()
    transcript.note("POST", "/v1/orders", httpx.Response(503, headers=PROBLEM))
    assert transcript.breaches == []


def test_a_defect_in_a_log_is_found_and_bad_weather_is_not(tmp_path: Path) -> None:
    (tmp_path / "worker-1.log").write_text(
        '{"event": "work_failed", "level": "error", "failure": {"type": "KeyError"}}\n'
        '{"event": "work_failed", "level": "err'  # killed in the middle of a word
        '{"event": "answer_not_kept", "level": "error", "error": "Unavailable"}\n'
        '{"event": "sweep_failed", "level": "warning", "error": "Unavailable"}\n'
    )
    logged = logs.failures(tmp_path)
    assert logged == {"worker-1 work_failed KeyError": 1, "worker-1 answer_not_kept Unavailable": 1}
    assert logs.defects(logged, {"api-1": 1}) == [
        "worker-1 work_failed KeyError, 1 times",
        "api-1 ended by itself, exit code 1",
    ]


@pytest.mark.parametrize("seconds", [None, 30.5])
def test_what_never_or_slowly_recovers_is_named(seconds: float | None) -> None:
    assert too_slow([Recovery(victims="valkey", what="first e-mail sent", seconds=seconds)], 30)
    assert not too_slow([Recovery(victims="valkey", what="first e-mail sent", seconds=29.5)], 30)


def test_a_fault_that_never_fired_is_named() -> None:
    faults = Faults(Sandbox(httpx.AsyncClient()), "postgresql://nowhere", seed=1)
    faults.counts["stripe: lost"] = 1
    assert "stripe: 500: not once" in faults.never_happened()
    assert "stripe: lost: not once" not in faults.never_happened()
    scenarios = (
        "inventory orders.confirm: delay",
        "taxjar: negative",
        "ups rates.list: delay",
        "orders with an estimated tax",
    )
    assert {f"{scenario}: not once" for scenario in scenarios} <= set(faults.never_happened())


def test_the_same_seed_plans_the_same_fires() -> None:
    assert planned(7, 40) == planned(7, 40)
    assert planned(7, 40) != planned(8, 40)
    assert {name for fire in planned(7, 40) for name in fire.down_seconds} == {
        "api-1", "api-2", "worker-1", "worker-2", "postgres", "valkey",
    }  # fmt: skip


async def test_who_is_down_already_is_not_killed_again() -> None:
    told: list[str] = []

    class Fleet:
        def kill(self, name: str) -> None:
            told.append(f"killed {name}")

        def revive(self, name: str) -> None:
            told.append(f"revived {name}")

    twice = [Fire(at=0.0, down_seconds={"postgres": 0.05}), Fire(at=0.01, down_seconds={"postgres": 0.0})]
    kills = await burn(Fleet(), twice, 0.1, told.append)  # type: ignore[arg-type]  # what burn needs of it
    assert len(kills) == 2
    assert [word for word in told if "ed postgres" in word] == ["killed postgres", "revived postgres"] * 2


def test_slow_delivery_options_are_excused_only_by_what_the_load_added_then() -> None:
    options = Timed(
        method="GET", path="/v1/checkouts/chk_1/delivery-options", status=200, began_at=10, seconds=4
    )
    change = Timed(method="PATCH", path="/v1/checkouts/chk_2", status=503, began_at=12, seconds=0.5)
    assert too_long_for_options([options]) == ["they came after 4.00 s, and 3.20 s are allowed"]
    assert too_long_for_options([options, replace(change, began_at=20)])
    assert not too_long_for_options([options, change])


def test_a_vendor_is_away_from_its_first_failure_to_its_next_answer(tmp_path: Path) -> None:
    def call(integration: str, second: int, outcome: str) -> str:
        at = f"2026-01-01T00:00:{second:02}Z"
        operation = {"taxjar": "taxes.calculate", "inventory": "orders.confirm"}[integration]
        told = {"event": "vendor_call", "integration": integration, "operation": operation}
        return json.dumps(told | {"outcome": outcome, "timestamp": at}) + "\n"

    (tmp_path / "api-1.log").write_text(call("taxjar", 1, "not_sent") + call("taxjar", 9, "answered"))
    (tmp_path / "api-2.log").write_text(call("taxjar", 3, "in_doubt") + call("inventory", 2, "in_doubt"))
    seconds = {recovery.victims: recovery.seconds for recovery in vendor_recoveries(tmp_path)}
    assert seconds == {"taxjar": 8.0, "inventory": None}
