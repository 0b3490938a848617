"""Plans: read by anybody with a key, written by the merchant."""

from typing import Any

from litestar import Request, get, put
from litestar.params import FromPath, JSONBody

from domain import errors
from domain.identifiers import PlanId
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.paths import After, Limit, known_plan, new_name, plan_cursor
from entrypoints.http.problems import INVALID_QUERY, NO_SUCH_PLAN, Refused
from entrypoints.http.structs.plans import (
    PlanRequest,
    PlanShown,
    PlansPage,
    plan_of_request,
    plan_shown,
)
from entrypoints.http.use_cases import Given
from ports.api_keys import Role

AnyRequest = Request[Any, Any, Any]


@get(
    "/v1/plans",
    operation_id="listPlans",
    summary="List plans by id",
    tags=["Catalog"],
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_plans(
    request: AnyRequest, use_cases: Given, after: After = None, limit: Limit = 20
) -> PlansPage:
    """Browsers see what is on sale, so a page may hold fewer than `limit`; the merchant sees all."""
    async with use_cases.unit_of_work() as uow:
        found = await uow.plans.page(plan_cursor(after), limit)
    sees_all = _is_merchant(request)
    items = [plan_shown(plan, to_merchant=sees_all) for plan in found if plan.active or sees_all]
    return PlansPage(items, found[-1].id if len(found) == limit else None)


@get(
    "/v1/plans/{plan_id:str}",
    operation_id="readPlan",
    summary="Read a plan",
    tags=["Catalog"],
    access=Access.ANY_KEY,
    security=KEY_ONLY,
    responses=refusals(*CALLER, NO_SUCH_PLAN),
)
async def read_plan(request: AnyRequest, plan_id: FromPath[str], use_cases: Given) -> PlanShown:
    """One that is on sale; the merchant sees the others, too."""
    async with use_cases.unit_of_work() as uow:
        plan = await uow.plans.get(known_plan(plan_id, NO_SUCH_PLAN))
    sees_all = _is_merchant(request)
    if plan is None or not (plan.active or sees_all):
        raise Refused(NO_SUCH_PLAN)
    return plan_shown(plan, to_merchant=sees_all)


@put(
    "/v1/plans/{plan_id:str}",
    operation_id="putPlan",
    summary="Add or replace a plan",
    tags=["Catalog"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, errors.FieldRefused),
)
async def put_plan(plan_id: FromPath[str], data: JSONBody[PlanRequest], use_cases: Given) -> PlanShown:
    """Who has subscribed keeps the terms of then."""
    plan = plan_of_request(PlanId(new_name(plan_id, "/{plan_id}")), data)
    await use_cases.put_plans([plan])
    return plan_shown(plan, to_merchant=True)


def _is_merchant(request: AnyRequest) -> bool:
    return caller_of(request).role is not Role.PUBLISHABLE
