"""Health: alive as soon as the process answers, ready when everything it needs answers too."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from litestar import get
from litestar.openapi.datastructures import ResponseSpec

from entrypoints.http.answers import JsonAnswer
from entrypoints.http.openapi import NOBODY
from entrypoints.http.use_cases import Given

_PATIENCE_SECONDS: Final = 2


class HealthShown(msgspec.Struct, frozen=True):
    """`failing` names the checks that did not pass.

    `status` is `ok`, `failing`, or `degraded`: then what fails is only missed.
    """

    status: str
    failing: list[str]


@get("/health/live", operation_id="live", summary="Is it alive", tags=["Operations"], security=NOBODY)
async def live() -> HealthShown:
    """The process answers."""
    return HealthShown("ok", [])


@get(
    "/health/ready",
    operation_id="ready",
    summary="Is it ready",
    tags=["Operations"],
    security=NOBODY,
    responses={503: ResponseSpec(HealthShown, generate_examples=False, description="What fails is named.")},
)
async def ready(use_cases: Given) -> JsonAnswer[HealthShown]:
    """Everything that can't be done without passes its check within two seconds."""
    checks = use_cases.health_checks
    passed = await asyncio.gather(*(_passes(check) for check in checks.values()))
    failing = [name for name, is_fine in zip(checks, passed, strict=True) if not is_fine]
    if not failing:
        return JsonAnswer(HealthShown("ok", []), status_code=200)
    if use_cases.dispensable.issuperset(failing):
        return JsonAnswer(HealthShown("degraded", failing), status_code=200)
    return JsonAnswer(HealthShown("failing", failing), status_code=503)


async def _passes(check: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await check()
    except Exception:  # noqa: BLE001 - whatever went wrong, it is not ready
        return False
    return True
