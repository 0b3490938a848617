"""Cases and parked work as they travel: what a person must decide, what they can do, and what they did."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from application.read_case import CaseRead
from domain.case import Case, CaseAction, CaseReason, CaseState
from domain.foresight import Foresight
from domain.identifiers import OrderId
from entrypoints.http.structs.values import MoneyStruct, Name, Why, money_shown
from ports.queries import Box, ListedCase, ParkedWork


class AssignCaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`to` looks after the case from now on; without it, whoever asks."""

    why: Why
    to: Name | None = None


class ResolveCaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One of the actions that `can_be_done` lists, and why it was chosen."""

    action: CaseAction
    why: Why


class ReplayRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why another try is worth it."""

    why: Why


class ActShown(msgspec.Struct, frozen=True):
    by: str
    why: str
    at: datetime


class ResolutionShown(msgspec.Struct, frozen=True):
    """What was decided, by whom, why and when. Without an action the trouble has settled itself, and `why` is
    a machine word, such as `dispute_won`.
    """

    action: CaseAction | None
    by: str | None
    why: str | None
    at: datetime


class CaseShown(msgspec.Struct, frozen=True, kw_only=True):
    """`sentence` says what has happened, `subject_id` to what: a payment, refund, attempt, dispute or order.

    `can_be_done` is empty once it is resolved. `state`: open, assigned or resolved. A bank hears the shop
    about a dispute until `evidence_due_by`.
    """

    id: str
    state: CaseState
    reason: CaseReason
    sentence: str
    detail: str | None
    subject_id: str
    order_id: str
    opened_at: datetime
    can_be_done: list[CaseAction]
    assigned_to: str | None
    evidence_due_by: datetime | None
    resolution: ResolutionShown | None


class CasesPage(msgspec.Struct, frozen=True):
    """Oldest first. `next` goes into `after` for the next page; null on the last."""

    items: list[CaseShown]
    next: str | None


class GoodsShown(msgspec.Struct, frozen=True):
    sku: str
    quantity: int


class ForesightShown(msgspec.Struct, frozen=True, kw_only=True):
    """What an action would do. `order_state`: open, completed, cancelled or expired, afterwards.

    `money_back` goes to the shopper, `written_off` is given up, `goods_freed` can be sold again;
    `payment_stopped` when a payment that has collected nothing yet is voided. `next_step` is a machine word
    for what FastCart does next.
    """

    action: CaseAction
    order_state: str
    money_back: MoneyStruct
    written_off: MoneyStruct
    goods_freed: list[GoodsShown]
    payment_stopped: bool
    next_step: str


class ParkedWorkShown(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook (`box`: inbox) or a message (outbox) that kept failing, and the last failure's word.

    `order_id` is null for an event about no order of this shop. `replays` are earlier ones, oldest first.
    """

    id: str
    box: Box
    kind: str
    order_id: str | None
    parked_at: datetime
    because: str
    tries: int
    replays: list[ActShown]


class ParkedWorkPage(msgspec.Struct, frozen=True):
    """Messages, then webhooks, each oldest first. `next` goes into `after`; null on the last page."""

    items: list[ParkedWorkShown]
    next: str | None


def listed_case_shown(listed: ListedCase) -> CaseShown:
    """With all actions that make sense for its kind: which of them is possible, the single case says."""
    case = listed.case
    actions = case.kind.actions if case.resolution is None else ()
    return case_shown(case, listed.order_id, actions, listed.evidence_due_by)


def read_case_shown(read: CaseRead) -> CaseShown:
    return case_shown(read.case, read.order_id, read.possible, read.evidence_due_by)


def case_shown(
    case: Case, order_id: OrderId, actions: Sequence[CaseAction], evidence_due_by: datetime | None
) -> CaseShown:
    end = case.resolution
    return CaseShown(
        id=case.id,
        state=case.state,
        reason=case.reason,
        sentence=case.kind.sentence,
        detail=case.detail,
        subject_id=case.subject_id,
        order_id=order_id,
        opened_at=case.opened_at,
        can_be_done=[*actions],
        assigned_to=case.assigned_to,
        evidence_due_by=evidence_due_by,
        resolution=ResolutionShown(end.action, end.by, end.why, end.at) if end else None,
    )


def foresight_shown(foreseen: Foresight) -> ForesightShown:
    return ForesightShown(
        action=foreseen.action,
        order_state=foreseen.order_state.value,
        money_back=money_shown(foreseen.money_back),
        written_off=money_shown(foreseen.written_off),
        goods_freed=[GoodsShown(goods.sku, goods.quantity) for goods in foreseen.goods_freed],
        payment_stopped=foreseen.payment_stopped,
        next_step=foreseen.next_step,
    )


def parked_work_shown(work: ParkedWork) -> ParkedWorkShown:
    return ParkedWorkShown(
        id=work.id,
        box=work.box,
        kind=work.kind,
        order_id=work.order_id,
        parked_at=work.parked_at,
        because=work.because,
        tries=work.tries,
        replays=[ActShown(act.by, act.why, act.at) for act in work.replays],
    )
