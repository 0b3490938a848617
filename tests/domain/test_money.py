"""Money: whole minor units of one currency, and sharing it out without losing or inventing any."""

import operator
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CurrencyMismatch, UnknownCurrency
from domain.money import Currency, Money, allocate, currency_codes, portion, total_of
from tests.builders import EUR, eur
from tests.domain.carts import amounts, currencies, weights

YEN = Currency.of("JPY")


@pytest.mark.parametrize(
    ("code", "exponent", "minor", "written"),
    [
        ("JPY", 0, 1500, "1500 JPY"),
        ("KRW", 0, 0, "0 KRW"),
        ("EUR", 2, 2023, "20.23 EUR"),
        ("USD", 2, 5, "0.05 USD"),
        ("USD", 2, -5, "-0.05 USD"),
        ("KWD", 3, 1234, "1.234 KWD"),
        ("BHD", 3, 7, "0.007 BHD"),
    ],
)
def test_a_currency_has_its_own_number_of_decimals(
    code: str, exponent: int, minor: int, written: str
) -> None:
    assert Currency.of(code).exponent == exponent
    assert str(Money.of(minor, code)) == written


def test_a_currency_is_found_in_either_case() -> None:
    assert Currency.of("eur") is Currency.of("EUR")


# XXX is ISO 4217's code for no currency: well-formed, and never one to pay in.
@pytest.mark.parametrize("code", ["", "EURO", "XXX", "BTC", "ß"])
def test_a_currency_that_is_not_sold_in_is_refused_by_name(code: str) -> None:
    with pytest.raises(UnknownCurrency) as refusal:
        Currency.of(code)
    assert refusal.value.currency == code


def test_every_currency_is_listed_once_in_order() -> None:
    codes = currency_codes()
    assert list(codes) == sorted(set(codes))
    assert {"JPY", "EUR", "KWD"} <= set(codes)
    assert all(Currency.of(code).code == code for code in codes)


@pytest.mark.parametrize(
    "together",
    [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge, min, max],
    ids=lambda function: function.__name__,
)
@pytest.mark.parametrize(("one", "other"), [(eur(100), Money.of(100, "USD")), (Money.of(0, "JPY"), eur(0))])
def test_two_currencies_are_never_added_or_compared(
    together: Callable[[Money, Money], object], one: Money, other: Money
) -> None:
    with pytest.raises(CurrencyMismatch):
        together(one, other)


def test_a_sum_refuses_a_stray_currency_even_if_it_is_nothing() -> None:
    with pytest.raises(CurrencyMismatch) as refusal:
        total_of([eur(1), Money.of(0, "USD")], EUR)
    assert (refusal.value.expected, refusal.value.found) == ("EUR", "USD")


def test_the_same_number_in_two_currencies_is_not_the_same_money() -> None:
    assert Money.of(100, "EUR") != Money.of(100, "USD")


def test_the_sum_of_nothing_is_nothing_in_the_currency_asked_for() -> None:
    assert total_of([], YEN) == Money(minor=0, currency=YEN)


@given(currency=currencies, one=amounts, other=amounts, count=st.integers(0, 100))
def test_money_adds_like_whole_numbers(currency: Currency, one: int, other: int, count: int) -> None:
    first, second = Money(minor=one, currency=currency), Money(minor=other, currency=currency)
    assert (first + second).minor == one + other
    assert (first - second) + second == first
    assert first + (-first) == Money.zero(currency)
    assert first * count == total_of([first] * count, currency)
    assert bool(first) is (one != 0)
    assert (first < second, first <= second) == (one < other, one <= other)


@given(currency=currencies, minor=amounts, shares=weights())
def test_shares_always_sum_to_the_whole(currency: Currency, minor: int, shares: list[int]) -> None:
    whole = Money(minor=minor, currency=currency)
    assert total_of(allocate(whole, shares), currency) == whole


@given(minor=amounts, shares=weights().filter(any))
def test_no_share_is_a_whole_minor_unit_off_its_exact_proportion(minor: int, shares: list[int]) -> None:
    for share, weight in zip(allocate(eur(minor), shares), shares, strict=True):
        assert abs(share.minor - Fraction(minor * weight, sum(shares))) < 1


@given(minor=amounts, shares=weights().filter(any))
def test_who_has_no_weight_gets_nothing_and_nobody_gets_the_other_sign(minor: int, shares: list[int]) -> None:
    for share, weight in zip(allocate(eur(minor), shares), shares, strict=True):
        assert share.minor * minor >= 0
        assert weight or not share


@given(minor=amounts, shares=weights().filter(any))
def test_a_larger_remainder_is_served_first_and_the_earlier_of_equals(minor: int, shares: list[int]) -> None:
    exact = [Fraction(abs(minor) * weight, sum(shares)) for weight in shares]
    remainders = [part - part.__floor__() for part in exact]
    rounded_up = [
        abs(share.minor) > part.__floor__()
        for share, part in zip(allocate(eur(minor), shares), exact, strict=True)
    ]
    order = sorted(range(len(shares)), key=lambda index: (-remainders[index], index))
    served = [rounded_up[index] for index in order]
    assert served == sorted(served, reverse=True)


@pytest.mark.parametrize(
    ("minor", "shares", "expected"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (100, [1, 2, 3], [17, 33, 50]),
        (1, [1, 1], [1, 0]),
        (1, [1, 2], [0, 1]),
        (7, [0, 5, 0], [0, 7, 0]),
        (7, [0, 0, 0], [7, 0, 0]),
        (0, [3, 4], [0, 0]),
        (5, [1], [5]),
    ],
)
def test_allocation_by_example(minor: int, shares: list[int], expected: list[int]) -> None:
    assert [share.minor for share in allocate(eur(minor), shares)] == expected


@pytest.mark.parametrize("shares", [[], [-1], [5, -1, 5]])
def test_weights_that_make_no_sense_are_refused(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        allocate(eur(100), shares)


@pytest.mark.parametrize(
    ("minor", "parts", "whole", "expected"),
    [
        (1200, 190_000, 1_000_000, 228),
        (50, 190_000, 1_000_000, 10),  # 9.5 goes up
        (-50, 190_000, 1_000_000, -10),  # and away from zero
        (45, 190_000, 1_000_000, 9),  # 8.55
        (2, 1, 5, 0),  # 0.4
        (1999, 10_000, 10_000, 1999),
        (1999, 0, 10_000, 0),
    ],
)
def test_a_portion_is_rounded_half_away_from_zero(minor: int, parts: int, whole: int, expected: int) -> None:
    assert portion(eur(minor), parts, whole) == eur(expected)


@given(minor=amounts, parts=st.integers(0, 10**6))
def test_a_portion_is_at_most_half_a_minor_unit_off(minor: int, parts: int) -> None:
    exact = Fraction(minor * parts, 10**6)
    assert abs(portion(eur(minor), parts, 10**6).minor - exact) <= Fraction(1, 2)
