"""Cases as tables on a terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Column, Table

from application.read_case import CaseRead
from domain.case import Case
from domain.foresight import Foresight
from entrypoints.cli.screens import Listing
from ports.queries import ListedCase


def case_listing(found: Sequence[ListedCase]) -> Listing:
    listing = Listing(("Case", "Order", "Since"), ("Reason", "Looked after by", "Can be done"))
    for listed in found:
        case = listed.case
        listing.add(
            (case.id, listed.order_id, f"{case.opened_at:%Y-%m-%d %H:%M}"),
            case.reason.value.replace("_", " "),
            case.assigned_to or "–",
            _outcome(case, listed.evidence_due_by),
        )
    return listing


def _outcome(case: Case, evidence_due_by: datetime | None = None) -> str:
    if case.resolution is None:
        actions = ", ".join(action.value for action in case.kind.actions)
        return actions + (f"; evidence by {evidence_due_by:%Y-%m-%d %H:%M}" if evidence_due_by else "")
    if case.decided:
        return f"resolved: {case.decided.value}"
    why = case.resolution.why
    return "settled itself" + (f": {why.replace('_', ' ')}" if why else "")


def facts_table(read: CaseRead) -> Table:
    case = read.case
    folding = Column(overflow="fold")
    table = Table(
        Column(no_wrap=True), folding, show_header=False, title=case.kind.sentence, title_justify="left"
    )
    table.add_row("Case", case.id)
    table.add_row("Reason", case.reason.value + (f" ({case.detail})" if case.detail else ""))
    table.add_row("About", case.subject_id)
    table.add_row("Order", read.order_id)
    table.add_row("Since", f"{case.opened_at:%Y-%m-%d %H:%M:%S} UTC")
    if read.evidence_due_by is not None:
        table.add_row("Evidence due by", f"{read.evidence_due_by:%Y-%m-%d %H:%M:%S} UTC")
    table.add_row("Looked after by", case.assigned_to or "nobody yet")
    if (end := case.resolution) is not None:
        table.add_row("Resolved", f"{_outcome(case)}, {end.at:%Y-%m-%d %H:%M:%S} UTC")
        if end.by is not None:
            table.add_row("By", f"{end.by}: {end.why}")
    return table


def decisions_table(foreseen: list[Foresight]) -> Table:
    table = Table("Action", *(Column(title, overflow="fold") for title in ("What it would do", "Next step")))
    for each in foreseen:
        table.add_row(each.action.value, "; ".join(_effects(each)), each.next_step.replace("_", " "))
    return table


def _effects(foreseen: Foresight) -> list[str]:
    effects = [f"the order is {foreseen.order_state.value} then"]
    if foreseen.money_back:
        effects.append(f"{foreseen.money_back} goes back")
    if foreseen.written_off:
        effects.append(f"{foreseen.written_off} is written off")
    if foreseen.payment_stopped:
        effects.append("the payment is stopped")
    effects += [f"{goods.quantity} of {goods.sku} free again" for goods in foreseen.goods_freed]
    return effects
