"""Carts, discounts and taxes of every kind, for the properties that must hold for all of them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from domain.catalog import DiscountCode
from domain.delivery import DeliveryOption
from domain.money import Currency, Money, currency_codes, portion, total_of
from domain.pricing import CartLine, Pricing, discount_shares, price, taxable_lines
from domain.tax import TaxAnswer, TaxPart, TaxQuestion
from tests.builders import a_cart_line, a_delivery, an_address

amounts = st.integers(-(10**12), 10**12)
# The three exponents come up in every run; the others now and then.
currencies = st.sampled_from(("JPY", "EUR", "KWD", *currency_codes())).map(Currency.of)


def weights() -> st.SearchStrategy[list[int]]:
    """Small numbers, so that remainders collide, and large ones."""
    return st.lists(st.integers(0, 5) | st.integers(0, 10**10), min_size=1, max_size=12)


def chargeable(minor: int, currency: Currency) -> Money:
    """As the catalog takes it: a multiple of the currency's step."""
    return Money(minor=minor - minor % currency.step, currency=currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """What a quote is made of."""

    currency: Currency
    lines: tuple[CartLine, ...]
    code: DiscountCode | None
    delivery: DeliveryOption | None
    tax: TaxAnswer | None

    @property
    def discounts(self) -> tuple[Money, ...]:
        return discount_shares(self.lines, self.code, self.currency)

    def quote(self) -> Pricing:
        return price(
            self.lines,
            self.discounts,
            self.delivery,
            self.tax,
            self.currency,
            discount_label=self.code.title if self.code else None,
        )


def cart_lines(currency: Currency) -> st.SearchStrategy[CartLine]:
    """Free of charge and dear, one piece and thousands."""
    return st.builds(
        lambda minor, quantity: a_cart_line(unit_price=chargeable(minor, currency), quantity=quantity),
        st.integers(0, 30) | st.integers(0, 10**9),
        st.integers(1, 3) | st.integers(1, 9_999),
    )


def discount_codes(currency: Currency) -> st.SearchStrategy[DiscountCode]:
    """A percentage (some of more than everything) or an amount, in this currency or in another."""
    percentages = st.builds(
        lambda points: DiscountCode(code="LESS", title="Less", percent_basis_points=points),
        st.integers(0, 20_000),
    )
    fixed = st.builds(
        lambda minor, of: DiscountCode(code="LESS", title="Less", amount=chargeable(minor, of)),
        st.integers(0, 10**10),
        st.just(currency) | currencies,
    )
    return percentages | fixed


def tax_answer(question: TaxQuestion, rates_ppm: tuple[int, ...]) -> TaxAnswer:
    """What a tax service says that knows these taxes, one rounding for each tax and line."""
    bases = (*(line.amount for line in question.lines), question.delivery)
    by_rate = [[portion(base, rate, 1_000_000) for base in bases] for rate in rates_ppm]
    currency = question.delivery.currency
    by_base = [total_of(column, currency) for column in zip(*by_rate, strict=True)]
    if not by_rate:
        by_base = [Money.zero(currency) for _ in bases]
    parts = tuple(
        TaxPart(name=f"tax {number}", rate_ppm=rate, amount=total_of(row, currency))
        for number, (rate, row) in enumerate(zip(rates_ppm, by_rate, strict=True))
    )
    return TaxAnswer(lines=tuple(by_base[:-1]), delivery=by_base[-1], parts=parts)


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    """Any cart, also an empty one, with or without discount, delivery and taxes."""
    currency = draw(currencies)
    lines = tuple(draw(st.lists(cart_lines(currency), max_size=8)))
    code = draw(st.none() | discount_codes(currency))
    delivery, tax = None, None
    if draw(st.booleans()):
        minor = draw(st.integers(0, 10**6))
        delivery = a_delivery(amount=chargeable(minor, currency))
        discounts = discount_shares(lines, code, currency)
        question = TaxQuestion(
            destination=an_address(), lines=taxable_lines(lines, discounts), delivery=delivery.amount
        )
        # Three taxes of a quarter each, all rounded up, would be more than a line of two yen costs.
        rates = draw(st.lists(st.integers(0, 200_000), max_size=3))
        tax = draw(st.none() | st.just(tax_answer(question, tuple(rates)).checked_against(question)))
    return Cart(currency=currency, lines=lines, code=code, delivery=delivery, tax=tax)
