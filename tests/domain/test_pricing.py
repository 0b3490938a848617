"""Prices: whatever is in the cart, every cent of the total is found again in the lines, in the delivery and
in the list that the shopper reads.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import DiscountCode
from domain.errors import CurrencyMismatch, TotalsDoNotAddUp
from domain.money import Currency, Money, total_of
from domain.pricing import CartLine, Pricing, TotalEntry, Totals, discount_shares, price, taxable_lines
from domain.tax import TaxAnswer, TaxPart, TaxQuestion
from tests.builders import EUR, NOW, a_cart_line, a_delivery, an_address, eur, priced, totals_of
from tests.domain.carts import Cart, cart_lines, carts, currencies, discount_codes, tax_answer


@given(cart=carts())
def test_every_line_is_quantity_times_price_less_discount_plus_tax(cart: Cart) -> None:
    for line, wanted in zip(cart.quote().lines, cart.lines, strict=True):
        assert line.subtotal.minor == wanted.unit_price.minor * wanted.quantity
        assert line.total == line.subtotal - line.discount + line.tax
        assert (line.id, line.sku, line.quantity) == (wanted.id, wanted.sku, wanted.quantity)


@given(cart=carts())
def test_the_total_is_the_lines_and_their_delivery(cart: Cart) -> None:
    quote = cart.quote()
    totals, currency = quote.totals, cart.currency
    of_lines = total_of((line.total for line in quote.lines), currency)
    assert totals.total == of_lines + totals.delivery + totals.delivery_tax
    assert totals.subtotal == total_of((line.subtotal for line in quote.lines), currency)
    assert totals.discount == total_of((line.discount for line in quote.lines), currency)
    assert totals.tax == total_of((line.tax for line in quote.lines), currency) + totals.delivery_tax
    assert totals.total.currency == currency


@given(cart=carts())
def test_the_list_that_the_shopper_reads_sums_to_its_last_row(cart: Cart) -> None:
    *rows, last = cart.quote().totals.entries()
    signs = {"subtotal": 1, "discount": -1, "delivery": 1, "tax": 1}
    assert last.type == "total"
    assert sum(signs[row.type] * row.amount.minor for row in rows) == last.amount.minor


@given(cart=carts())
def test_nothing_in_a_quote_is_negative(cart: Cart) -> None:
    assert all(row.amount.minor >= 0 for row in cart.quote().totals.entries())


@given(currency=currencies, data=st.data())
def test_a_discount_is_shared_out_completely_and_no_line_gets_more_than_it_costs(
    currency: Currency, data: st.DataObject
) -> None:
    lines = data.draw(st.lists(cart_lines(currency), min_size=1, max_size=8))
    code = data.draw(discount_codes(currency))
    shares = discount_shares(lines, code, currency)
    subtotals = [line.unit_price * line.quantity for line in lines]
    assert total_of(shares, currency) == code.magnitude_for(total_of(subtotals, currency))
    assert all(0 <= share.minor <= cost.minor for share, cost in zip(shares, subtotals, strict=True))


@given(currency=currencies, data=st.data())
def test_a_discount_never_exceeds_what_it_is_taken_off(currency: Currency, data: st.DataObject) -> None:
    subtotal = Money(minor=data.draw(st.integers(0, 10**12)), currency=currency)
    magnitude = data.draw(discount_codes(currency)).magnitude_for(subtotal)
    assert 0 <= magnitude.minor <= subtotal.minor
    assert magnitude.currency == currency


@pytest.mark.parametrize(
    ("code", "subtotal", "expected"),
    [
        ({"percent_basis_points": 1_500}, eur(1999), eur(300)),  # 299.85
        ({"percent_basis_points": 10_000}, eur(1999), eur(1999)),
        ({"percent_basis_points": 25_000}, eur(1999), eur(1999)),
        ({"percent_basis_points": 0}, eur(1999), eur(0)),
        ({"percent_basis_points": 1_500}, Money.of(1999, "JPY"), Money.of(300, "JPY")),
        ({"amount": eur(500)}, eur(1999), eur(500)),
        ({"amount": eur(2_000)}, eur(1999), eur(1999)),
        ({"amount": Money.of(500, "USD")}, eur(1999), eur(0)),
    ],
)
def test_a_discount_by_example(code: dict[str, Any], subtotal: Money, expected: Money) -> None:
    assert DiscountCode(code="LESS", title="Less", **code).magnitude_for(subtotal) == expected


@pytest.mark.parametrize(
    ("seconds", "valid"), [(-1, False), (0, True), (3599, True), (3600, False), (3601, False)]
)
def test_a_discount_code_counts_from_its_first_moment_until_its_last(seconds: int, valid: bool) -> None:
    hour = timedelta(hours=1)
    code = DiscountCode(code="LESS", title="Less", amount=eur(1), valid_from=NOW, valid_until=NOW + hour)
    assert code.is_valid_at(NOW + timedelta(seconds=seconds)) is valid


def test_a_discount_code_without_dates_always_counts() -> None:
    assert DiscountCode(code="LESS", title="Less", amount=eur(1)).is_valid_at(NOW)


def test_a_tax_service_is_asked_about_what_is_left_after_the_discount() -> None:
    lines = (a_cart_line(quantity=2, unit_price=eur(1000)), a_cart_line(unit_price=eur(1)))
    question = taxable_lines(lines, (eur(300), eur(0)))
    assert [line.amount for line in question] == [eur(1700), eur(1)]


def yen(minor: int) -> Money:
    return Money.of(minor, "JPY")


def fils(minor: int) -> Money:
    return Money.of(minor, "KWD")


# Each unit price is bought three times, with 10 % off, delivery and one tax; expected are subtotal, discount,
# delivery, tax and total.
@pytest.mark.parametrize(
    ("money", "unit", "delivery", "rate_ppm", "expected"),
    [
        (eur, 1999, 500, 190_000, (5997, 600, 500, 1120, 7017)),
        (yen, 1980, 600, 100_000, (5940, 594, 600, 595, 6541)),
        (fils, 12_340, 1_500, 50_000, (37_020, 3_700, 1_500, 1_750, 36_570)),
    ],
    ids=["EUR", "JPY", "KWD"],
)
def test_a_quote_by_example(
    money: Callable[[int], Money], unit: int, delivery: int, rate_ppm: int, expected: tuple[int, ...]
) -> None:
    line = a_cart_line(unit_price=money(unit), quantity=3)
    code = DiscountCode(code="TEN", title="Ten off", percent_basis_points=1_000)
    option = a_delivery(amount=money(delivery))
    currency = option.amount.currency
    discounts = discount_shares((line,), code, currency)
    question = TaxQuestion(
        destination=an_address(), lines=taxable_lines((line,), discounts), delivery=option.amount
    )
    tax = tax_answer(question, (rate_ppm,))
    totals = price((line,), discounts, option, tax, currency).totals
    seen = (totals.subtotal, totals.discount, totals.delivery, totals.tax, totals.total)
    assert tuple(amount.minor for amount in seen) == expected


def test_the_shopper_reads_subtotal_discount_delivery_each_tax_and_total_in_this_order() -> None:
    totals = Totals(
        subtotal=eur(2000),
        discount=eur(200),
        delivery=eur(500),
        tax=eur(224),
        delivery_tax=eur(41),
        total=eur(2524),
        taxes=(
            TaxPart(name="State tax", rate_ppm=72_500, amount=eur(167)),
            TaxPart(name="County tax", rate_ppm=25_000, amount=eur(57)),
        ),
        discount_label="Summer",
        delivery_label="Express",
    )
    assert totals.entries() == (
        TotalEntry(type="subtotal", label="Subtotal", amount=eur(2000)),
        TotalEntry(type="discount", label="Summer", amount=eur(200)),
        TotalEntry(type="delivery", label="Express", amount=eur(500)),
        TotalEntry(type="tax", label="State tax 7.25 %", amount=eur(167)),
        TotalEntry(type="tax", label="County tax 2.5 %", amount=eur(57)),
        TotalEntry(type="total", label="Total", amount=eur(2524)),
    )


def test_rows_that_do_not_apply_are_left_out() -> None:
    quote = Cart(currency=EUR, lines=(a_cart_line(),), code=None, delivery=None, tax=None).quote()
    assert [row.type for row in quote.totals.entries()] == ["subtotal", "total"]


def test_free_delivery_is_shown() -> None:
    cart = Cart(currency=EUR, lines=(a_cart_line(),), code=None, delivery=a_delivery(amount=eur(0)), tax=None)
    assert [row.type for row in cart.quote().totals.entries()] == ["subtotal", "delivery", "total"]


@given(
    cart=carts(),
    name=st.sampled_from(["subtotal", "discount", "delivery", "tax", "total"]),
    off=st.integers(-3, 3).filter(bool),
)
def test_totals_that_are_a_cent_off_cannot_be_made(cart: Cart, name: str, off: int) -> None:
    totals = cart.quote().totals
    wrong = {name: getattr(totals, name) + Money(minor=off, currency=cart.currency)}
    with pytest.raises(TotalsDoNotAddUp):
        replace(totals, **wrong)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"subtotal": eur(1201)}, "line subtotals"),
        ({"discount": eur(1)}, "line discounts"),
        ({"tax": eur(229)}, "line taxes"),
        ({"total": eur(1427)}, "line totals"),
    ],
)
def test_lines_that_do_not_sum_to_their_totals_cannot_be_quoted(changes: dict[str, Any], what: str) -> None:
    lines = (priced(a_cart_line()),)
    totals = totals_of(lines)
    quote = Pricing(lines=lines, totals=totals)
    with pytest.raises(TotalsDoNotAddUp) as refusal:
        replace(quote, lines=(replace(lines[0], **changes),))
    assert refusal.value.what == what


def test_taxes_by_name_that_do_not_sum_to_the_tax_cannot_be_quoted() -> None:
    with pytest.raises(TotalsDoNotAddUp) as refusal:
        replace(totals_of((priced(a_cart_line()),)), taxes=())
    assert refusal.value.what == "taxes by name"


def test_a_line_in_another_currency_cannot_be_quoted() -> None:
    lines = (a_cart_line(), a_cart_line(unit_price=Money.of(100, "USD")))
    with pytest.raises(CurrencyMismatch):
        price(lines, (eur(0), eur(0)), None, None, EUR)


# What a tax service must not get away with, on a line of 12.00 and a delivery of 5.00.
_PART = TaxPart(name="VAT", rate_ppm=190_000, amount=eur(323))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"lines": ()}, "tax lines"),
        ({"lines": (eur(228), eur(0))}, "tax lines"),
        ({"lines": (Money.of(228, "USD"),)}, "tax lines"),
        ({"lines": (eur(-1),), "delivery": eur(324)}, "tax amounts"),
        ({"lines": (eur(1201),)}, "tax amounts"),
        ({"delivery": eur(501)}, "tax amounts"),
        ({"delivery": eur(-1)}, "tax amounts"),
        ({"parts": ()}, "tax parts"),
        ({"parts": (_PART, _PART)}, "tax parts"),
    ],
)
def test_a_tax_that_cannot_be_charged_is_refused(changes: dict[str, Any], what: str) -> None:
    line: CartLine = a_cart_line()
    question = TaxQuestion(
        destination=an_address(), lines=taxable_lines((line,), (eur(0),)), delivery=eur(500)
    )
    answer = TaxAnswer(lines=(eur(228),), delivery=eur(95), parts=(_PART,))
    assert answer.checked_against(question) is answer
    with pytest.raises(TotalsDoNotAddUp) as refusal:
        replace(answer, **changes).checked_against(question)
    assert refusal.value.what == what
