"""How the file and the environment are read: one over the other, again when the file changed, and never so
that something in them does harm.
"""

import asyncio
import logging
import os
from pathlib import Path
from typing import Final

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from adapters.flags.definitions import from_environment, from_toml, problems_in
from adapters.flags.feature_flags import OpenFeatureFlags, tell_problems
from adapters.flags.file import FlagFile
from adapters.in_memory.clock import ManualClock
from entrypoints.resources import open_flags
from entrypoints.settings import FlagSettings
from ports.flags import Flag, FlagSource, FlagSubject

OFF: Final = 'usps = "off"\n'


def value(flags: OpenFeatureFlags, flag: Flag = Flag.USPS) -> str:
    return flags.read(flag).value


def test_the_environment_goes_over_the_file() -> None:
    flags = OpenFeatureFlags(from_environment({Flag.USPS: "on"}), from_toml(OFF + 'ups = "off"'))
    reading = flags.read(Flag.USPS)
    assert (reading.value, reading.source) == ("on", FlagSource.ENVIRONMENT)
    assert (value(flags, Flag.UPS), flags.read(Flag.UPS).source) == ("off", FlagSource.FILE)


def test_what_the_environment_says_wrongly_leaves_the_file_its_word() -> None:
    flags = OpenFeatureFlags(from_environment({Flag.USPS: "maybe"}), from_toml(OFF))
    reading = flags.read(Flag.USPS)
    assert (reading.value, reading.problem) == ("off", "environment: it must be one of on, off")


@pytest.mark.parametrize("word", ["off", "OFF", "no", "false", "0", " off "])
def test_off_has_many_words(word: str) -> None:
    assert value(OpenFeatureFlags(from_environment({Flag.USPS: word}))) == "off"


def test_a_switch_in_a_file_may_be_a_boolean() -> None:
    flags = OpenFeatureFlags({}, from_toml("usps = false\nups = true"))
    assert (value(flags), value(flags, Flag.UPS)) == ("off", "on")


@pytest.mark.parametrize(
    "text",
    [
        "usps = 7",
        "usps = []",
        "[usps]\nvalues = 'off'",
        "[usps]\nrules = 'off'",
        "[[usps.rules]]\ncurrencies = ['EUR']",
        "[[usps.rules]]\nvalue = 'off'\nshares = { off = 10 }",
        "[[usps.rules]]\nshares = { off = 101 }",
        "[[usps.rules]]\nshares = { off = 60, on = 50 }",
        "[[usps.rules]]\nshares = { off = -1 }",
        "[[usps.rules]]\nshares = { maybe = 10 }",
        "[[usps.rules]]\ncurrencies = ['Euro']\nvalue = 'off'",
        "[[usps.rules]]\ncurency = ['EUR']\nvalue = 'off'",
    ],
)
def test_a_flag_that_is_written_wrongly_means_its_default_and_leaves_the_others_alone(text: str) -> None:
    flags = OpenFeatureFlags({}, from_toml(f'ups = "off"\n{text}'))
    reading = flags.read(Flag.USPS, FlagSubject(key="chk_1", currency="EUR"))
    assert (reading.value, reading.source) == ("on", FlagSource.DEFAULT)
    assert reading.problem is not None
    assert value(flags, Flag.UPS) == "off"


@given(st.text())
def test_any_text_can_be_a_file(text: str) -> None:
    flags = OpenFeatureFlags({}, from_toml(text))
    assert all(flags.read(flag).value in flag.choices for flag in Flag)


def test_a_flag_that_does_not_exist_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with structlog.testing.capture_logs() as said:
        tell_problems(FlagSource.FILE, from_toml("upss = 'off'"))
    (line,) = said
    assert (line["event"], line["problem"], line["flags"]) == (
        "flag_unreadable",
        "there is no such flag",
        ["upss"],
    )


async def test_a_file_that_changed_is_read_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "flags.toml"
    path.write_text(OFF)
    file, flags = FlagFile(path), OpenFeatureFlags({})
    await flags.read_again(file)
    assert value(flags) == "off"
    new = tmp_path / "flags.new"
    new.write_text('usps = "on" ')  # as long as the old one
    os.utime(new, ns=(0, path.stat().st_mtime_ns))
    new.replace(path)
    assert value(flags) == "off"
    await flags.read_again(file)
    assert value(flags) == "on"


async def test_a_file_that_went_away_leaves_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "flags.toml"
    path.write_text(OFF)
    file, flags = FlagFile(path), OpenFeatureFlags({})
    await flags.read_again(file)
    path.unlink()
    await flags.read_again(file)
    reading = flags.read(Flag.USPS)
    assert (reading.value, reading.problem) == ("on", "file: the file is not there")
    path.write_text(OFF)
    await flags.read_again(file)
    assert value(flags) == "off"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"usps = ",
        b"a = 1\n" * 200_000,
        b"\x00",
        b"a = " + b"9" * 5_000,
        b"a = " + b"[" * 100_000,
        b"a = 2026-02-31",
    ],
    ids=range(7),
)
def test_a_file_that_is_no_file_of_flags_is_one_in_which_nothing_can_be_read(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "flags.toml"
    path.write_bytes(content)
    definitions = FlagFile(path).read_if_changed()
    assert definitions is not None
    (flags_of_one_problem,) = problems_in(definitions).values()
    assert sorted(flags_of_one_problem) == sorted(flag.key for flag in Flag)


def test_neither_a_folder_nor_a_pipe_is_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        definitions = FlagFile(path).read_if_changed()
        assert definitions is not None
        assert list(problems_in(definitions)) == ["the file is not there"]


def test_a_file_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "flags.toml"
    path.write_text(OFF)
    file = FlagFile(path)
    assert file.read_if_changed() is not None
    assert file.read_if_changed() is None
    assert FlagFile(tmp_path / "none").read_if_changed() is not None


async def test_a_running_process_takes_what_changed(tmp_path: Path) -> None:
    """With the real clock: it is looked at within the second."""
    path = tmp_path / "flags.toml"
    path.write_text(OFF)
    async with open_flags(FlagSettings(file=path, values={})) as flags:
        assert value(flags) == "off"
        path.write_text('usps = "on"')
        async with asyncio.timeout(10):
            while value(flags) == "off":  # noqa: ASYNC110 - the file is looked at by a task of their own
                await asyncio.sleep(0.05)


class ThreeLooks(ManualClock):
    """Time is over after three seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if len(self.slept) == 3:
            raise asyncio.CancelledError
        self.slept.append(seconds)


async def test_it_is_looked_at_each_second(tmp_path: Path) -> None:
    flags, clock = OpenFeatureFlags({}), ThreeLooks()
    with pytest.raises(asyncio.CancelledError):
        await flags.keep_reading(FlagFile(tmp_path / "none"), clock)
    assert clock.slept == [1, 1, 1]
    assert flags.read(Flag.USPS).problem == "file: the file is not there"


def test_customers_who_are_named_in_rules_are_not_told(caplog: pytest.LogCaptureFixture) -> None:
    text = '[[payment_provider.rules]]\ncustomers = ["cus_marked", 7]\nvalue = "adyen"'
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as said:
        definitions = from_toml(text)
        tell_problems(FlagSource.FILE, definitions)
        reading = OpenFeatureFlags({}, definitions).read(Flag.PAYMENT_PROVIDER)
    assert reading.problem is not None
    assert "marked" not in f"{said} {caplog.text} {reading}"
    assert "marked" not in repr(FlagSubject(customer_id="cus_marked"))


WITHOUT_USPS: Final = {Flag.USPS: frozenset({"on"}), Flag.PAYMENT_PROVIDER: frozenset({"adyen"})}


@pytest.mark.parametrize(
    "flags",
    [
        OpenFeatureFlags(from_environment({Flag.USPS: "on"}, WITHOUT_USPS)),
        OpenFeatureFlags({}, from_toml("usps = true", WITHOUT_USPS)),
        OpenFeatureFlags({}, from_toml("[[usps.rules]]\nvalue = 'on'", WITHOUT_USPS)),
    ],
    ids=["environment", "file", "rule"],
)
def test_a_vendor_that_is_not_set_up_cannot_be_chosen(flags: OpenFeatureFlags) -> None:
    reading = flags.read(Flag.USPS)
    assert reading.source is FlagSource.DEFAULT
    assert reading.problem is not None
    assert "the vendor that it chooses is not set up" in reading.problem


def test_a_share_for_a_provider_that_is_not_set_up_goes_to_nobody() -> None:
    text = "[[payment_provider.rules]]\nshares = { adyen = 50 }"
    flags = OpenFeatureFlags({}, from_toml(text, WITHOUT_USPS))
    subjects = [FlagSubject(key=f"chk_{number}") for number in range(100)]
    assert {flags.read(Flag.PAYMENT_PROVIDER, subject).value for subject in subjects} == {"stripe"}


def test_turning_off_needs_nobody() -> None:
    reading = OpenFeatureFlags({}, from_toml(OFF, WITHOUT_USPS)).read(Flag.USPS)
    assert (reading.value, reading.problem) == ("off", None)


async def test_that_a_vendor_is_not_set_up_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "flags.toml"
    path.write_text("usps = true")
    with structlog.testing.capture_logs() as said:
        async with open_flags(FlagSettings(file=path, values={}), WITHOUT_USPS) as flags:
            for _ in range(3):
                flags.read(Flag.USPS)
    assert [line["flags"] for line in said if line["event"] == "flag_unreadable"] == [["usps"]]
