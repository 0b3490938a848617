"""From what was told of a payment to what it means: neutral states, declines and next actions."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from adapters.adyen import wire
from adapters.adyen.amounts import from_adyen
from adapters.adyen.answers import Item
from adapters.adyen.errors import decline
from adapters.adyen.history import DISPUTES, REFUSED, Charge, History, Returned
from adapters.adyen.methods import method_of
from domain.dispute import DisputeSnapshot, DisputeState
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import NextAction, NextActionKind, PaymentSnapshot, PaymentState
from domain.refund import RefundSnapshot, RefundState

PROVIDER: Final = "adyen"
# https://docs.adyen.com/online-payments/build-your-integration/payment-result-codes. A code that isn't here
# is PROCESSING: pending, never failed. Money is told apart before anybody looks here.
RESULTS: Final = {
    "RedirectShopper": PaymentState.AWAITING_ACTION,
    "ChallengeShopper": PaymentState.AWAITING_ACTION,
    "IdentifyShopper": PaymentState.AWAITING_ACTION,
    "PresentToShopper": PaymentState.AWAITING_ACTION,
    "Pending": PaymentState.PROCESSING,
    "Received": PaymentState.PROCESSING,
    **dict.fromkeys(REFUSED, PaymentState.AWAITING_METHOD),
}
# The last word of a dispute, and whether the money is gone by then. Before a chargeback nothing was taken.
_VERDICTS: Final = {
    "REQUEST_FOR_INFORMATION": (DisputeState.INQUIRY, False),
    "NOTIFICATION_OF_CHARGEBACK": (DisputeState.OPEN, False),
    "CHARGEBACK": (DisputeState.OPEN, True),
    "DISPUTE_DEFENSE_PERIOD_ENDED": (DisputeState.LOST, True),
    # The money is back, but the bank may take it once more: not won before it has let the time pass.
    "CHARGEBACK_REVERSED": (DisputeState.OPEN, False),
    "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": (DisputeState.WON, False),
    "PREARBITRATION_WON": (DisputeState.WON, False),
    "PREARBITRATION_LOST": (DisputeState.LOST, True),
    "SECOND_CHARGEBACK": (DisputeState.LOST, True),
}


def payment_snapshot(story: History, client_key: str) -> PaymentSnapshot:
    amount = from_adyen(story.agreed.amount)
    state, charge = _state(story)
    received = sum(map(story.received_minor, story.charges.values()))
    failed = sum(map(story.failed_minor, story.charges.values()))
    return PaymentSnapshot(
        reference=story.agreed.payment_id,
        state=state,
        amount=amount,
        received=Money(minor=received, currency=amount.currency),
        next_action=_next_action(state, charge, client_key),
        decline=decline(charge.refusal_code, charge.refusal_words)
        if charge is not None and state is PaymentState.AWAITING_METHOD and charge.result in REFUSED
        else None,
        method=method_of(charge.method) if charge is not None and charge.result not in REFUSED else None,
        is_changing=_is_changing(story, state, charge),
        failed=Money(minor=failed, currency=amount.currency) if failed else None,
        holds_stray=bool(story.strays()),
    )


def _is_changing(story: History, state: PaymentState, charge: Charge | None) -> bool:
    """Of a payment that was captured, what is cancelled is a stray."""
    if state is PaymentState.CAPTURED:
        return any(stray.is_changing for stray in story.strays())
    return state is PaymentState.AUTHORIZED and charge is not None and charge.is_changing


def _state(story: History) -> tuple[PaymentState, Charge | None]:
    """Money first: what Adyen holds or has promised counts, whatever was tried besides."""
    charges = list(story.charges.values())
    for charge in charges:
        if story.received_minor(charge):
            return PaymentState.CAPTURED, charge
    for charge in charges:
        if story.holds_promise(charge):
            return PaymentState.AUTHORIZED, charge
    if story.is_given_up or any(charge.authorised for charge in charges):
        return PaymentState.VOIDED, None
    if story.latest is None:
        return PaymentState.AWAITING_METHOD, None
    return RESULTS.get(story.latest.result, PaymentState.PROCESSING), story.latest


def _next_action(state: PaymentState, charge: Charge | None, client_key: str) -> NextAction | None:
    """What the shop's page does with Adyen's element: opens it with our client key, or has it act."""
    match state:
        case PaymentState.PROCESSING:
            return NextAction(kind=NextActionKind.WAIT)
        case PaymentState.AWAITING_METHOD:
            return NextAction(kind=NextActionKind.IN_PAGE, provider=PROVIDER, payload=client_key)
        case PaymentState.AWAITING_ACTION if charge is not None and charge.action is not None:
            asked = wire.action.decode(charge.action)
            if asked.type == "redirect" and asked.method in (None, "GET") and asked.url:
                return NextAction(kind=NextActionKind.REDIRECT, url=asked.url)
            return NextAction(kind=NextActionKind.IN_PAGE, provider=PROVIDER, payload=charge.action)
        case _:
            return None


def refund_snapshot(refund: Returned) -> RefundSnapshot:
    """A failure is the last word: a bank may send a refund back that had succeeded."""
    state = RefundState.SUCCEEDED if refund.has_succeeded else RefundState.PENDING
    return RefundSnapshot(
        reference=refund.psp_reference,
        state=RefundState.FAILED if refund.has_failed else state,
        amount=from_adyen(refund.amount),
    )


def refund_snapshots(story: History) -> Mapping[RefundId, RefundSnapshot]:
    """Where one was asked for again, what stands counts before what failed."""
    refunds = sorted(story.refunds.values(), key=lambda refund: not refund.has_failed)
    return {RefundId(r.refund_id): refund_snapshot(r) for r in refunds if r.refund_id is not None}


def dispute_snapshots(story: History) -> tuple[DisputeSnapshot, ...]:
    return tuple(_dispute(reference, items) for reference, items in story.disputes.items())


def _dispute(reference: str, items: list[Item]) -> DisputeSnapshot:
    furthest = max(items, key=lambda item: DISPUTES[item.event_code])
    state, withdrawn = _VERDICTS[furthest.event_code]
    due = [item.additional_data.get("defensePeriodEndsAt") for item in items]
    return DisputeSnapshot(
        reference=reference,
        state=state,
        amount=from_adyen(furthest.amount),
        withdrawn=withdrawn,
        evidence_due_by=next((moment for text in due if text and (moment := _moment(text))), None),
    )


def _moment(text: str) -> datetime | None:
    """None where it is no time with its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
