"""Money as integers of a currency's minor unit, and the one way to share it out without losing a cent."""

from collections.abc import Iterable, Sequence
from typing import Final, Self

from domain.errors import CurrencyMismatch, FieldRefused, UnknownCurrency
from domain.values import value

# ISO 4217's currencies by exponent. Providers' own exceptions belong to their adapters.
_NO_DECIMALS: Final = "CLP ISK JPY KRW PYG UGX VND XAF XOF XPF"
_TWO_DECIMALS: Final = (
    "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR MXN MYR NOK NZD PHP PLN RON SAR SEK SGD THB TRY "
    "TWD USD ZAR"
)
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"
_CODES: Final = ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))


@value
class Currency:
    """An ISO 4217 currency; `exponent` counts the digits after the decimal point (JPY 0, USD 2, KWD 3)."""

    code: str
    exponent: int

    @property
    def step(self) -> int:
        """What every amount that is charged or given back is a multiple of, in minor units. Cards know two
        decimals: where a currency has three, the last one is zero. https://docs.stripe.com/currencies
        """
        return 10 if self.exponent == 3 else 1

    @staticmethod
    def of(code: str) -> "Currency":
        """The currency with this code, in either case.

        Raises UnknownCurrency for a code FastCart doesn't sell in.
        """
        try:
            return _CURRENCIES[code.upper()]
        except KeyError:
            raise UnknownCurrency(currency=code) from None


_CURRENCIES: Final = {
    code: Currency(code=code, exponent=exponent) for exponent, codes in _CODES for code in codes.split()
}


def currency_codes() -> tuple[str, ...]:
    """Every currency that FastCart can sell in, sorted."""
    return tuple(sorted(_CURRENCIES))


@value
class Money:
    """An amount in minor units (cents, yen, fils). Arithmetic across currencies raises CurrencyMismatch."""

    minor: int
    currency: Currency

    @classmethod
    def of(cls, minor: int, code: str) -> Self:
        """`Money.of(2023, "EUR")` is 20.23 euros."""
        return cls(minor=minor, currency=Currency.of(code))

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        return cls(minor=0, currency=currency)

    def __add__(self, other: "Money") -> "Money":
        if self.currency is not other.currency:
            self._same_currency(other)
        return Money(minor=self.minor + other.minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if self.currency is not other.currency:
            self._same_currency(other)
        return Money(minor=self.minor - other.minor, currency=self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(minor=self.minor * count, currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(minor=-self.minor, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        if self.currency is not other.currency:
            self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        if self.currency is not other.currency:
            self._same_currency(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        digits = self.currency.exponent
        whole, rest = divmod(abs(self.minor), 10**digits)
        sign = "-" if self.minor < 0 else ""
        return (
            f"{sign}{whole}.{rest:0{digits}d} {self.currency.code}"
            if digits
            else f"{sign}{whole} {self.currency.code}"
        )

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(expected=self.currency.code, found=other.currency.code)


def total_of(amounts: Iterable[Money], currency: Currency) -> Money:
    """The sum of the amounts; zero of `currency` when there are none."""
    return Money(minor=minor_total(amounts, currency), currency=currency)


def minor_total(amounts: Iterable[Money], currency: Currency) -> int:
    """The same in minor units, for a sum that is only compared. Raises CurrencyMismatch."""
    minor = 0
    for amount in amounts:
        if amount.currency is not currency and amount.currency != currency:
            raise CurrencyMismatch(expected=currency.code, found=amount.currency.code)
        minor += amount.minor
    return minor


def allocate(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Shares of `amount` in proportion to `weights`, by largest remainder: they always sum to the whole.

    Each share is within one step of the currency of its exact proportion, and a multiple of it as long as
    the amount is; equal remainders favour the earlier weight.
    When every weight is zero the first share takes all. Raises ValueError for no weights or a negative one.
    """
    if not weights or min(weights) < 0:
        raise ValueError("allocate needs at least one weight, and none below zero")
    whole = sum(weights)
    if whole == 0:
        return (amount, *(Money.zero(amount.currency) for _ in weights[1:]))
    step = amount.currency.step if amount.minor % amount.currency.step == 0 else 1
    sign, steps = -step if amount.minor < 0 else step, abs(amount.minor) // step
    floors_and_remainders = [divmod(steps * weight, whole) for weight in weights]
    shares = [floor for floor, _ in floors_and_remainders]
    missing = steps - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda index: -floors_and_remainders[index][1])
    for index in by_remainder[:missing]:
        shares[index] += 1
    return tuple(Money(minor=sign * share, currency=amount.currency) for share in shares)


def portion(amount: Money, parts: int, whole: int) -> Money:
    """`amount * parts / whole`, rounded half away from zero to the currency's step: the rule for taxes and
    percentage discounts.
    """
    step = amount.currency.step
    product, whole = abs(amount.minor) * parts, whole * step
    rounded = (2 * product + whole) // (2 * whole) * step
    return Money(minor=-rounded if amount.minor < 0 else rounded, currency=amount.currency)


def require_chargeable(amount: Money, path: str) -> None:
    """Raises FieldRefused, naming `path`, for an amount that no card can be charged with."""
    if amount.minor % amount.currency.step:
        raise FieldRefused(path=path, rule=f"a multiple of {amount.currency.step} in {amount.currency.code}")
