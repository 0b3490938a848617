"""Health: alive as soon as the process answers, ready when what it needs is there."""

import msgspec
from litestar import Response, get

from entrypoints.http.use_cases import UseCases
from ports.errors import PortError


class HealthShown(msgspec.Struct, frozen=True):
    """`failing` names the checks that did not pass."""

    status: str
    failing: list[str]


@get("/health/live", operation_id="live", summary="Is the process alive")
async def live() -> HealthShown:
    return HealthShown("ok", [])


@get("/health/ready", operation_id="ready", summary="Can it serve requests")
async def ready(use_cases: UseCases) -> Response[HealthShown]:
    failing = []
    for name, check in use_cases.health_checks.items():
        try:
            await check()
        except (PortError, OSError):
            failing.append(name)
    shown = HealthShown("failing" if failing else "ok", failing)
    return Response(shown, status_code=503 if failing else 200)
