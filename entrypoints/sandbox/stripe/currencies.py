"""Which amounts Stripe takes: its minimum charges and its own idea of minor units."""

from typing import Final

from domain.errors import UnknownCurrency
from domain.money import Currency
from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter

LARGEST_AMOUNT: Final = 99_999_999

# docs.stripe.com/currencies, "minimum and maximum charge amounts". For the others Stripe converts into the
# settlement
# currency; the sandbox keeps no rates, so it takes any positive amount there.
_MINIMUMS: Final = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip

# ISK and UGX have no minor unit but are still written with two zeros; three-decimal amounts end in zero.
_STEPS: Final = {"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}
_TWO_DECIMALS_BY_STRIPE: Final = frozenset({"isk", "ugx"})


def currency_of(code: str) -> str:
    """The lower-case code, as Stripe writes it."""
    try:
        return Currency.of(code).code.lower()
    except UnknownCurrency:
        raise invalid_parameter("currency", f"Invalid currency: {code.lower()}.") from None


def check_charge_amount(amount: int, currency: str) -> None:
    if amount < 1:
        raise invalid_parameter(
            "amount", "This value must be greater than or equal to 1.", code="parameter_invalid_integer"
        )
    minimum = minimum_charge(currency)
    if amount < minimum:
        raise _out_of_bounds("amount_too_small", f"Amount must be at least {shown(minimum, currency)}")
    if amount > LARGEST_AMOUNT:
        limit = shown(LARGEST_AMOUNT, currency)
        raise _out_of_bounds("amount_too_large", f"Amount must be no more than {limit}")
    check_step(amount, currency)


def minimum_charge(currency: str) -> int:
    """Stripe charges nothing smaller."""
    return _MINIMUMS.get(currency, 1)


def check_step(amount: int, currency: str) -> None:
    step = _STEPS.get(currency, 1)
    if amount % step:
        raise invalid_parameter(
            "amount", f"Invalid amount: {currency} amounts must be a multiple of {step} in the smallest unit."
        )


def shown(amount: int, currency: str) -> str:
    exponent = 2 if currency in _TWO_DECIMALS_BY_STRIPE else Currency.of(currency).exponent
    return f"{amount / 10**exponent:,.{exponent}f} {currency}"


def _out_of_bounds(code: str, message: str) -> StripeError:
    return invalid_parameter("amount", message, code=code)
