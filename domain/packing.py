"""How goods become parcels: from the weight and sides of each piece, as a carrier asks about them.

A first fit of the largest first, over arithmetic instead of pieces: a thousand equal pieces cost as much as
two. How pieces lie in a box is not worked out. A box of several is as near to a cube as its largest piece
allows and a quarter larger than what is in it, for the air between them; a box of one is the piece itself.
"""

from collections.abc import Iterable, Sequence
from math import isqrt
from typing import Final

from domain.catalog import Parcel
from domain.values import replace, value

# A box of several pieces holds five volumes for four of goods.
_BOX: Final = 5
_GOODS: Final = 4
# So many boxes stand open on the packing table; the one that was opened first is closed for a new one.
_OPEN_AT_ONCE: Final = 10


@value
class Pieces:
    """So many pieces of one kind, with the parcel facts of one."""

    piece: Parcel
    quantity: int


@value
class ParcelLimits:
    """What a carrier takes. Girth is twice the width and twice the height, the length being the longest
    side.
    """

    weight_grams: int
    length_mm: int
    length_and_girth_mm: int


@value
class PackedParcel:
    """`count` equal parcels, with the weight and sides of one: longest first, all zero if nobody measured.

    `contents` are what each of them holds: which of the goods, by position, and how many.
    """

    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    contents: tuple[tuple[int, int], ...]
    count: int = 1

    def is_within(self, limits: ParcelLimits) -> bool:
        girth = 2 * (self.width_mm + self.height_mm)
        return (
            self.weight_grams <= limits.weight_grams
            and self.length_mm <= limits.length_mm
            and self.length_mm + girth <= limits.length_and_girth_mm
        )


@value
class _Box:
    """What is packed so far: the largest of each side, the volume of all, and how many pieces."""

    weight_grams: int = 0
    sides: tuple[int, int, int] = (0, 0, 0)
    volume: int = 0
    pieces: int = 0
    contents: tuple[tuple[int, int], ...] = ()

    def with_pieces(self, index: int, piece: Parcel, quantity: int) -> "_Box":
        longest, middle, shortest = map(max, zip(self.sides, _sides(piece), strict=True))
        return _Box(
            weight_grams=self.weight_grams + piece.weight_grams * quantity,
            sides=(longest, middle, shortest),
            volume=self.volume + _volume(piece) * quantity,
            pieces=self.pieces + quantity,
            contents=(*self.contents, (index, quantity)),
        )

    def parcel(self) -> PackedParcel:
        length, width, height = self.sides
        if self.pieces > 1 and self.volume:
            volume = -(-self.volume * _BOX // _GOODS)
            length = max(length, _cube_root(volume))
            width = max(width, _square_root(-(-volume // length)))
            height = max(height, -(-volume // (length * width)))
            length, width, height = sorted((length, width, height), reverse=True)
        return PackedParcel(
            weight_grams=self.weight_grams,
            length_mm=length,
            width_mm=width,
            height_mm=height,
            contents=self.contents,
        )


_EMPTY: Final = _Box()


def pack(goods: Sequence[Pieces], limits: ParcelLimits) -> tuple[PackedParcel, ...]:
    """Every piece in exactly one parcel; none above the limits, unless a single piece is by itself.

    The same goods are packed in the same way, in whatever order they come.
    """
    done: list[PackedParcel] = []
    open_boxes: list[_Box] = []
    for index in _largest_first(goods):
        piece, left = goods[index].piece, goods[index].quantity
        for position, box in enumerate(open_boxes):
            if fits := _most_that_fit(box, index, piece, left, limits):
                open_boxes[position] = box.with_pieces(index, piece, fits)
                left -= fits
        if not left:
            continue
        a_box = max(1, _most_that_fit(_EMPTY, index, piece, left, limits))
        full, rest = divmod(left, a_box)
        if full:
            filled = _EMPTY.with_pieces(index, piece, a_box)
            # A box that could have held more is still of use to smaller pieces.
            if not rest and a_box == left:
                open_boxes.append(filled)
            else:
                done.append(replace(filled.parcel(), count=full))
        if rest:
            open_boxes.append(_EMPTY.with_pieces(index, piece, rest))
        done += (box.parcel() for box in open_boxes[:-_OPEN_AT_ONCE])
        del open_boxes[:-_OPEN_AT_ONCE]
    return (*done, *(box.parcel() for box in open_boxes))


def _largest_first(goods: Sequence[Pieces]) -> Iterable[int]:
    def size(index: int) -> tuple[int, ...]:
        piece = goods[index].piece
        return (_volume(piece), *_sides(piece), piece.weight_grams, goods[index].quantity)

    return sorted(range(len(goods)), key=size, reverse=True)


def _most_that_fit(box: _Box, index: int, piece: Parcel, wanted: int, limits: ParcelLimits) -> int:
    """How many of `wanted` more pieces the box takes."""
    if piece.weight_grams:
        wanted = min(wanted, (limits.weight_grams - box.weight_grams) // piece.weight_grams)

    def fits(quantity: int) -> bool:
        return box.with_pieces(index, piece, quantity).parcel().is_within(limits)

    if wanted < 1 or not fits(1):
        return 0
    # The largest that fits lies from `most` on and below `too_many`.
    most, too_many = 1, wanted + 1
    while too_many - most > 1:
        middle = (most + too_many) // 2
        most, too_many = (middle, too_many) if fits(middle) else (most, middle)
    return most


def _sides(piece: Parcel) -> tuple[int, int, int]:
    """Longest first; a piece that nobody measured on every side counts as not measured at all."""
    shortest, middle, longest = sorted((piece.length_mm, piece.width_mm, piece.height_mm))
    return (longest, middle, shortest) if shortest else (0, 0, 0)


def _volume(piece: Parcel) -> int:
    longest, middle, shortest = _sides(piece)
    return longest * middle * shortest


def _square_root(number: int) -> int:
    """Rounded up."""
    return isqrt(number - 1) + 1 if number else 0


def _cube_root(number: int) -> int:
    """Rounded up, by Newton's method on whole numbers."""
    if number < 2:
        return number
    root = 1 << -(-number.bit_length() // 3)
    while (better := (2 * root + number // (root * root)) // 3) < root:
        root = better
    return root if root**3 >= number else root + 1
