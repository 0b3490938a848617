"""Where a currency has three decimals, cards know two: whatever is charged or given back ends in zero."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import FieldRefused
from domain.giving_back import RefundChoice, refund_asked
from domain.identifiers import RefundId
from domain.money import Currency, Money, allocate, currency_codes, portion, require_chargeable, total_of
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.pricing import Pricing
from domain.refund import RefundedLine, Share
from domain.remainder import remainder_of
from tests.builders import NOW, a_cart_line, a_payment, an_order
from tests.domain.carts import Cart, carts, weights

KWD = Currency.of("KWD")
STEPS = st.integers(0, 10**9).map(lambda steps: Money(minor=10 * steps, currency=KWD))


def fils(minor: int) -> Money:
    return Money(minor=minor, currency=KWD)


def is_chargeable(amount: Money) -> bool:
    return amount.minor % amount.currency.step == 0


def test_only_currencies_with_three_decimals_are_charged_in_tens() -> None:
    in_tens = {code for code in currency_codes() if Currency.of(code).step == 10}
    assert in_tens == {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    assert {Currency.of(code).step for code in currency_codes() if code not in in_tens} == {1}


@given(amount=STEPS, shares=weights().filter(any))
def test_shares_of_what_can_be_charged_can_be_charged_and_are_less_than_a_step_off(
    amount: Money, shares: list[int]
) -> None:
    allocated = allocate(amount, shares)
    assert total_of(allocated, KWD) == amount
    for share, weight in zip(allocated, shares, strict=True):
        assert is_chargeable(share)
        assert abs(share.minor - Fraction(amount.minor * weight, sum(shares))) < 10


@given(minor=st.integers(-(10**9), 10**9), parts=st.integers(0, 10**6))
def test_a_portion_is_at_most_half_a_step_off(minor: int, parts: int) -> None:
    share = portion(fils(minor), parts, 10**6)
    assert is_chargeable(share)
    assert abs(share.minor - Fraction(minor * parts, 10**6)) <= 5


@pytest.mark.parametrize(("minor", "expected"), [(100, 20), (26, 0), (27, 10), (-27, -10), (79, 20)])
def test_a_portion_by_example(minor: int, expected: int) -> None:
    """19 %, halves away from zero."""
    assert portion(fils(minor), 190_000, 1_000_000) == fils(expected)


def amounts_of(quote: Pricing) -> list[Money]:
    totals = quote.totals
    whole = [totals.subtotal, totals.discount, totals.delivery, totals.tax, totals.delivery_tax, totals.total]
    lines = [(line.subtotal, line.discount, line.tax, line.total) for line in quote.lines]
    return [*whole, *(part.amount for part in totals.taxes), *(amount for line in lines for amount in line)]


@given(cart=carts())
def test_everything_in_a_quote_can_be_charged(cart: Cart) -> None:
    assert all(is_chargeable(amount) for amount in amounts_of(cart.quote()))


@given(cart=carts(), data=st.data())
def test_whatever_goes_back_by_line_or_amount_can_be_given_back(cart: Cart, data: st.DataObject) -> None:
    quote = cart.quote()
    assume(quote.lines)
    order = an_order(lines=quote.lines, totals=quote.totals)
    left = remainder_of(order, ())
    line = data.draw(st.sampled_from(quote.lines))
    pieces = RefundedLine(line_id=line.id, quantity=data.draw(st.integers(1, line.quantity)))
    of_line = left.of_lines([pieces], "/lines")
    rest = left.without(of_line)
    steps = data.draw(st.integers(0, rest.amount.minor // cart.currency.step))
    spread = rest.spread(Money(minor=steps * cart.currency.step, currency=cart.currency))
    shares: tuple[Share, ...] = (*of_line, *spread)
    assert all(is_chargeable(share.net) and is_chargeable(share.tax) for share in shares)


@pytest.mark.parametrize(("minor", "fine"), [(1230, True), (1234, False), (0, True)])
def test_an_amount_that_somebody_sets_is_refused_unless_it_can_be_charged(minor: int, fine: bool) -> None:
    if fine:
        require_chargeable(fils(minor), "/prices/0/minor")
        return
    with pytest.raises(FieldRefused) as refused:
        require_chargeable(fils(minor), "/prices/0/minor")
    assert (refused.value.path, refused.value.rule) == ("/prices/0/minor", "a multiple of 10 in KWD")


def test_a_refund_of_an_amount_that_cannot_go_back_is_refused() -> None:
    line = a_cart_line(unit_price=fils(1230))
    quote = Cart(currency=KWD, lines=(line,), code=None, delivery=None, tax=None).quote()
    order = an_order(lines=quote.lines, totals=quote.totals)
    paid = a_payment(order, state=PaymentState.CAPTURED, captured=order.total)
    facts = OrderFacts(order=order, payments=(paid,))
    with pytest.raises(FieldRefused):
        refund_asked(facts, RefundId("ref_1"), RefundChoice(amount=fils(5)), restock=(), note=None, now=NOW)
