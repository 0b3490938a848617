"""Address Validation on the wire: what is sent, what comes back, and what that says about an address.

https://developers.google.com/maps/documentation/address-validation/understand-response
"""

import re
from typing import Final

import msgspec

from adapters.google_maps.suggestions import suggested
from domain.address import Address
from domain.address_check import AddressFinding, AddressVerdict


class PostalAddress(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """`google.type.PostalAddress`; what we don't use of it is left out."""

    region_code: str = ""
    address_lines: list[str] = []
    locality: str = ""
    administrative_area: str = ""
    postal_code: str = ""


class Question(msgspec.Struct, frozen=True):
    address: PostalAddress


class Component(msgspec.Struct, frozen=True, rename="camel"):
    component_type: str = ""
    inferred: bool = False
    replaced: bool = False
    spell_corrected: bool = False


class ProcessedAddress(msgspec.Struct, frozen=True, rename="camel"):
    postal_address: PostalAddress = msgspec.field(default_factory=PostalAddress)
    address_components: list[Component] = []
    missing_component_types: list[str] = []
    unconfirmed_component_types: list[str] = []
    unresolved_tokens: list[str] = []


class Verdict(msgspec.Struct, frozen=True, rename="camel"):
    """Absent means false, or nothing that we could rely on."""

    validation_granularity: str = ""
    address_complete: bool = False


class Result(msgspec.Struct, frozen=True):
    verdict: Verdict = msgspec.field(default_factory=Verdict)
    address: ProcessedAddress = msgspec.field(default_factory=ProcessedAddress)


class Answer(msgspec.Struct, frozen=True):
    result: Result


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Answer).decode
# A house, a flat in it, a house beside it, or the block where a country counts in blocks.
_FINE: Final = frozenset({"PREMISE", "SUB_PREMISE", "PREMISE_PROXIMITY", "BLOCK"})
# Google knows most houses and few of the flats in them.
_FLAT: Final = frozenset({"subpremise"})
# What is added without changing where it goes: ZIP+4, the district, the country that we said ourselves.
_ADDED_ANYHOW: Final = re.compile(r"country|postal_code_suffix|administrative_area_level_\d")


def question(address: Address) -> bytes:
    """Neither the recipient's name nor their telephone number is told."""
    asked = PostalAddress(
        region_code=address.country,
        address_lines=[line for line in (address.line1, address.line2) if line],
        locality=address.city or "",
        administrative_area=address.region or "",
        postal_code=address.postcode or "",
    )
    return _encode(Question(asked))


def finding(body: bytes, typed: Address) -> AddressFinding:
    """Raises msgspec.MsgspecError or UnicodeDecodeError for an answer that can't be read."""
    result = _decode(body).result
    found = result.address.postal_address
    if not _is_known(result) or found.region_code not in ("", typed.country):
        return AddressFinding(verdict=AddressVerdict.UNVERIFIABLE)
    if not any(_is_correction(component) for component in result.address.address_components):
        return AddressFinding(verdict=AddressVerdict.VERIFIED)
    return suggested(
        typed,
        lines=found.address_lines,
        city=found.locality,
        region=found.administrative_area,
        postcode=found.postal_code,
    )


def _is_known(result: Result) -> bool:
    """Whether Google knows the house; that it misses or can't confirm a flat is no doubt about the house."""
    address = result.address
    complete = result.verdict.address_complete or (
        set(address.missing_component_types) == _FLAT and not address.unresolved_tokens
    )
    confirmed = set(address.unconfirmed_component_types) <= _FLAT
    return complete and confirmed and result.verdict.validation_granularity in _FINE


def _is_correction(component: Component) -> bool:
    """More than a matter of form."""
    if component.replaced or component.spell_corrected:
        return True
    return component.inferred and not _ADDED_ANYHOW.fullmatch(component.component_type)
