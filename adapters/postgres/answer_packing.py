"""Stored answers made small: they are the largest thing that a checkout writes, and nearly all of each is
known before.

A deflate dictionary holds what answers of this API look like; it may grow stale, which only makes it pack
less well. Rows name the packing that they were written with. A dictionary is never edited: a better one
gets a new number, and the old one stays until no row can name it any more (24 hours).
"""

import zlib
from pathlib import Path
from typing import Final

_PLAIN: Final = 0

# A window for the dictionary and an answer; larger ones cost more to set up than to use.
_WINDOW_BITS: Final = 13
_MEMORY_LEVEL: Final = 6
_FOLDER: Final = Path(__file__).parent
_DICTIONARIES: Final = {number: (_FOLDER / f"typical_answers_{number}.txt").read_bytes() for number in (1, 2)}
_NEWEST: Final = max(_DICTIONARIES)


def packed(body: bytes) -> tuple[int, bytes]:
    """How it was packed, and the result; left plain where packing gains nothing."""
    deflater = zlib.compressobj(
        level=6, wbits=-_WINDOW_BITS, memLevel=_MEMORY_LEVEL, zdict=_DICTIONARIES[_NEWEST]
    )
    result = deflater.compress(body) + deflater.flush()
    return (_NEWEST, result) if len(result) < len(body) else (_PLAIN, body)


def unpacked(packing: int, body: bytes) -> bytes:
    if packing == _PLAIN:
        return body
    return zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=_DICTIONARIES[packing]).decompress(body)
