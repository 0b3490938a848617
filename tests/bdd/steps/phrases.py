"""The vocabulary inside sentences: amounts, countries, pieces and cards, as types of the sentences' gaps."""

from collections.abc import Callable
from typing import Any, Final

import parse  # type: ignore[import-untyped]
from pytest_bdd import parsers

from domain.money import Currency, Money
from tests.bdd.shop import Card, Place

_COUNTRIES: Final = {"Germany": "DE", "Japan": "JP", "New York": "US"}
_CARDS: Final = {
    "a card that works": Card.WORKS,
    "a card that lacks funds": Card.LACKS_FUNDS,
    "a stolen card": Card.STOLEN,
    "a card that asks the bank": Card.ASKS_BANK,
    "a card whose refunds take days": Card.REFUNDS_TAKE_DAYS,
    "a card whose refunds come back": Card.REFUNDS_COME_BACK,
    "a direct debit": Card.DIRECT_DEBIT,
    "iDEAL": Card.IDEAL,
    "Bancontact": Card.BANCONTACT,
    "Klarna": Card.KLARNA,
}


@parse.with_pattern(r"-?\d+(?:\.\d+)? [A-Z]{3}")
def money(text: str) -> Money:
    """`20.23 EUR`, with as many decimals as the currency has."""
    amount, code = text.split()
    currency = Currency.of(code)
    whole, _, decimals = amount.partition(".")
    assert len(decimals) == currency.exponent, f"{text}: {code} has {currency.exponent} decimals"
    return Money(minor=int(whole + decimals), currency=currency)


@parse.with_pattern("|".join(_COUNTRIES))
def country(text: str) -> str:
    return _COUNTRIES[text]


@parse.with_pattern("|".join(_CARDS))
def card(text: str) -> Card:
    return _CARDS[text]


@parse.with_pattern(r"\d+ pieces?")
def pieces(text: str) -> int:
    return int(text.split(maxsplit=1)[0])


@parse.with_pattern("is|are")
def are(text: str) -> str:
    return text


@parse.with_pattern(r"[^\",]+, \d{5} [^\",]+")
def place(text: str) -> Place:
    return Place.read(text)


_TYPES: Final[dict[str, Callable[[str], Any]]] = {
    "Money": money,
    "Country": country,
    "Card": card,
    "Pieces": pieces,
    "Are": are,
    "Place": place,
}


def phrase(text: str) -> parsers.StepParser:
    """A sentence with gaps: `the cart costs {total:Money}`."""
    return parsers.parse(text, extra_types=_TYPES)
