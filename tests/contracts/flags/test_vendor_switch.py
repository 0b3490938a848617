"""A flag decides among what is set up: asked at each call, it can't call on a vendor without settings."""

from typing import Any

import pytest
import structlog

from adapters.flagged.places import FlaggedPlaces
from adapters.flagged.vendor_switch import VendorSwitch
from adapters.in_memory.flags import InMemoryFlags
from adapters.in_memory.places import KNOWN, InMemoryPlaces
from ports.flags import Flag


@pytest.fixture
def flags() -> InMemoryFlags:
    return InMemoryFlags()


def told(said: list[Any]) -> list[Any]:
    return [(line["event"], line["flag"]) for line in said]


def test_a_vendor_that_is_set_up_is_on_until_its_flag_is_off(flags: InMemoryFlags) -> None:
    switch = VendorSwitch(flags, Flag.PLACES, is_set_up=True)
    assert switch.is_on()
    flags.turn(Flag.PLACES, "off")
    assert not switch.is_on()
    flags.turn(Flag.PLACES, "on")
    assert switch.is_on()


def test_a_flag_for_a_vendor_without_settings_is_told_once(flags: InMemoryFlags) -> None:
    flags.turn(Flag.PLACES, "on")
    switch = VendorSwitch(flags, Flag.PLACES, is_set_up=False)
    with structlog.testing.capture_logs() as said:
        assert [switch.is_on() for _ in range(3)] == [False] * 3
    assert told(said) == [("flag_without_vendor", "places")]


@pytest.mark.parametrize("value", [None, "off"])
def test_a_shop_that_asks_for_no_vendor_hears_nothing(flags: InMemoryFlags, value: str | None) -> None:
    if value is not None:
        flags.turn(Flag.PLACES, value)
    switch = VendorSwitch(flags, Flag.PLACES, is_set_up=False)
    with structlog.testing.capture_logs() as said:
        assert not switch.is_on()
    assert said == []


async def test_places_are_asked_at_each_call_as_the_flag_says(flags: InMemoryFlags) -> None:
    vendor = InMemoryPlaces()
    places = FlaggedPlaces(flags, vendor)
    assert await places.check(KNOWN[0]) is not None
    flags.turn(Flag.PLACES, "off")
    assert await places.check(KNOWN[0]) is None
    assert vendor.asked == 1
    assert await FlaggedPlaces(InMemoryFlags(), None).check(KNOWN[0]) is None
