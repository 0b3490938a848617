"""What integrations cost beside the vendor's own time: the real adapters under their policies, with Valkey,
at vendors that answer in 50 ms; and how long a shopper waits when no carrier answers at all.
"""

import asyncio
import os
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Final

import httpx

from entrypoints import logs
from entrypoints.container import Container
from entrypoints.resources import Resources, open_resources
from entrypoints.settings import Settings, settings_from
from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role
from tests.benchmarks.integration_calls import NEW_YORK, SKU, calls_of, tax_question
from tests.benchmarks.vendor import running_vendors, took_ms

# USPS answers sixty an hour.
_CALLS: Final = 25
_CACHED_CALLS: Final = 500
# As many as are asked before a carrier's breaker opens.
_WAITING_SHOPPERS: Final = 4
_HANGS_MS: Final = 4_000
_SETTINGS: Final = {
    "FASTCART_DELIVERY": "carriers",
    "FASTCART_SHIPS_FROM_COUNTRY": "US",
    "FASTCART_SHIPS_FROM_REGION": "TN",
    "FASTCART_SHIPS_FROM_POSTCODE": "38118",
    "FASTCART_SHIPS_FROM_CITY": "Memphis",
    "FASTCART_PLACES": "google",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds over so many calls, one at a time; `cpu_ms` is our processor's for each."""

    calls: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`own_share` is what a call took beyond the vendor's time, by integration; `hanging_seconds` how long
    each shopper waited for delivery options while every carrier hung.
    """

    own_share: dict[str, Latency]
    hanging_seconds: tuple[float, ...]
    cached_tax: Latency


def measure() -> Findings:
    """On a stack of its own, with the lines in the log that every call leaves."""
    with (
        tempfile.TemporaryDirectory(prefix="fastcart-bench-") as folder,
        running_stack(data=None, logs=Path(folder) / "logs", overrides=_SETTINGS) as stack,
        running_vendors(Path(folder) / "certificates") as (vendors_url, vendors),
        Path(os.devnull).open("w") as nowhere,
    ):
        logs.configure(nowhere)
        key = stack.new_key(Role.SECRET, "benchmark")
        return asyncio.run(_measured(stack, key, vendors_url, vendors))


async def _measured(stack: Stack, key: str, vendors_url: str, vendors: Mapping[str, str]) -> Findings:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=30, trust_env=False) as api,
        httpx.AsyncClient(base_url=stack.sandbox_url, timeout=30, trust_env=False) as sandbox,
        httpx.AsyncClient(base_url=vendors_url, timeout=30, trust_env=False) as punctual,
    ):
        await _stock_up(api, punctual)
        settings = settings_from({**stack.environment, **vendors})
        async with open_resources(settings) as resources:
            own_share = await _own_share(settings, resources, punctual)
            cached_tax = await _cached_tax(Container(settings=settings, resources=resources))
        hanging = await _while_all_carriers_hang(api, sandbox)
    return Findings(own_share=own_share, hanging_seconds=hanging, cached_tax=cached_tax)


async def _own_share(
    settings: Settings, resources: Resources, punctual: httpx.AsyncClient
) -> dict[str, Latency]:
    """In turns, so that all have the same machine; the first round makes connections and tokens."""
    calls = calls_of(settings, resources)
    took: dict[str, list[_Took]] = {name: [] for name in calls}
    for number in range(_CALLS + 1):
        for name, call in calls.items():
            whole = await _timed(partial(call, number))
            own = replace(whole, ms=whole.ms - await took_ms(punctual))
            if number:
                took[name].append(own)
    return {name: _latency(each) for name, each in took.items()}


async def _cached_tax(container: Container) -> Latency:
    taxes, question = container.taxes(), tax_question(0)
    await taxes.calculate(question)
    return _latency([await _timed(lambda: taxes.calculate(question)) for _ in range(_CACHED_CALLS)])


async def _while_all_carriers_hang(api: httpx.AsyncClient, sandbox: httpx.AsyncClient) -> tuple[float, ...]:
    """Seconds that each of some shoppers waited, who asked at the same moment.

    The API finds tokens in Valkey that the vendors before gave out, and these don't know: getting new ones
    hangs too.
    """
    carts = [await _cart(api) for _ in range(_WAITING_SHOPPERS)]
    for vendor in ("fedex", "ups", "usps"):
        hangs = {"vendor": vendor, "kind": "delay", "delay_ms": _HANGS_MS, "times": None}
        (await sandbox.post("/_control/faults", json=hangs)).raise_for_status()

    async def wait(cart: str) -> float:
        began = time.perf_counter()
        (await api.get(f"{cart}/delivery-options")).raise_for_status()
        return time.perf_counter() - began

    return tuple(await asyncio.gather(*map(wait, carts)))


async def _stock_up(api: httpx.AsyncClient, punctual: httpx.AsyncClient) -> None:
    product = {"title": "A mug", "prices": [{"minor": 1200, "currency": "USD"}], "tax_code": "general"}
    (await api.put(f"/v1/products/{SKU}", json=product)).raise_for_status()
    shelf = f"/_control/inventory/products/{SKU}/receive"
    (await punctual.post(shelf, json={"pieces": 10_000})).raise_for_status()


async def _cart(api: httpx.AsyncClient) -> str:
    """The path of a checkout that lacks nothing but its delivery."""
    address = {
        "line1": NEW_YORK.line1,
        "city": NEW_YORK.city,
        "region": NEW_YORK.region,
        "postcode": NEW_YORK.postcode,
        "country": NEW_YORK.country,
    }
    cart = {
        "currency": "USD",
        "lines": [{"sku": SKU, "quantity": 1}],
        "email": "guest@example.com",
        "name": "Guest",
        "shipping_address": address,
    }
    answer = await api.post("/v1/checkouts", json=cart, headers={"Idempotency-Key": uuid.uuid4().hex})
    return f"/v1/checkouts/{answer.raise_for_status().json()['id']}"


@dataclass(frozen=True, slots=True)
class _Took:
    ms: float
    cpu_ms: float


async def _timed(call: Callable[[], Awaitable[object]]) -> _Took:
    began, cpu_began = time.perf_counter(), time.process_time()
    await call()
    return _Took((time.perf_counter() - began) * 1000, (time.process_time() - cpu_began) * 1000)


def _latency(took: list[_Took]) -> Latency:
    ordered = sorted(each.ms for each in took)
    count = len(ordered)
    return Latency(
        calls=count,
        p50_ms=ordered[count // 2],
        p95_ms=ordered[count * 95 // 100],
        cpu_ms=fmean(each.cpu_ms for each in took),
    )
