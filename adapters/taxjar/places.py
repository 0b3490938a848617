"""Where TaxJar can be asked about taxes, and in which money."""

from typing import Final

from domain.tax import TaxQuestion

EUROPEAN_UNION: Final = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
COUNTRIES: Final = EUROPEAN_UNION | {"US", "CA", "AU"}
# What is paid with there. TaxJar is told amounts without a currency and rounds taxes to hundredths, which
# would be wrong for any that has none.
_CURRENCIES: Final = frozenset({"USD", "CAD", "AUD", "EUR", "CZK", "DKK", "HUF", "PLN", "RON", "SEK"})


def serves(question: TaxQuestion) -> bool:
    """Whether TaxJar has an answer to this question."""
    return question.destination.country in COUNTRIES and question.delivery.currency.code in _CURRENCIES
