"""Reading what a vendor sent: any bytes become a value of the expected shape, or a word of the ports."""

from typing import Final, TypeVar

import msgspec

from ports.errors import Unavailable

T = TypeVar("T")

# Not JSON, another shape, not UTF-8, or nested deeper than anybody reads.
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Raises Unavailable when it is no such answer: the vendor said nothing that can be used."""
    found = read_part(decoder, body)
    if found is None:
        raise Unavailable("answer_unreadable")
    return found


def read_part(decoder: msgspec.json.Decoder[T], part: bytes | msgspec.Raw) -> T | None:
    """None when it is something else: one odd part needn't spoil the rest of an answer."""
    try:
        return decoder.decode(part)
    except _UNREADABLE:
        return None
