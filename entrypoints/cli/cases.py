"""`fastcart cases`: what a person must decide, from the list to the decision."""

from typing import Annotated

from cyclopts import App, Parameter

from application.read_case import CaseRead
from application.resolve_case import Assignment, Decision
from domain.case import CaseAction, CaseReason, CaseState
from domain.errors import ActionNotPossible, CaseAlreadyResolved, UnknownCase
from domain.foresight import Foresight
from domain.identifiers import CaseId, OrderId
from entrypoints.cli.administration import administer, said
from entrypoints.cli.case_tables import case_listing, decisions_table, facts_table
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import screen
from entrypoints.container import Container
from ports.queries import CaseChoice

cases = App(
    name="cases",
    help="""Cases: what a person must decide, such as a refund that a bank did not take.

Begin with `fastcart cases list`. `fastcart cases show` tells what each decision would do, before it is
done; `fastcart cases resolve` decides. A decision is recorded under your name, and a worker takes the order
further. docs/operations/cases.md explains each kind. Only DATABASE_URL is needed.""",
)
CaseArgument = Annotated[str, Parameter(help="The case's id (case_…); `fastcart cases list` shows it.")]
Operator = Annotated[str, Parameter(name="--as", help="Your name; the order's timeline keeps it.")]
Why = Annotated[str, Parameter(help="Your reason; the order's timeline keeps it.")]
_UNRESOLVED = frozenset({CaseState.OPEN, CaseState.ASSIGNED})
_MOST_SHOWN = 1_000


@cases.command(name="list")
def list_cases(
    *,
    state: Annotated[
        CaseState | None, Parameter(help="Only these; without it, those that are not resolved.")
    ] = None,
    reason: Annotated[
        CaseReason | None, Parameter(help="Only cases that were opened for this reason.")
    ] = None,
    order: Annotated[str | None, Parameter(help="Only this order's (ord_…).")] = None,
) -> None:
    """List cases, whoever has waited longest first. Without options: all that wait for a person.

    For example: `fastcart cases list --reason refund_failed`
    """
    choice = CaseChoice(
        states=frozenset({state}) if state else _UNRESOLVED,
        reason=reason,
        order_id=OrderId(order) if order is not None else None,
    )
    found = administer(lambda container: container.queries().cases(None, _MOST_SHOWN, choice))
    if not found:
        print("No such cases." if state or reason or order else "Nothing waits for a person.")
        return
    console = screen()
    case_listing(found).print_on(console)
    if len(found) == _MOST_SHOWN:
        console.print(f"These are the oldest {_MOST_SHOWN}; choose by --reason or --order to see others.")


@cases.command
def show(case_id: CaseArgument) -> None:
    """Show one case: what has happened, what can be done, and what each decision would do. Nothing is done.

    For example: `fastcart cases show case_01jd3v5x6zfp8t2m4n7q9r1s3t`
    """

    async def read(container: Container) -> tuple[CaseRead, list[Foresight]]:
        story = container.read_case()
        found = await story(CaseId(case_id))
        return found, [await story.foresee(found.case.id, action) for action in found.possible]

    try:
        found, foreseen = administer(read)
    except UnknownCase:
        raise NotDone(_UNKNOWN) from None
    console = screen()
    console.print(facts_table(found))
    if foreseen:
        console.print(decisions_table(foreseen))
        told = f"Decide with: fastcart cases resolve {case_id} ACTION --as NAME --why REASON"
        console.print(told, soft_wrap=True)


@cases.command
def assign(
    case_id: CaseArgument,
    *,
    to: Annotated[str | None, Parameter(help="Who looks after it; without it, you.")] = None,
    operator: Operator,
    why: Why,
) -> None:
    """Give a case to somebody, or take it. It can be given on.

    For example: `fastcart cases assign case_01jd3v5x6zfp8t2m4n7q9r1s3t --to Robin --as Kim
    --why "knows the bank"`
    """
    by, reason = said(operator, "--as"), said(why, "--why")
    assignment = Assignment(case_id=CaseId(case_id), to=to or by, by=by, why=reason)
    try:
        read = administer(lambda container: container.assign_case()(assignment))
    except UnknownCase:
        raise NotDone(_UNKNOWN) from None
    except CaseAlreadyResolved:
        raise NotDone("Nothing was changed: this case is resolved.") from None
    print(f"{case_id} is looked after by {read.case.assigned_to}.")


@cases.command
def resolve(
    case_id: CaseArgument,
    action: Annotated[CaseAction, Parameter(help="One of those that `fastcart cases show` lists.")],
    *,
    operator: Operator,
    why: Why,
) -> None:
    """Decide a case. The decision stands; a worker takes the order further, and its timeline tells the rest.

    retry: once more, with as many tries as the first time. refund: money goes back. cancel: the order is
    called off. accept: it stays as it is.

    For example: `fastcart cases resolve case_01jd3v5x6zfp8t2m4n7q9r1s3t retry --as Kim
    --why "the card was renewed"`
    """
    by, reason = said(operator, "--as"), said(why, "--why")
    decision = Decision(case_id=CaseId(case_id), action=action, by=by, why=reason)
    try:
        read = administer(lambda container: container.resolve_case()(decision))
    except UnknownCase:
        raise NotDone(_UNKNOWN) from None
    except CaseAlreadyResolved:
        raise NotDone("Nothing was changed: this case is resolved already, otherwise.") from None
    except ActionNotPossible as refused:
        can = ", ".join(refused.possible) or "nothing"
        raise NotDone(
            f"Nothing was changed: {action.value} would do nothing here. Possible: {can}."
        ) from None
    print(f"{case_id} is resolved: {action.value}. See order {read.order_id} for what comes of it.")


_UNKNOWN = "There is no case with this id. `fastcart cases list` shows those that wait for a person."
