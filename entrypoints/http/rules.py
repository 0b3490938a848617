"""What would be accepted, in words: the whole rule of a field, wherever one part of it was broken.

Made from the types: msgspec's own messages tell of regular expressions, and repeat what was sent.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from msgspec import inspect

from entrypoints.http.structs import carts, placing, values

_CHARACTERS: Final = "letters, digits, - and _"
# The shapes of texts, each as what to send there.
SHAPES: Final[dict[str, str]] = {
    values.EMAIL: "an e-mail address, such as ada@example.com",
    values.URL: "an address that begins with https:// or http://, without spaces",
    values.COUNTRY: "two capital letters, the ISO 3166-1 code of a country, such as DE",
    values.CURRENCY: "three capital letters, the ISO 4217 code of a currency, such as EUR",
    values.PRINTABLE: "a text without line breaks and other control characters",
    values.BEGINS_PRINTABLE: "a text that begins with no blank and has no line breaks in it",
    carts.LINE_ID: "the id of a line, as it was answered: line_ and 26 letters and digits",
    carts.CUSTOMER_ID: "the id of a customer, as it was answered: cus_ and 26 letters and digits",
    carts.OPTION_ID: "the id of a delivery option, as it was answered, without spaces",
    placing.INSTRUMENT: f"the token that the provider gave in the browser: {_CHARACTERS}",
}
_EXACT: Final = frozenset({values.COUNTRY, values.CURRENCY, carts.LINE_ID, carts.CUSTOMER_ID})
_PLAIN: Final[dict[type[inspect.Type], str]] = {
    inspect.BoolType: "true or false",
    inspect.DateTimeType: "a time with its offset, as RFC 3339 writes it: 2026-01-31T12:00:00Z",
    inspect.StructType: "an object",
    inspect.DictType: "an object",
    inspect.NoneType: "null",
}


def rule_at(annotation: Any, steps: Sequence[tuple[str, str]]) -> str | None:
    """The rule of what `steps` (name or index) lead to; None where no words are known for it."""
    kind: inspect.Type | None = _kind_of(annotation)
    for name, _ in steps:
        kind = next(_below(kind, name), None) if kind is not None else None
    return _told(kind) if kind is not None else None


def parameter_rule(annotation: Any) -> str | None:
    """The rule of a query parameter: there, no null can be sent, and a list comes piece by piece."""
    kind = _kind_of(annotation)
    while (sent := _each_sent(kind)) is not None:
        kind = sent
    return _told(kind)


def as_told(message: str) -> str:
    """msgspec repeats the value of an unknown enum member; nothing that was sent is repeated here."""
    return "a value that the schema lists" if "Invalid enum value" in message else message


@lru_cache(1024)
def _kind_of(annotation: Any) -> inspect.Type:
    return inspect.type_info(annotation)


def _below(kind: inspect.Type, name: str) -> Any:
    """What is in a field, or in a list if there is no name."""
    match kind:
        case inspect.Metadata():
            yield from _below(kind.type, name)
        case inspect.UnionType():
            for each in kind.types:
                yield from _below(each, name)
        case inspect.StructType():
            yield from (field.type for field in kind.fields if field.encode_name == name)
        case inspect.ListType() if not name:
            yield kind.item_type


def _each_sent(kind: inspect.Type) -> inspect.Type | None:
    match kind:
        case inspect.Metadata():
            return kind.type
        case inspect.UnionType():
            return next(each for each in kind.types if not isinstance(each, inspect.NoneType))
        case inspect.ListType():
            return kind.item_type
    return None


def _told(kind: inspect.Type) -> str | None:
    match kind:
        case inspect.Metadata():
            return _told(kind.type)
        case inspect.UnionType():
            told = [rule for each in kind.types if (rule := _told(each)) is not None]
            return ", or ".join(sorted(told, key="null".__eq__)) if len(told) == len(kind.types) else None
        case inspect.StrType():
            return _text(kind)
        case inspect.IntType():
            return f"a whole number{_bounds(kind.ge, kind.le)}, without quotes and without a point"
        case inspect.EnumType():
            return f"one of {', '.join(str(each.value) for each in kind.cls)}"
        case inspect.LiteralType():
            return f"one of {', '.join(str(each) for each in kind.values)}"
        case inspect.ListType():
            return "a list" + _bounds(kind.min_length, kind.max_length, " entries")
    return _PLAIN.get(type(kind))


def _text(kind: inspect.StrType) -> str:
    length = _bounds(kind.min_length, kind.max_length, " characters")
    shape = SHAPES.get(kind.pattern or "")
    if shape is None or not length:
        return f"{shape or 'a text'}{length}"
    return shape if kind.pattern in _EXACT else f"{shape};{length.removeprefix(' of')}"


def _bounds(least: int | None, most: int | None, unit: str = "") -> str:
    if least is not None and most is not None:
        return f" from {least} to {most}{unit}"
    if most is not None:
        return f" of at most {most}{unit}"
    return f" of at least {least}{unit}" if least is not None else ""
