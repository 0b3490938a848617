"""Parked work: webhooks and messages that kept failing, until a person has them tried again."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from domain import errors
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.paths import After, Limit, work_cursor, work_id_of
from entrypoints.http.problems import INVALID_QUERY
from entrypoints.http.structs.cases import ParkedWorkPage, ReplayRequest, parked_work_shown
from entrypoints.http.use_cases import Given


@get(
    "/v1/parked-work",
    operation_id="listParkedWork",
    summary="List parked work",
    tags=["Cases"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_parked_work(use_cases: Given, after: After = None, limit: Limit = 20) -> ParkedWorkPage:
    """Nothing is ever dropped: what keeps failing waits here, with the last failure's word."""
    found = await use_cases.queries.parked(work_cursor(after), limit)
    items = [parked_work_shown(work) for work in found]
    return ParkedWorkPage(items, found[-1].id if len(found) == limit else None)


@post(
    "/v1/parked-work/{work_id:str}/replay",
    status_code=204,
    operation_id="replayParkedWork",
    summary="Try parked work again",
    tags=["Cases"],
    dto=StrictJson,
    return_dto=None,
    access=Access.OPERATOR,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, errors.UnknownParkedWork),
)
async def replay_parked_work(
    request: Request[Any, Any, Any],
    work_id: FromPath[str],
    data: JSONBody[ReplayRequest],
    use_cases: Given,
) -> None:
    """Soon, and with as many tries as the first time. What fails again is parked again."""
    await use_cases.replay_parked_work(work_id_of(work_id), by=caller_of(request).name, why=data.why)
