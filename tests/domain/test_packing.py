"""Parcels: no piece is lost or packed twice, and nothing is heavier or larger than a carrier takes."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Parcel
from domain.packing import PackedParcel, ParcelLimits, Pieces, pack

# 30 kg, a metre long, three metres around.
LIMITS = ParcelLimits(weight_grams=30_000, length_mm=1_000, length_and_girth_mm=3_000)

pieces = st.builds(
    Pieces,
    piece=st.builds(
        Parcel,
        weight_grams=st.integers(0, 40_000),
        length_mm=st.integers(0, 1_200),
        width_mm=st.integers(0, 800),
        height_mm=st.integers(0, 800),
    ),
    quantity=st.integers(1, 9_999),
)
carts = st.lists(pieces, max_size=8)


def some(quantity: int = 1, grams: int = 1_000, size: tuple[int, int, int] = (300, 200, 100)) -> Pieces:
    length, width, height = size
    piece = Parcel(weight_grams=grams, length_mm=length, width_mm=width, height_mm=height)
    return Pieces(piece=piece, quantity=quantity)


def packed(*goods: Pieces) -> tuple[PackedParcel, ...]:
    return pack(goods, LIMITS)


def number_of(parcels: Sequence[PackedParcel]) -> int:
    return sum(parcel.count for parcel in parcels)


@given(goods=carts)
def test_every_piece_is_in_exactly_one_parcel(goods: list[Pieces]) -> None:
    inside: Counter[int] = Counter()
    for parcel in pack(goods, LIMITS):
        for index, quantity in parcel.contents:
            assert quantity > 0
            inside[index] += quantity * parcel.count
    assert inside == Counter({index: each.quantity for index, each in enumerate(goods)})


@given(goods=carts)
def test_no_parcel_is_above_the_limits_unless_a_single_piece_is(goods: list[Pieces]) -> None:
    for parcel in pack(goods, LIMITS):
        is_single = sum(quantity for _, quantity in parcel.contents) == 1
        assert is_single or parcel.is_within(LIMITS)


@given(goods=carts)
def test_the_weight_of_the_parcels_is_the_weight_of_the_goods(goods: list[Pieces]) -> None:
    weight = sum(parcel.weight_grams * parcel.count for parcel in pack(goods, LIMITS))
    assert weight == sum(each.piece.weight_grams * each.quantity for each in goods)


@given(goods=carts)
def test_a_parcel_has_room_for_what_is_in_it_and_is_as_long_as_its_longest_piece(goods: list[Pieces]) -> None:
    for parcel in pack(goods, LIMITS):
        sides = (parcel.length_mm, parcel.width_mm, parcel.height_mm)
        assert list(sides) == sorted(sides, reverse=True)
        volume = 0
        for index, quantity in parcel.contents:
            piece = goods[index].piece
            measured = sorted((piece.length_mm, piece.width_mm, piece.height_mm), reverse=True)
            if all(measured):
                volume += quantity * measured[0] * measured[1] * measured[2]
                assert all(side >= needed for side, needed in zip(sides, measured, strict=True))
        assert sides[0] * sides[1] * sides[2] >= volume


@given(goods=carts, data=st.data())
def test_the_order_of_the_lines_does_not_matter(goods: list[Pieces], data: st.DataObject) -> None:
    def shapes(parcels: Sequence[PackedParcel]) -> Counter[tuple[int, ...]]:
        counted: Counter[tuple[int, ...]] = Counter()
        for p in parcels:
            counted[(p.weight_grams, p.length_mm, p.width_mm, p.height_mm)] += p.count
        return counted

    assert shapes(pack(data.draw(st.permutations(goods)), LIMITS)) == shapes(pack(goods, LIMITS))


def test_a_single_piece_is_its_own_box() -> None:
    assert packed(some(size=(100, 300, 200))) == (
        PackedParcel(
            weight_grams=1_000, length_mm=300, width_mm=200, height_mm=100, contents=((0, 1),), count=1
        ),
    )


def test_small_things_travel_with_large_ones() -> None:
    parcels = packed(some(3, 100, (50, 50, 50)), some(1, 5_000, (400, 300, 300)))
    assert number_of(parcels) == 1
    assert parcels[0].contents == ((1, 1), (0, 3))


@pytest.mark.parametrize(("quantity", "parcels"), [(30, 1), (31, 2), (60, 2), (61, 3)])
def test_a_kilogram_too_much_begins_another_parcel(quantity: int, parcels: int) -> None:
    assert number_of(packed(some(quantity, 1_000, (10, 10, 10)))) == parcels


def test_bulk_counts_as_weight_does() -> None:
    """Light, but a metre cube holds no more than what it holds."""
    parcels = packed(some(100, 10, (300, 300, 300)))
    assert number_of(parcels) > 5
    assert all(parcel.is_within(LIMITS) for parcel in parcels)


def test_a_piece_above_the_limits_travels_alone_and_can_be_told() -> None:
    parcels = packed(some(2, 31_000), some(1, 100, (10, 10, 10)))
    too_large = [parcel for parcel in parcels if not parcel.is_within(LIMITS)]
    assert [(parcel.count, parcel.contents) for parcel in too_large] == [(2, ((0, 1),))]
    assert number_of(parcels) == 3


def test_what_nobody_measured_has_no_size_and_goes_by_weight() -> None:
    (parcel,) = packed(some(29, 1_000, (0, 0, 0)))
    assert (parcel.length_mm, parcel.width_mm, parcel.height_mm) == (0, 0, 0)
    (mixed,) = packed(some(1), some(1, 500, (900, 900, 0)))
    assert (mixed.length_mm, mixed.weight_grams) == (300, 1_500)


def test_nothing_to_pack_is_no_parcel() -> None:
    assert packed() == ()


def test_the_largest_cart_is_packed_by_arithmetic() -> None:
    """Two million pieces, each kind another: it would take minutes piece by piece."""
    goods = [some(9_999, 1 + 131 * n, (1 + n, 1 + 2 * n, 1 + 3 * n)) for n in range(200)]
    parcels = pack(goods, LIMITS)
    assert len(parcels) < 5 * len(goods)
    assert sum(q * p.count for p in parcels for _, q in p.contents) == 200 * 9_999
