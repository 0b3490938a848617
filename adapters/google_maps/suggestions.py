"""From what Google found to a suggestion that a shopper can send: in our fields, and within their limits."""

from collections.abc import Sequence
from typing import Final

from domain.address import Address
from domain.address_check import AddressFinding, AddressVerdict
from domain.values import replace

# What the API takes in a field of an address.
_LONGEST: Final = 120
_UNVERIFIABLE: Final = AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)


def suggested(
    typed: Address, *, lines: Sequence[str], city: str, region: str, postcode: str
) -> AddressFinding:
    """What differs from what was typed only in its form is verified; what can't be sent suggests nothing.

    Country and recipient stay as typed; so does what Google says nothing of, and a region that wasn't asked
    for.
    """
    first, *rest = [line for line in lines if line.strip()] or [typed.line1 or ""]
    suggestion = replace(
        typed,
        line1=first,
        line2=", ".join(rest) or (typed.line2 if not lines else None),
        city=city or typed.city,
        region=(region or typed.region) if typed.region else None,
        postcode=postcode or typed.postcode,
    )
    if _said(suggestion) == _said(typed):
        return AddressFinding(verdict=AddressVerdict.VERIFIED)
    new = set(_fields(suggestion)) - set(_fields(typed))
    if not all(_can_be_sent(field) for field in new):
        return _UNVERIFIABLE
    return AddressFinding(verdict=AddressVerdict.CORRECTED, suggestion=suggestion)


def _fields(address: Address) -> tuple[str, ...]:
    fields = (address.line1, address.line2, address.city, address.region, address.postcode)
    return tuple(field or "" for field in fields)


def _said(address: Address) -> tuple[str, ...]:
    """Without what is only form: case, spaces, punctuation, and how a street is broken into lines."""
    line1, line2, *rest = _fields(address)
    return tuple(_folded(part) for part in (line1 + line2, *rest))


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _can_be_sent(field: str) -> bool:
    return len(field) <= _LONGEST and field.isprintable()
