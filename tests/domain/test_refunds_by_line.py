"""Refunds by amount, line and delivery: the parts always sum to what is left, to the last cent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempt import Operation
from domain.dispute import DisputeSnapshot, DisputeState
from domain.disputing import dispute_observed
from domain.errors import (
    CurrencyMismatch,
    DomainRefusal,
    FieldRefused,
    NothingLeftToShip,
    PaymentDisputed,
    PaymentNotCaptured,
    RefundExceedsBalance,
    ShortageTooLate,
    TooManyPieces,
    UnknownLine,
)
from domain.giving_back import RefundChoice, refund_asked, refundable_of, shortage_told
from domain.identifiers import DisputeId, LineId, RefundId, ShortageId
from domain.journal import Account, Movement, balance
from domain.money import Money, total_of
from domain.order import ClosingReason, Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentSnapshot, PaymentState
from domain.pricing import PricedLine
from domain.refund import RefundedLine, RefundSnapshot, RefundState
from domain.reservation import ReservationState
from domain.shop import CaptureMethod
from tests.builders import (
    EUR,
    NOW,
    a_cart_line,
    a_payment,
    a_reservation,
    an_attempt,
    an_order,
    eur,
    new_id,
    priced,
)

LATER = NOW + timedelta(minutes=1)
EVERYTHING = RefundChoice()
DELIVERY = RefundChoice(delivery=True)
# What an order that is paid, and was refunded in full, has in its books: nothing is owed, nothing is left.
CLOSED = (Account.SHOPPER, Account.PROVIDER, Account.DELIVERY, Account.TAX)


def a_line(net: int, tax: int, quantity: int) -> PricedLine:
    """A line whose net total is `net`, whatever divides it."""
    line = priced(a_cart_line(quantity=quantity, unit_price=eur(-(-net // quantity))), tax)
    return replace(line, discount=line.subtotal - eur(net), total=eur(net + tax))


def order_of(*lines: PricedLine, **changes: object) -> Order:
    order = an_order(lines=lines, **changes)
    discount = total_of((line.discount for line in lines), EUR)
    totals = replace(order.totals, discount=discount, total=order.totals.total - discount)
    return replace(order, totals=totals)


def open_facts(*lines: PricedLine, **changes: object) -> OrderFacts:
    order = order_of(*(lines or (a_line(1000, 190, 3),)), **changes)
    return OrderFacts(order=order, reservation=a_reservation(order), payments=(a_payment(order),))


def captured(facts: OrderFacts, minor: int | None = None) -> OrderFacts:
    """Authorized, captured as asked for, complete."""
    payment = facts.payments[0]
    amount = eur(minor) if minor is not None else facts.sale.to_capture(payment)
    for state, received in ((PaymentState.AUTHORIZED, eur(0)), (PaymentState.CAPTURED, amount)):
        told = PaymentSnapshot(reference="pi_1", state=state, amount=payment.amount, received=received)
        facts = facts.payment_observed(payment.id, told, NOW)
    return facts.stock_confirmed(NOW).completed("msg_1", NOW)


def paid(*lines: PricedLine) -> OrderFacts:
    return captured(open_facts(*lines))


def of(facts: OrderFacts, *quantities: int) -> tuple[RefundedLine, ...]:
    """So many pieces of the first line, the second …"""
    return tuple(
        RefundedLine(line_id=line.id, quantity=quantity)
        for line, quantity in zip(facts.order.lines, quantities, strict=False)
        if quantity
    )


def asked(
    facts: OrderFacts, choice: RefundChoice = EVERYTHING, restock: tuple[RefundedLine, ...] = ()
) -> OrderFacts:
    refund_id = RefundId(new_id("ref"))
    return refund_asked(facts, refund_id, choice, restock=restock, note=None, now=LATER)


def ended(facts: OrderFacts, state: RefundState = RefundState.SUCCEEDED) -> OrderFacts:
    """The bank has answered to every refund that is on its way."""
    for refund in facts.refunds:
        if refund.state in (RefundState.REQUESTED, RefundState.PENDING):
            told = RefundSnapshot(reference="re_1", state=state, amount=refund.amount)
            facts = facts.refund_observed(refund.id, told, LATER)
    return facts


def amounts(facts: OrderFacts) -> list[int]:
    return [refund.amount.minor for refund in facts.refunds]


def booked(facts: OrderFacts, account: Account) -> int:
    return balance(facts.news.entries, account)


# by example


def test_single_pieces_sum_to_their_line_and_the_first_take_the_odd_cents() -> None:
    facts = paid(a_line(1000, 190, 3))
    for _ in range(3):
        facts = asked(facts, RefundChoice(lines=of(facts, 1)))
    assert amounts(facts) == [397, 397, 396]
    assert [refund.shares[0].tax.minor for refund in facts.refunds] == [64, 63, 63]


def test_a_line_takes_its_discount_and_its_tax_along() -> None:
    line = replace(priced(a_cart_line(quantity=2), 342), discount=eur(600), total=eur(1800 + 342))
    facts = asked(paid(line), RefundChoice(lines=(RefundedLine(line_id=line.id, quantity=1),)))
    assert amounts(facts) == [1071]


def test_delivery_alone_takes_its_own_tax() -> None:
    facts = ended(asked(paid(), DELIVERY))
    assert amounts(facts) == [595]
    assert (booked(facts, Account.DELIVERY), booked(facts, Account.REFUNDS)) == (0, 0)
    assert booked(facts, Account.TAX) == -190
    with pytest.raises(RefundExceedsBalance):
        asked(facts, DELIVERY)


def test_nothing_chosen_is_everything_that_is_left() -> None:
    facts = asked(asked(paid(), RefundChoice(amount=eur(100))))
    assert amounts(facts) == [100, 1190 + 595 - 100]
    assert facts.sale.left().pieces == 0
    with pytest.raises(RefundExceedsBalance) as refusal:
        asked(facts)
    assert (refusal.value.asked_minor, refusal.value.refundable_minor) == (0, 0)


def test_after_an_amount_the_lines_and_the_delivery_are_worth_what_is_left_of_them() -> None:
    facts = asked(paid(a_line(1000, 0, 1), a_line(3000, 0, 1)), RefundChoice(amount=eur(459)))
    facts = asked(facts, RefundChoice(lines=of(facts, 1, 1)))
    facts = asked(facts, DELIVERY)
    assert amounts(facts) == [459, 3600, 536]
    assert sum(amounts(facts)) == facts.order.total.minor


def test_a_refund_that_failed_gives_its_pieces_and_its_parts_back() -> None:
    facts = paid()
    before = facts.sale.left()
    for choice in (RefundChoice(amount=eur(17)), RefundChoice(lines=of(facts, 2)), EVERYTHING):
        facts = ended(asked(facts, choice), RefundState.FAILED)
        assert facts.sale.left() == before


def test_an_amount_in_another_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch) as refusal:
        asked(paid(), RefundChoice(amount=Money.of(1, "USD")))
    assert refusal.value.path == "/amount/currency"


@pytest.mark.parametrize("minor", [0, -1, 1786])
def test_nothing_less_than_nothing_and_too_much_are_refused(minor: int) -> None:
    with pytest.raises(RefundExceedsBalance) as refusal:
        asked(paid(), RefundChoice(amount=eur(minor)))
    assert refusal.value.refundable_minor == 1785


def test_an_amount_with_lines_is_refused() -> None:
    facts = paid()
    with pytest.raises(FieldRefused):
        asked(facts, RefundChoice(amount=eur(1), lines=of(facts, 1)))
    with pytest.raises(FieldRefused):
        asked(facts, RefundChoice(amount=eur(1), delivery=True))


def test_a_line_of_another_order_is_refused() -> None:
    with pytest.raises(UnknownLine) as refusal:
        asked(paid(), RefundChoice(lines=(RefundedLine(line_id=LineId("line_x"), quantity=1),)))
    assert refusal.value.path == "/lines/0/line_id"


@pytest.mark.parametrize("quantities", [(3, 1), (2, 2), (4,), (0,), (-1,)])
def test_more_pieces_than_are_left_are_refused_also_over_several_entries(quantities: tuple[int, ...]) -> None:
    facts = paid()
    lines = tuple(RefundedLine(line_id=facts.order.lines[0].id, quantity=count) for count in quantities)
    with pytest.raises(TooManyPieces) as refusal:
        asked(facts, RefundChoice(lines=lines))
    assert refusal.value.path == f"/lines/{len(quantities) - 1}/quantity"


def test_asking_again_under_the_same_id_changes_nothing() -> None:
    facts = asked(paid())
    again = refund_asked(
        facts, facts.refunds[0].id, RefundChoice(amount=eur(1)), restock=(), note=None, now=LATER
    )
    assert again is facts


# before the capture, and for orders that are over


def test_before_the_capture_everything_is_a_cancellation() -> None:
    facts = asked(open_facts())
    assert (facts.order.state, facts.order.closing_reason) == (OrderState.CANCELLED, ClosingReason.MERCHANT)
    assert facts.refunds == ()
    assert asked(facts) == facts


@pytest.mark.parametrize("choice", [DELIVERY, RefundChoice(amount=eur(1))], ids=["delivery", "amount"])
def test_before_the_capture_a_part_is_refused(choice: RefundChoice) -> None:
    with pytest.raises(PaymentNotCaptured):
        asked(open_facts(), choice)
    with pytest.raises(PaymentNotCaptured):
        asked(open_facts().closed(ClosingReason.NOT_PAID_IN_TIME, NOW), choice)


# what a bank has in hand


def disputed(facts: OrderFacts, state: DisputeState, *, withdrawn: bool) -> OrderFacts:
    told = DisputeSnapshot(reference="dp_1", state=state, amount=eur(1785), withdrawn=withdrawn)
    return dispute_observed(facts, facts.payments[0].id, told, DisputeId(new_id("dsp")), LATER)


@pytest.mark.parametrize("state", [DisputeState.OPEN, DisputeState.LOST])
def test_disputed_money_is_not_refunded(state: DisputeState) -> None:
    facts = disputed(paid(), state, withdrawn=True)
    with pytest.raises(PaymentDisputed):
        asked(facts)
    assert refundable_of(facts) == eur(0)


def test_after_an_inquiry_and_once_a_dispute_is_won_money_can_go_back() -> None:
    inquired = disputed(paid(), DisputeState.INQUIRY, withdrawn=False)
    assert amounts(asked(inquired)) == [1785]
    won = disputed(disputed(paid(), DisputeState.OPEN, withdrawn=True), DisputeState.WON, withdrawn=False)
    assert amounts(asked(won)) == [1785]


# stock


def test_pieces_go_back_to_stock_only_when_asked() -> None:
    assert asked(paid()).news.returns == ()


def test_pieces_go_back_to_stock_at_most_once_whatever_becomes_of_the_money() -> None:
    facts = asked(paid(), RefundChoice(amount=eur(1)), restock=of(paid(), 0))
    facts = asked(facts, RefundChoice(amount=eur(1)), restock=of(facts, 2))
    facts = ended(facts, RefundState.FAILED)
    (move,) = facts.news.returns
    assert (move.sold, [good.quantity for good in move.goods]) == (True, [2])
    with pytest.raises(TooManyPieces) as refusal:
        asked(facts, restock=of(facts, 2))
    assert (refusal.value.path, refusal.value.left) == ("/restock/0/quantity", 1)
    assert len(asked(facts, restock=of(facts, 1)).news.returns) == 2


# what can't be shipped


def short(facts: OrderFacts, *quantities: int, written_off: bool = False) -> OrderFacts:
    return shortage_told(
        facts,
        ShortageId(new_id("sho")),
        of(facts, *quantities),
        written_off=written_off,
        note=None,
        now=NOW,
    )


def test_a_shortage_makes_the_capture_smaller_and_the_books_say_why() -> None:
    facts = captured(short(open_facts(a_line(1000, 190, 3), a_line(500, 95, 1)), 1, 1))
    assert facts.payments[0].captured == eur(2380 - 397 - 595)
    assert booked(facts, Account.SHOPPER) == 0
    assert booked(facts, Account.SALES) == -667
    assert booked(facts, Account.TAX) == -(190 - 64 + 95)
    assert Movement.SHORTENED in {entry.movement for entry in facts.news.entries}


def test_what_was_short_can_be_neither_refunded_nor_restocked() -> None:
    facts = captured(short(open_facts(), 2))
    with pytest.raises(TooManyPieces):
        asked(facts, RefundChoice(lines=of(facts, 2)))
    with pytest.raises(TooManyPieces):
        asked(facts, restock=of(facts, 2))
    assert amounts(asked(facts)) == [1785 - 397 - 397]


@pytest.mark.parametrize(
    ("state", "sold"), [(ReservationState.HELD, False), (ReservationState.CONFIRMED, True)]
)
@pytest.mark.parametrize("written_off", [True, False])
def test_short_pieces_leave_the_hold(state: ReservationState, sold: bool, written_off: bool) -> None:
    facts = open_facts()
    facts = replace(facts, reservation=a_reservation(facts.order, state=state))
    (move,) = short(facts, 1, written_off=written_off).news.returns
    assert (move.sold, move.written_off) == (sold, written_off)


def test_without_a_hold_nothing_moves_and_less_is_held_afterwards() -> None:
    facts = short(replace(open_facts(), reservation=None), 1)
    assert facts.news.returns == ()
    assert [good.quantity for good in facts.sale.goods()] == [2]


def test_a_shortage_of_everything_is_refused() -> None:
    with pytest.raises(NothingLeftToShip):
        short(short(open_facts(), 2), 1)


def test_a_shortage_that_leaves_nothing_to_pay_is_refused() -> None:
    order = order_of(a_line(1000, 0, 1), a_line(0, 0, 1))
    totals = replace(
        order.totals, delivery=eur(0), delivery_tax=eur(0), tax=eur(0), taxes=(), total=eur(1000)
    )
    order = replace(order, totals=totals)
    with pytest.raises(NothingLeftToShip):
        short(OrderFacts(order=order, payments=(a_payment(order),)), 1)


def test_once_the_money_is_taken_or_on_its_way_a_shortage_is_too_late() -> None:
    facts = open_facts()
    capturing = replace(facts, attempts=(an_attempt(facts.payments[0], operation=Operation.CAPTURE),))
    for late in (paid(), asked(facts), capturing, open_facts(capture_method=CaptureMethod.AUTOMATIC)):
        with pytest.raises(ShortageTooLate):
            short(late, 1)


def test_reporting_a_shortage_again_changes_nothing() -> None:
    facts = short(open_facts(), 1)
    again = shortage_told(facts, facts.shortages[0].id, of(facts, 2), written_off=True, note="x", now=LATER)
    assert again is facts


# for any order and any sequence of refunds

lines = st.lists(
    st.builds(a_line, st.integers(0, 5000), st.integers(0, 900), st.integers(1, 7)), min_size=1, max_size=4
)


@st.composite
def choices(draw: st.DrawFn, order: Order) -> RefundChoice:
    match draw(st.sampled_from(["amount", "lines", "delivery", "everything"])):
        case "amount":
            return RefundChoice(amount=eur(draw(st.integers(1, 6000))))
        case "lines":
            wanted = draw(st.lists(st.sampled_from(order.lines), min_size=1, max_size=3))
            picked = tuple(RefundedLine(line_id=line.id, quantity=draw(st.integers(1, 3))) for line in wanted)
            return RefundChoice(lines=picked, delivery=draw(st.booleans()))
        case "delivery":
            return DELIVERY
        case _:
            return EVERYTHING


@st.composite
def histories(draw: st.DrawFn) -> OrderFacts:
    """Shortages, the sale, and then refunds of every kind of which some fail, at once or after they
    succeeded.
    """
    facts = open_facts(*draw(lines))
    for _ in range(draw(st.integers(0, 2))):
        line = draw(st.sampled_from(facts.order.lines))
        piece = (RefundedLine(line_id=line.id, quantity=1),)
        try:
            facts = shortage_told(
                facts, ShortageId(new_id("sho")), piece, written_off=False, note=None, now=NOW
            )
        except (TooManyPieces, NothingLeftToShip):
            continue
    facts = captured(facts)
    for _ in range(draw(st.integers(0, 8))):
        try:
            facts = asked(facts, draw(choices(facts.order)))
        except DomainRefusal:
            continue
        if draw(st.booleans()):
            facts = ended(facts, draw(st.sampled_from([RefundState.SUCCEEDED, RefundState.FAILED])))
        if facts.refunds and draw(st.integers(0, 9)) == 0:
            back = draw(st.sampled_from(facts.refunds))
            told = RefundSnapshot(reference="re_1", state=RefundState.FAILED, amount=back.amount)
            facts = facts.refund_observed(back.id, told, LATER)
    return facts


@given(facts=histories())
def test_what_is_left_of_the_parts_is_what_is_left_of_the_money(facts: OrderFacts) -> None:
    left = facts.sale.left()
    assert left.amount == refundable_of(facts)
    assert all(part.pieces >= 0 and part.net.minor >= 0 and part.tax.minor >= 0 for part in left.parts)
    assert all(
        share.net.minor >= 0 and share.tax.minor >= 0 for refund in facts.refunds for share in refund.shares
    )
    assert all(
        refund.amount == total_of((share.amount for share in refund.shares), EUR) for refund in facts.refunds
    )


@given(facts=histories())
def test_the_last_refund_takes_all_that_is_left_and_closes_the_books(facts: OrderFacts) -> None:
    if refundable_of(facts).minor:
        facts = asked(facts)
    facts = ended(facts)
    assert refundable_of(facts) == eur(0)
    assert [booked(facts, account) for account in CLOSED] == [0, 0, 0, 0]
    assert booked(facts, Account.REFUNDS) == -booked(facts, Account.SALES)


@given(facts=histories())
def test_piece_by_piece_a_line_is_worth_what_is_left_of_it(facts: OrderFacts) -> None:
    for part in facts.sale.left().parts:
        left, singles = part, []
        while left.pieces:
            singles.append(left.of_pieces(1))
            left = left.without(singles[-1])
        if singles:
            assert (left.net, left.tax) == (eur(0), eur(0))
            assert max(s.amount.minor for s in singles) - min(s.amount.minor for s in singles) <= 1
            assert part.of_pieces(len(singles)) == part.whole()


@given(facts=histories(), minor=st.integers(1, 400))
def test_an_amount_lowers_everything_in_proportion(facts: OrderFacts, minor: int) -> None:
    before = facts.sale.left()
    if before.amount.minor < minor:
        return
    after = asked(facts, RefundChoice(amount=eur(minor))).sale.left()
    for was, part in zip(before.parts, after.parts, strict=True):
        taken = was.amount.minor - part.amount.minor
        assert abs(taken * before.amount.minor - minor * was.amount.minor) < before.amount.minor
        assert part.pieces == was.pieces


@given(facts=histories(), minor=st.integers(-50, 50))
def test_a_capture_that_differs_is_given_back_as_it_was_taken(facts: OrderFacts, minor: int) -> None:
    """Another sum than agreed was captured: a case, and no reason to keep a cent too much."""
    fresh = open_facts(*facts.order.lines)
    taken = max(1, fresh.order.total.minor + minor)
    fresh = ended(asked(captured(fresh, taken)))
    assert amounts(fresh) == [taken]
    assert booked(fresh, Account.PROVIDER) == 0
