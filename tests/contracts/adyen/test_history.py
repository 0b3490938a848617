"""What a payment is, from what was told of it: in any order, more than once, and with parts that never
came.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final

import msgspec
import pytest

from adapters.adyen.amounts import DECIMALS, Amount, AmountNotTaken, AmountUnreadable, from_adyen, to_adyen
from adapters.adyen.answers import Agreed, Answer, Entry, Item, Modified, Tried
from adapters.adyen.history import DISPUTES, history
from adapters.adyen.methods import method_of, takes_at_once
from adapters.adyen.snapshots import (
    RESULTS,
    dispute_snapshots,
    payment_snapshot,
    refund_snapshots,
)
from adapters.adyen.wire import modification_answer, payment_answer
from domain.dispute import DisputeState
from domain.money import Money
from domain.payment import DeclineReason, PaymentSnapshot, PaymentState
from domain.payment_method import METHODS
from domain.refund import RefundState
from domain.shop import CaptureMethod
from tests.contracts.adyen.specification import needed
from tests.contracts.vendor_papers import read

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
TEN: Final = Amount("EUR", 1000)
AGREED: Final = Agreed("pay_1", "ord_1", TEN, CaptureMethod.MANUAL)
PAID: Final = Tried("PSP", "Authorised", agreed=AGREED)
CAPTURE_ASKED: Final = Modified("captures", "CAP", "PSP", TEN)
CANCEL_ASKED: Final = Modified("cancels", "CAN", "PSP")


def event(code: str, reference: str = "PSP", *, success: bool = True, **more: Any) -> Item:
    return Item(
        psp_reference=reference,
        event_code=code,
        success="true" if success else "false",
        amount=more.pop("amount", TEN),
        merchant_account_code="FastCart",
        original_reference="" if reference == "PSP" else "PSP",
        **more,
    )


def told(said: Sequence[Answer | Item]) -> PaymentSnapshot:
    entries = [Entry(str(i), NOW + timedelta(seconds=i), each) for i, each in enumerate(said)]
    story = history(entries)
    assert story is not None
    return payment_snapshot(story, "client")


AUTHORISED = event("AUTHORISATION")
CAPTURED = event("CAPTURE", "CAP")


@pytest.mark.parametrize(
    ("said", "state", "received"),
    [
        ((PAID,), PaymentState.AUTHORIZED, 0),
        ((PAID, AUTHORISED), PaymentState.AUTHORIZED, 0),
        ((PAID, AUTHORISED, CAPTURE_ASKED, CAPTURED), PaymentState.CAPTURED, 1000),
        ((PAID, AUTHORISED, CANCEL_ASKED, event("CANCELLATION", "CAN")), PaymentState.VOIDED, 0),
        ((PAID, CANCEL_ASKED, event("CANCELLATION", "CAN", success=False)), PaymentState.AUTHORIZED, 0),
        ((PAID, CAPTURE_ASKED, event("CAPTURE", "CAP", success=False)), PaymentState.AUTHORIZED, 0),
        ((PAID, CAPTURED, event("CAPTURE_FAILED", "CAP")), PaymentState.AUTHORIZED, 0),
        ((PAID, AUTHORISED, event("EXPIRE")), PaymentState.VOIDED, 0),
        ((PAID, event("TECHNICAL_CANCEL", "T")), PaymentState.VOIDED, 0),
        (
            (PAID, event("CANCEL_OR_REFUND", "T", additional_data={"modification.action": "cancel"})),
            PaymentState.VOIDED,
            0,
        ),
        ((Tried("PSP", "Received", agreed=AGREED), AUTHORISED), PaymentState.AUTHORIZED, 0),
        ((AGREED, Tried("PSP", "RedirectShopper", None, "{}"), AUTHORISED), PaymentState.AUTHORIZED, 0),
        ((PAID, event("MOON_FULL")), PaymentState.AUTHORIZED, 0),
    ],
)
def test_the_order_in_which_things_are_told_changes_nothing(
    said: tuple[Answer | Item, ...], state: PaymentState, received: int
) -> None:
    twice: list[Answer | Item] = [*said, *said[-1:]]
    for shuffled in permutations(twice):
        snapshot = told(shuffled)
        assert (snapshot.state, snapshot.received.minor) == (state, received)
        assert (snapshot.reference, snapshot.amount) == ("pay_1", Money.of(1000, "EUR"))


def test_what_was_received_is_changing_until_its_outcome_is_told() -> None:
    assert told([PAID, CAPTURE_ASKED]).is_changing
    assert not told([PAID, CAPTURE_ASKED, event("CAPTURE", "CAP", success=False)]).is_changing
    assert told([PAID, CANCEL_ASKED]).is_changing
    assert not told([PAID]).is_changing


def test_money_of_two_tries_is_all_counted() -> None:
    """A shopper who pays at one bank after all, having paid at another: a person has to see it."""
    twice = Agreed("pay_1", "ord_1", TEN, CaptureMethod.AUTOMATIC)
    other = Item(
        psp_reference="SECOND",
        event_code="AUTHORISATION",
        success="true",
        amount=TEN,
        merchant_account_code="FastCart",
    )
    assert told([Tried("PSP", "Authorised", agreed=twice), other]).received.minor == 2000


@pytest.mark.parametrize(("result", "state"), sorted(RESULTS.items(), key=str))
def test_each_result_has_its_state(result: str, state: PaymentState) -> None:
    assert told([Tried("PSP", result, "2", agreed=AGREED)]).state is state


@pytest.mark.parametrize("result", ["Success", "PartiallyAuthorised", "AuthenticationFinished", "MoonFull"])
def test_an_unknown_result_is_pending_never_failed(result: str) -> None:
    assert told([Tried("PSP", result, agreed=AGREED)]).state is PaymentState.PROCESSING


def test_a_refusal_that_only_the_webhook_tells_says_why() -> None:
    waiting = Tried("PSP", "Received", agreed=AGREED)
    snapshot = told([waiting, event("AUTHORISATION", success=False, reason="Not enough balance")])
    assert snapshot.decline is not None
    assert (snapshot.decline.reason, snapshot.decline.code) == (DeclineReason.INSUFFICIENT_FUNDS, "12")


def test_a_payment_that_failed_can_succeed_after_all() -> None:
    failed = event("AUTHORISATION", success=False, reason="Refused")
    everything: list[Answer | Item] = [Tried("PSP", "Received", agreed=AGREED), failed, AUTHORISED]
    for said in permutations(everything):
        assert told(said).state is PaymentState.AUTHORIZED


def test_nothing_is_known_of_a_payment_that_nobody_began() -> None:
    assert history([Entry("1", NOW, AUTHORISED)]) is None


@pytest.mark.parametrize("reference", [None, "BEFORE"])
def test_money_of_a_bank_of_the_shoppers_own_is_taken_under_whatever_reference_it_is_told(
    reference: str | None,
) -> None:
    sent = Tried(reference, "RedirectShopper", agreed=AGREED, method="ideal")
    came_back, webhook = Tried("PSP", "Authorised"), event("AUTHORISATION", payment_method="ideal")
    for said in ([came_back], [webhook], [webhook, came_back]):
        assert told([sent, *said]).state is PaymentState.CAPTURED


def test_an_authorization_that_may_be_a_cards_is_not_taken_for_money() -> None:
    sent = Tried(None, "RedirectShopper", agreed=AGREED, method="ideal")
    card = Tried(None, "RedirectShopper", method="scheme")
    assert told([sent, event("AUTHORISATION", payment_method="visa")]).state is PaymentState.AUTHORIZED
    assert told([sent, card, Tried("PSP", "Authorised")]).state is PaymentState.AUTHORIZED


def test_a_bank_of_the_shoppers_own_takes_the_money_whatever_was_asked_for() -> None:
    ideal = Tried("PSP", "RedirectShopper", None, None, AGREED, "ideal")
    assert told([ideal]).method == METHODS["ideal"]
    everything: list[Answer | Item] = [ideal, AUTHORISED]
    for said in permutations(everything):
        paid = told(said)
        assert (paid.state, paid.received.minor, paid.method) == (
            PaymentState.CAPTURED,
            1000,
            METHODS["ideal"],
        )


@pytest.mark.parametrize(
    ("kind", "name", "at_once"),
    [
        ("scheme", "card", False),
        ("applepay", "card", False),
        ("bcmc", "bancontact", True),
        ("sepadirectdebit", "sepa_debit", True),
        ("klarna", "klarna", False),
        ("moon_pay", "moon_pay", True),
    ],
)
def test_each_method_has_its_name_and_nature(kind: str, name: str, *, at_once: bool) -> None:
    method = method_of(kind)
    assert method is not None
    assert (method.name, takes_at_once(kind)) == (name, at_once)


REFUND_ASKED: Final = Modified("refunds", "REF", "PSP", TEN, "ref_1")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((REFUND_ASKED,), RefundState.PENDING),
        ((REFUND_ASKED, event("REFUND", "REF")), RefundState.SUCCEEDED),
        ((REFUND_ASKED, event("REFUND", "REF", success=False)), RefundState.FAILED),
        ((REFUND_ASKED, event("REFUND", "REF"), event("REFUND_FAILED", "REF")), RefundState.FAILED),
        ((REFUND_ASKED, event("REFUND", "REF"), event("REFUNDED_REVERSED", "REF")), RefundState.FAILED),
    ],
)
def test_a_refund_is_what_was_told_last_whenever_it_was_told(
    said: tuple[Answer | Item, ...], state: RefundState
) -> None:
    everything: list[Answer | Item] = [PAID, *said]
    for shuffled in permutations(everything):
        story = history([Entry(str(i), NOW, each) for i, each in enumerate(shuffled)])
        assert story is not None
        assert {key: refund.state for key, refund in refund_snapshots(story).items()} == {"ref_1": state}


@pytest.mark.parametrize(
    ("codes", "state", "withdrawn"),
    [
        (("REQUEST_FOR_INFORMATION",), DisputeState.INQUIRY, False),
        (("NOTIFICATION_OF_CHARGEBACK",), DisputeState.OPEN, False),
        (("NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK"), DisputeState.OPEN, True),
        (("CHARGEBACK", "CHARGEBACK_REVERSED"), DisputeState.OPEN, False),
        (("CHARGEBACK", "CHARGEBACK_REVERSED", "PREARBITRATION_WON"), DisputeState.WON, False),
        (("CHARGEBACK", "ISSUER_RESPONSE_TIMEFRAME_EXPIRED"), DisputeState.WON, False),
        (("CHARGEBACK", "DISPUTE_DEFENSE_PERIOD_ENDED"), DisputeState.LOST, True),
        (("CHARGEBACK", "CHARGEBACK_REVERSED", "SECOND_CHARGEBACK"), DisputeState.LOST, True),
        (("CHARGEBACK", "PREARBITRATION_LOST"), DisputeState.LOST, True),
    ],
)
def test_a_dispute_is_as_far_as_it_has_ever_come(
    codes: tuple[str, ...], state: DisputeState, *, withdrawn: bool
) -> None:
    assert set(codes) <= set(DISPUTES)
    due = {"defensePeriodEndsAt": "2021-07-31T03:03:07+02:00"}
    for shuffled in permutations(codes):
        said: list[Answer | Item] = [PAID, *(event(code, "DSP", additional_data=due) for code in shuffled)]
        story = history([Entry(str(i), NOW, each) for i, each in enumerate(said)])
        assert story is not None
        (dispute,) = dispute_snapshots(story)
        assert (dispute.reference, dispute.state, dispute.withdrawn) == ("DSP", state, withdrawn)
        assert dispute.evidence_due_by == datetime(2021, 7, 31, 1, 3, 7, tzinfo=UTC)


@pytest.mark.parametrize("minor", [0, 1, 1999, 123_456])
@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "ISK"])
def test_amounts_come_back_as_they_went(code: str, minor: int) -> None:
    amount = Money.of(minor, code)
    assert from_adyen(to_adyen(amount)) == amount


def test_where_adyen_has_fewer_decimals_a_part_of_its_unit_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with CVE and IDR, which FastCart doesn't sell in today."""
    assert DECIMALS == {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}
    monkeypatch.setitem(DECIMALS, "EUR", 0)
    assert to_adyen(Money.of(1200, "EUR")) == Amount("EUR", 12)
    with pytest.raises(AmountNotTaken):
        to_adyen(Money.of(1250, "EUR"))


def test_an_amount_that_has_no_meaning_here_is_not_guessed() -> None:
    with pytest.raises(AmountUnreadable):
        from_adyen(Amount("XXX", 100))
    with pytest.raises(AmountUnreadable):
        from_adyen(Amount("ISK", 150))


@needed
def test_the_bodies_of_adyens_own_mocks_are_read() -> None:
    bodies = read("adyen", "sdk-mocks.json")["bodies"]
    paid = payment_answer.decode(msgspec.json.encode(bodies["payments-success"]))
    assert (paid.psp_reference, paid.result_code) == ("8535296650153317", "Authorised")
    assert paid.asked_of_page is None
    details = payment_answer.decode(msgspec.json.encode(bodies["paymentsdetails-success"]))
    assert (details.psp_reference, details.result_code) == ("8515232733321252", "Authorised")
    for name in ("paymentcapture-success", "paymentscancels-success"):
        received = modification_answer.decode(msgspec.json.encode(bodies[name]))
        assert received.psp_reference == bodies[name]["pspReference"]
        assert received.payment_psp_reference == bodies[name]["paymentPspReference"]
