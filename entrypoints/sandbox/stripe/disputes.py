"""Shoppers who take a payment up with their bank: provoked by a test card, then decided by hand."""

from dataclasses import replace

from entrypoints.sandbox.stripe.errors import StripeError
from entrypoints.sandbox.stripe.models import Charge, Dispute, DisputeStatus
from entrypoints.sandbox.stripe.records import Records, found
from entrypoints.sandbox.stripe.test_methods import behaviour_of


class Disputes:
    def __init__(self, records: Records) -> None:
        self._records = records

    def retrieve(self, identifier: str) -> Dispute:
        return found(self._records.disputes, identifier, "dispute", "dispute")

    def open_if_provoked(self, charge: Charge) -> None:
        """Disputes a captured charge at once when its test card is one of those that do."""
        test = behaviour_of(charge.payment_method)
        if test.disputed_as is None:
            return
        self.open(charge, test.disputed_as, inquiry=test.inquiry)

    def open(self, charge: Charge, reason: str, *, inquiry: bool) -> Dispute:
        """The bank only asks, or takes the money at once."""
        if not charge.captured:
            raise StripeError.refused(f"Charge {charge.id} has not been captured; nothing to dispute.")
        if self.blocks_refund(charge):
            raise StripeError.refused(f"Charge {charge.id} is disputed already.")
        first = DisputeStatus.WARNING_NEEDS_RESPONSE if inquiry else DisputeStatus.NEEDS_RESPONSE
        dispute = Dispute(
            id=self._records.clock.new_id("dp"),
            created=self._records.now(),
            amount=charge.amount_captured,
            currency=charge.currency,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            reason=reason,
            status=first,
        )
        self._records.save_charge(replace(self._records.charge(charge.id), disputed=True))
        self._save(dispute, "charge.dispute.created")
        if not dispute.is_inquiry:
            self._records.announce("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def review(self, identifier: str) -> Dispute:
        """The evidence is in; the bank is looking at it."""
        dispute = self._still_open(identifier)
        return self._save(replace(dispute, status=DisputeStatus.UNDER_REVIEW), "charge.dispute.updated")

    def close(self, identifier: str, *, won: bool) -> Dispute:
        """An inquiry closes without a verdict."""
        dispute = self._still_open(identifier)
        verdict = DisputeStatus.WON if won else DisputeStatus.LOST
        closed = replace(dispute, status=DisputeStatus.WARNING_CLOSED if dispute.is_inquiry else verdict)
        self._save(closed, "charge.dispute.updated")
        if closed.status is DisputeStatus.WON:
            self._records.announce("charge.dispute.funds_reinstated", closed)
        return self._save(closed, "charge.dispute.closed")

    def blocks_refund(self, charge: Charge) -> bool:
        """A chargeback has taken the money already; an inquiry has not."""
        return any(
            dispute.charge == charge.id and not dispute.is_inquiry and dispute.status is not DisputeStatus.WON
            for dispute in self._records.disputes.values()
        )

    def _still_open(self, identifier: str) -> Dispute:
        dispute = self.retrieve(identifier)
        if dispute.status in (DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.WARNING_CLOSED):
            raise StripeError.refused(f"This dispute is closed, with a status of {dispute.status}.")
        return dispute

    def _save(self, dispute: Dispute, event_type: str) -> Dispute:
        self._records.disputes[dispute.id] = dispute
        self._records.announce(event_type, dispute)
        return dispute
