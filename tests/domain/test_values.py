"""A value is what a frozen dataclass is, made faster."""

from dataclasses import FrozenInstanceError, field

import pytest

from domain.values import replace, value


@value
class Point:
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x is below zero")


@value
class Nothing:
    pass


def test_fields_are_given_by_name_or_by_default() -> None:
    point = Point(x=1)
    assert (point.x, point.y, point.tags) == (1, 2, [])
    assert Point(x=1, y=3, tags=["a"]).tags == ["a"]
    assert point.tags is not Point(x=1).tags


@pytest.mark.parametrize("given", [{}, {"x": 1, "z": 2}])
def test_missing_and_unknown_fields_are_refused(given: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        Point(**given)  # type: ignore[arg-type]  # that is the point


def test_positions_are_refused() -> None:
    with pytest.raises(TypeError):
        Point(1)  # type: ignore[call-arg]  # that is the point


def test_nothing_can_be_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(x=1).x = 2  # type: ignore[misc]  # that is the point


def test_nothing_can_be_added() -> None:
    assert not hasattr(Point(x=1), "__dict__")


def test_values_are_equal_by_content() -> None:
    assert Point(x=1) == Point(x=1) != Point(x=2)
    assert Nothing() == Nothing()
    assert repr(Point(x=1)).endswith("Point(x=1, y=2, tags=[])")


def test_its_own_rules_are_asked_of_copies_too() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Point(x=-1)
    assert replace(Point(x=1), y=5) == Point(x=1, y=5)
    with pytest.raises(ValueError, match="below zero"):
        replace(Point(x=1), x=-1)


def test_a_copy_keeps_what_is_not_changed() -> None:
    point = Point(x=1, y=3, tags=["a"])
    copy = replace(point, y=4)
    assert (copy.x, copy.y, copy.tags) == (1, 4, ["a"])
    assert point.y == 3
    assert replace(Nothing()) == Nothing()


def test_a_copy_takes_none_for_a_change() -> None:
    assert replace(Point(x=1), y=None).y is None  # type: ignore[arg-type]  # any value at all


def test_a_copy_has_no_other_fields() -> None:
    with pytest.raises(TypeError):
        replace(Point(x=1), z=2)  # type: ignore[call-arg]  # that is the point
