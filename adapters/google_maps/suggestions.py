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
    if not all(_can_be_sent(part) for part in _parts(suggestion)):
        return _UNVERIFIABLE
    if [*map(_folded, _parts(suggestion))] == [*map(_folded, _parts(typed))]:
        return AddressFinding(verdict=AddressVerdict.VERIFIED)
    return AddressFinding(verdict=AddressVerdict.CORRECTED, suggestion=suggestion)


def _parts(address: Address) -> tuple[str | None, ...]:
    street = " ".join(line for line in (address.line1, address.line2) if line)
    return street, address.city, address.region, address.postcode


def _folded(text: str | None) -> str:
    return "".join(character for character in (text or "").casefold() if character.isalnum())


def _can_be_sent(text: str | None) -> bool:
    return text is None or (len(text) <= _LONGEST and text.isprintable())
