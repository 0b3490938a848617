"""Cases: what a person must decide. Listed and read by the merchant, assigned and resolved by operators."""

from typing import Annotated, Any, Final

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from application.resolve_case import Assignment, Decision
from domain import errors
from domain.case import CaseAction, CaseReason, CaseState
from entrypoints.http.auth import Access, caller_of
from entrypoints.http.bodies import StrictJson
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, MovesMoney, Repeatable, refusals
from entrypoints.http.paths import After, Limit, case_cursor, case_id_of, order_id_of
from entrypoints.http.problems import INVALID_QUERY, KEY_MISSING
from entrypoints.http.structs.cases import (
    AssignCaseRequest,
    CaseShown,
    CasesPage,
    ForesightShown,
    ResolveCaseRequest,
    foresight_shown,
    listed_case_shown,
    read_case_shown,
)
from entrypoints.http.use_cases import Given
from ports.queries import CaseChoice

AnyRequest = Request[Any, Any, Any]
_WAITING: Final = frozenset({CaseState.OPEN, CaseState.ASSIGNED})
WantedStates = Annotated[
    list[CaseState] | None,
    QueryParameter(name="state", description="Only these; without it, those that are not resolved."),
]
WantedReason = Annotated[CaseReason | None, QueryParameter(name="reason", description="Only these.")]
WantedOrder = Annotated[
    str | None, QueryParameter(name="order_id", max_length=64, description="Only this order's.")
]
PreviewedAction = Annotated[CaseAction, QueryParameter(name="action", description="What might be decided.")]


@get(
    "/v1/cases",
    operation_id="listCases",
    summary="List cases, oldest first",
    tags=["Cases"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY, errors.UnknownOrder),
)
async def list_cases(
    use_cases: Given,
    *,
    after: After = None,
    limit: Limit = 20,
    states: WantedStates = None,
    reason: WantedReason = None,
    wanted_order: WantedOrder = None,
) -> CasesPage:
    """Those that wait for a person, unless a state is asked for."""
    choice = CaseChoice(
        states=frozenset(states) if states else _WAITING,
        reason=reason,
        order_id=order_id_of(wanted_order) if wanted_order is not None else None,
    )
    found = await use_cases.queries.cases(case_cursor(after), limit, choice)
    items = [listed_case_shown(listed) for listed in found]
    return CasesPage(items, found[-1].case.id if len(found) == limit else None)


@get(
    "/v1/cases/{case_id:str}",
    operation_id="readCase",
    summary="Read a case",
    tags=["Cases"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, errors.UnknownCase),
)
async def read_case(case_id: FromPath[str], use_cases: Given) -> CaseShown:
    """`can_be_done` lists the actions that would do something now."""
    return read_case_shown(await use_cases.read_case(case_id_of(case_id)))


@get(
    "/v1/cases/{case_id:str}/preview",
    operation_id="previewCase",
    summary="Preview what an action would do",
    tags=["Cases"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(
        *CALLER, INVALID_QUERY, errors.UnknownCase, errors.CaseAlreadyResolved, errors.ActionNotPossible
    ),
)
async def preview_case(case_id: FromPath[str], use_cases: Given, action: PreviewedAction) -> ForesightShown:
    """Money that would move, goods that would be free again, and the next step. Nothing is done."""
    return foresight_shown(await use_cases.read_case.foresee(case_id_of(case_id), action))


@post(
    "/v1/cases/{case_id:str}/assign",
    status_code=200,
    operation_id="assignCase",
    summary="Give a case to somebody",
    tags=["Cases"],
    dto=StrictJson,
    return_dto=None,
    access=Access.OPERATOR,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, errors.UnknownCase, errors.CaseAlreadyResolved),
)
async def assign_case(
    request: AnyRequest, case_id: FromPath[str], data: JSONBody[AssignCaseRequest], use_cases: Given
) -> CaseShown:
    """It can be given on to somebody else. Giving it to the same person again changes nothing."""
    me = caller_of(request).name
    assignment = Assignment(case_id=case_id_of(case_id), to=data.to or me, by=me, why=data.why)
    return read_case_shown(await use_cases.assign_case(assignment))


@post(
    "/v1/cases/{case_id:str}/resolve",
    status_code=200,
    operation_id="resolveCase",
    summary="Decide a case",
    tags=["Cases"],
    dto=StrictJson,
    return_dto=None,
    access=Access.OPERATOR,
    moves_money=True,
    security=KEY_ONLY,
    operation_class=MovesMoney,
    responses=refusals(
        *CALLER,
        *BODY,
        *REPEATS,
        KEY_MISSING,
        errors.UnknownCase,
        errors.CaseAlreadyResolved,
        errors.ActionNotPossible,
    ),
)
async def resolve_case(
    request: AnyRequest, case_id: FromPath[str], data: JSONBody[ResolveCaseRequest], use_cases: Given
) -> CaseShown:
    """The decision is recorded, and a worker takes the order further; its timeline tells what came of it.

    Deciding the same again changes nothing; deciding otherwise is refused.
    """
    decision = Decision(
        case_id=case_id_of(case_id), action=data.action, by=caller_of(request).name, why=data.why
    )
    return read_case_shown(await use_cases.resolve_case(decision))
