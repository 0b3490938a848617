"""What takes money back from an order, as rows: refunds, shortages and disputes.

One struct a table, with the table's column names, both for writing and for reading.
"""

from datetime import datetime

import msgspec

from domain.dispute import Dispute, DisputeState
from domain.identifiers import DisputeId, LineId, PaymentId, RefundId, ShortageId
from domain.money import Currency, Money
from domain.refund import Refund, RefundedLine, RefundReason, RefundState, Share
from domain.shortage import Shortage


class ShareDocument(msgspec.Struct, frozen=True, array_like=True):
    line_id: str | None
    pieces: int
    net_minor: int
    tax_minor: int

    @staticmethod
    def of(share: Share) -> "ShareDocument":
        return ShareDocument(share.line_id, share.pieces, share.net.minor, share.tax.minor)

    def share(self, currency: Currency) -> Share:
        return Share(
            line_id=LineId(self.line_id) if self.line_id is not None else None,
            pieces=self.pieces,
            net=Money(minor=self.net_minor, currency=currency),
            tax=Money(minor=self.tax_minor, currency=currency),
        )


class PiecesDocument(msgspec.Struct, frozen=True, array_like=True):
    line_id: str
    quantity: int

    @staticmethod
    def of(line: RefundedLine) -> "PiecesDocument":
        return PiecesDocument(line.line_id, line.quantity)

    def line(self) -> RefundedLine:
        return RefundedLine(line_id=LineId(self.line_id), quantity=self.quantity)


class RefundRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    position: int
    id: str
    payment_id: str
    amount_minor: int
    state: RefundState
    reason: RefundReason
    created_at: datetime
    reference: str | None = None
    seen_at: datetime | None = None
    shares: tuple[ShareDocument, ...] | None = None
    restocked: tuple[PiecesDocument, ...] | None = None
    note: str | None = None

    @staticmethod
    def of(refund: Refund, position: int) -> "RefundRow":
        return RefundRow(
            position=position,
            id=refund.id,
            payment_id=refund.payment_id,
            amount_minor=refund.amount.minor,
            state=refund.state,
            reason=refund.reason,
            created_at=refund.created_at,
            reference=refund.reference,
            seen_at=refund.seen_at,
            shares=tuple(ShareDocument.of(share) for share in refund.shares) or None,
            restocked=tuple(PiecesDocument.of(line) for line in refund.restocked) or None,
            note=refund.note,
        )

    def refund(self, currency: Currency) -> Refund:
        return Refund(
            id=RefundId(self.id),
            payment_id=PaymentId(self.payment_id),
            amount=Money(minor=self.amount_minor, currency=currency),
            state=self.state,
            reason=self.reason,
            created_at=self.created_at,
            reference=self.reference,
            seen_at=self.seen_at,
            shares=tuple(share.share(currency) for share in self.shares or ()),
            restocked=tuple(pieces.line() for pieces in self.restocked or ()),
            note=self.note,
        )


class ShortageRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    position: int
    id: str
    shares: tuple[ShareDocument, ...]
    written_off: bool
    reported_at: datetime
    note: str | None = None

    @staticmethod
    def of(shortage: Shortage, position: int) -> "ShortageRow":
        return ShortageRow(
            position=position,
            id=shortage.id,
            shares=tuple(ShareDocument.of(share) for share in shortage.shares),
            written_off=shortage.written_off,
            reported_at=shortage.reported_at,
            note=shortage.note,
        )

    def shortage(self, currency: Currency) -> Shortage:
        return Shortage(
            id=ShortageId(self.id),
            shares=tuple(share.share(currency) for share in self.shares),
            written_off=self.written_off,
            reported_at=self.reported_at,
            note=self.note,
        )


class DisputeRow(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    id: str
    payment_id: str
    reference: str
    state: DisputeState
    amount_minor: int
    withdrawn: bool
    opened_at: datetime
    seen_at: datetime
    evidence_due_by: datetime | None = None

    @staticmethod
    def of(dispute: Dispute, position: int) -> "DisputeRow":
        return DisputeRow(
            position=position,
            id=dispute.id,
            payment_id=dispute.payment_id,
            reference=dispute.reference,
            state=dispute.state,
            amount_minor=dispute.amount.minor,
            withdrawn=dispute.withdrawn,
            opened_at=dispute.opened_at,
            seen_at=dispute.seen_at,
            evidence_due_by=dispute.evidence_due_by,
        )

    def dispute(self, currency: Currency) -> Dispute:
        return Dispute(
            id=DisputeId(self.id),
            payment_id=PaymentId(self.payment_id),
            reference=self.reference,
            state=self.state,
            amount=Money(minor=self.amount_minor, currency=currency),
            withdrawn=self.withdrawn,
            opened_at=self.opened_at,
            seen_at=self.seen_at,
            evidence_due_by=self.evidence_due_by,
        )
