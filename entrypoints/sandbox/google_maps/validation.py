"""Address Validation: what it makes of an address, in its own words.

https://developers.google.com/maps/documentation/address-validation/understand-response
"""

import msgspec

from entrypoints.sandbox.google_maps.gazetteer import VALIDATED, Line, Street, folded, street_meant


class PostalAddress(msgspec.Struct, rename="camel", omit_defaults=True):
    region_code: str = ""
    language_code: str = ""
    postal_code: str = ""
    administrative_area: str = ""
    locality: str = ""
    address_lines: list[str] = []


class Question(msgspec.Struct, rename="camel"):
    address: PostalAddress
    enable_usps_cass: bool = False


class Name(msgspec.Struct):
    text: str


class Component(msgspec.Struct, rename="camel", omit_defaults=True):
    component_name: Name
    component_type: str
    confirmation_level: str = "CONFIRMED"
    inferred: bool = False
    spell_corrected: bool = False
    replaced: bool = False


class Address(msgspec.Struct, rename="camel", omit_defaults=True):
    formatted_address: str = ""
    postal_address: PostalAddress = msgspec.field(default_factory=PostalAddress)
    address_components: list[Component] = []
    missing_component_types: list[str] = []
    unconfirmed_component_types: list[str] = []


class Verdict(msgspec.Struct, rename="camel", omit_defaults=True):
    """As protocol buffers do it, what is false isn't said."""

    input_granularity: str = "PREMISE"
    validation_granularity: str = ""
    geocode_granularity: str = "PREMISE"
    address_complete: bool = False
    has_unconfirmed_components: bool = False
    has_inferred_components: bool = False
    has_replaced_components: bool = False
    has_spell_corrected_components: bool = False


class Result(msgspec.Struct):
    verdict: Verdict
    address: Address


class Answer(msgspec.Struct, rename="camel"):
    result: Result
    response_id: str


class Refused(Exception):
    """`INVALID_ARGUMENT` in Google's form of an error."""


def validated(question: Question, response_id: str) -> Answer:
    """Raises Refused for a country that isn't covered, and for an address that is too long or empty."""
    asked = question.address
    if asked.region_code not in VALIDATED:
        raise Refused("Unsupported region code.")
    told = (asked.locality, asked.administrative_area, asked.postal_code, *asked.address_lines)
    if not asked.address_lines or sum(map(len, told)) > 280:
        raise Refused("Address lines are missing or too long.")
    line = Line.read(asked.address_lines[0])
    street = street_meant(asked.region_code, line.street, asked.locality, asked.postal_code)
    result = _unknown(asked) if street is None else _known(asked, line, street)
    return Answer(result=result, response_id=response_id)


def _unknown(asked: PostalAddress) -> Result:
    components = [
        Component(Name(text), kind, "UNCONFIRMED_BUT_PLAUSIBLE")
        for kind, text in (
            ("route", asked.address_lines[0]),
            ("locality", asked.locality),
            ("postal_code", asked.postal_code),
        )
        if text
    ]
    return Result(
        Verdict(validation_granularity="OTHER", has_unconfirmed_components=True),
        Address(
            formatted_address=", ".join(part.component_name.text for part in components),
            postal_address=asked,
            address_components=components,
            unconfirmed_component_types=[part.component_type for part in components],
        ),
    )


def _known(asked: PostalAddress, line: Line, street: Street) -> Result:
    flat = asked.address_lines[1:]
    components = [
        Component(Name(street.name), "route", spell_corrected=folded(line.street) != folded(street.name)),
        *([Component(Name(line.number), "street_number")] if line.number else []),
        _compared("locality", asked.locality, street.city),
        _compared("postal_code", asked.postal_code, street.postcode),
        Component(Name(street.country), "country"),
        *[Component(Name(part), "subpremise", "UNCONFIRMED_BUT_PLAUSIBLE") for part in flat],
    ]
    address = Address(
        postal_address=PostalAddress(
            region_code=street.country,
            language_code="en",
            postal_code=street.postcode,
            administrative_area=street.region,
            locality=street.city,
            address_lines=[street.with_number(line.number).strip(), *flat],
        ),
        address_components=components,
        missing_component_types=[] if line.number else ["street_number"],
        unconfirmed_component_types=["subpremise"] if flat else [],
    )
    address.formatted_address = f"{address.postal_address.address_lines[0]}, {street.postcode} {street.city}"
    return Result(_verdict(address), address)


def _compared(kind: str, typed: str, known: str) -> Component:
    differs = folded(typed) != folded(known)
    return Component(Name(known), kind, inferred=not typed, replaced=bool(typed) and differs)


def _verdict(address: Address) -> Verdict:
    parts = address.address_components
    return Verdict(
        validation_granularity="ROUTE" if address.missing_component_types else "PREMISE",
        address_complete=not address.missing_component_types,
        has_unconfirmed_components=bool(address.unconfirmed_component_types),
        has_inferred_components=any(part.inferred for part in parts),
        has_replaced_components=any(part.replaced for part in parts),
        has_spell_corrected_components=any(part.spell_corrected for part in parts),
    )
