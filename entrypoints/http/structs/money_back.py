"""Money going back as it travels: what is asked for, and refunds, shortages and disputes as shown."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from domain.dispute import Dispute
from domain.giving_back import refundable_of
from domain.identifiers import LineId
from domain.money import total_of
from domain.order_facts import OrderFacts
from domain.refund import Refund, RefundedLine, RefundState, Share
from domain.remainder import Left
from domain.shortage import Shortage
from entrypoints.http.structs.values import MoneyStruct, PositiveStruct, Text, money_shown
from ports.api_keys import Role

RefundStatus = Literal["pending", "succeeded", "failed"]
_STATUS: Final[dict[RefundState, RefundStatus]] = {
    RefundState.REQUESTED: "pending",
    RefundState.PENDING: "pending",
    RefundState.SUCCEEDED: "succeeded",
    RefundState.FAILED: "failed",
}


class PiecesStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces of one line of the order."""

    line_id: Annotated[str, Meta(min_length=1, max_length=64)]
    quantity: Annotated[int, Meta(ge=1, le=2_147_483_647)]


Pieces = Annotated[list[PiecesStruct], Meta(max_length=400)]


class RefundOrderRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing chosen is everything that is left.

    Otherwise either an `amount`, which lowers everything that is left in proportion; or pieces of `lines`
    and the `delivery`, each with its tax. `restock` names the pieces that go back to stock: without it none
    do. `note` is for the merchant's own people.
    """

    amount: PositiveStruct | None = None
    lines: Pieces = []
    delivery: bool = False
    restock: Pieces = []
    note: Text | None = None


class ShortageRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pieces that can't be shipped, said before the money is taken.

    With `write_off` they don't exist and leave the stock count; otherwise they are free to be sold again.
    """

    lines: Annotated[list[PiecesStruct], Meta(min_length=1, max_length=400)]
    write_off: bool
    note: Text | None = None


class PartShown(msgspec.Struct, frozen=True):
    """A part of the sale: of a line, or without `line_id` of the delivery. `amount` is `net` and `tax`.

    `quantity` pieces of the line are given up with it; none are when only money goes back.
    """

    line_id: str | None
    quantity: int
    net: MoneyStruct
    tax: MoneyStruct
    amount: MoneyStruct


class PiecesShown(msgspec.Struct, frozen=True):
    line_id: str
    quantity: int


class RefundShown(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is `pending` until a bank has taken it, then `succeeded` or `failed`; a bank may still send
    back what had succeeded. `reason` is `requested`, or `unusable_payment` for money that could buy nothing.

    `parts` say to the cent what it is made of. Shoppers don't see the `note`.
    """

    id: str
    status: RefundStatus
    reason: str
    amount: MoneyStruct
    parts: list[PartShown]
    restocked: list[PiecesShown]
    note: str | None
    created_at: datetime


class ShortageShown(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be shipped, and is not charged."""

    id: str
    amount: MoneyStruct
    parts: list[PartShown]
    reported_at: datetime


class DisputeShown(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that a shopper took up with their bank. `status`: inquiry, open, won or lost.

    `withdrawn` while the provider has taken the money from the shop. The bank hears the shop until
    `evidence_due_by`; null if it hears nobody.
    """

    id: str
    status: str
    amount: MoneyStruct
    withdrawn: bool
    opened_at: datetime
    evidence_due_by: datetime | None


class RefundsShown(msgspec.Struct, frozen=True, kw_only=True):
    """`refundable` is what can still be given back, and `left` what it is made of."""

    items: list[RefundShown]
    captured: MoneyStruct
    refunded: MoneyStruct
    refundable: MoneyStruct
    left: list[PartShown]


def pieces_of(structs: list[PiecesStruct]) -> tuple[RefundedLine, ...]:
    return tuple(RefundedLine(line_id=LineId(s.line_id), quantity=s.quantity) for s in structs)


def refunds_listed(facts: OrderFacts, role: Role) -> RefundsShown:
    payment, zero = facts.live_payment, total_of((), facts.order.total.currency)
    refundable = refundable_of(facts)
    left = facts.sale.left().parts if refundable else ()
    return RefundsShown(
        items=refunds_shown(facts, role),
        captured=money_shown(payment.captured if payment else zero),
        refunded=refunded_shown(facts),
        refundable=money_shown(refundable),
        left=[_part_shown(part, part.pieces) for part in left if part.pieces or part.amount],
    )


def refunds_shown(facts: OrderFacts, role: Role) -> list[RefundShown]:
    """Oldest first."""
    return [refund_shown(refund, role) for refund in facts.refunds]


def refund_shown(refund: Refund, role: Role) -> RefundShown:
    return RefundShown(
        id=refund.id,
        status=_STATUS[refund.state],
        reason=refund.reason.value,
        amount=money_shown(refund.amount),
        parts=[_part_shown(share, share.pieces) for share in refund.shares],
        restocked=[PiecesShown(line.line_id, line.quantity) for line in refund.restocked],
        note=refund.note if role is not Role.PUBLISHABLE else None,
        created_at=refund.created_at,
    )


def refunded_shown(facts: OrderFacts) -> MoneyStruct:
    """What went back or is on its way."""
    back = (refund.amount for refund in facts.refunds if refund.takes_balance)
    return money_shown(total_of(back, facts.order.total.currency))


def shortages_shown(facts: OrderFacts) -> list[ShortageShown]:
    return [_shortage_shown(shortage) for shortage in facts.shortages]


def disputes_shown(facts: OrderFacts, role: Role) -> list[DisputeShown]:
    """The merchant's alone."""
    return [_dispute_shown(dispute) for dispute in facts.disputes] if role is not Role.PUBLISHABLE else []


def _shortage_shown(shortage: Shortage) -> ShortageShown:
    return ShortageShown(
        id=shortage.id,
        amount=money_shown(shortage.amount),
        parts=[_part_shown(share, share.pieces) for share in shortage.shares],
        reported_at=shortage.reported_at,
    )


def _dispute_shown(dispute: Dispute) -> DisputeShown:
    return DisputeShown(
        id=dispute.id,
        status=dispute.state.value,
        amount=money_shown(dispute.amount),
        withdrawn=dispute.withdrawn,
        opened_at=dispute.opened_at,
        evidence_due_by=dispute.evidence_due_by,
    )


def _part_shown(part: Share | Left, quantity: int) -> PartShown:
    amounts = (money_shown(part.net), money_shown(part.tax), money_shown(part.amount))
    return PartShown(part.line_id, quantity, *amounts)
