"""A question as a key, and an answer as bytes: for a cache that knows neither."""

from datetime import date
from typing import Final

import msgspec

from domain.address import Address
from domain.money import Currency, Money
from domain.tax import TaxAnswer, TaxPart, TaxQuestion

# Changes with the document's form: what an older release has put is then not found.
_FORM: Final = 1
_encode: Final = msgspec.json.Encoder().encode


class AnswerDocument(msgspec.Struct, frozen=True, array_like=True):
    """Minor units of the question's currency; `parts` are (name, rate, amount)."""

    lines: tuple[int, ...]
    delivery: int
    parts: tuple[tuple[str, int, int], ...]
    service: str | None


_decode: Final = msgspec.json.Decoder(AnswerDocument).decode


def key_of(service: str, question: TaxQuestion, day: date) -> str:
    """Everything that an answer depends on, and nothing else: not the ids of lines, nor who lives there."""
    lines = [
        (line.tax_code, line.amount.minor, line.quantity, line.discount.minor if line.discount else 0)
        for line in question.lines
    ]
    whole = (
        _FORM,
        service,
        day,
        question.delivery.currency.code,
        question.delivery.minor,
        question.exemption,
        _place(question.origin),
        _place(question.destination),
        lines,
    )
    return f"taxes:{_encode(whole).decode()}"


def written(answer: TaxAnswer) -> bytes:
    parts = tuple((part.name, part.rate_ppm, part.amount.minor) for part in answer.parts)
    lines = tuple(tax.minor for tax in answer.lines)
    return _encode(AnswerDocument(lines, answer.delivery.minor, parts, answer.service))


def read(document: bytes, currency: Currency) -> TaxAnswer | None:
    """None for what is no answer."""
    try:
        kept = _decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None

    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    return TaxAnswer(
        lines=tuple(money(minor) for minor in kept.lines),
        delivery=money(kept.delivery),
        parts=tuple(TaxPart(name=name, rate_ppm=ppm, amount=money(minor)) for name, ppm, minor in kept.parts),
        service=kept.service,
    )


def _place(address: Address | None) -> tuple[str, ...]:
    if address is None:
        return ()
    parts = (address.country, address.region, address.postcode, address.city, address.line1)
    return tuple(" ".join((part or "").upper().split()) for part in parts)
