"""What all feature flags promise, on the fake, the file and the environment: always an answer, always one of
the flag's choices, and the same one for the same question.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.flags.definitions import from_environment, from_toml
from adapters.flags.feature_flags import OpenFeatureFlags
from adapters.in_memory.flags import FlagRule, InMemoryFlags
from ports.flags import EVERYBODY, FeatureFlags, Flag, FlagSource, FlagSubject

Turned = Callable[..., FeatureFlags]
SEK: Final = FlagSubject(currency="SEK")


def in_memory(value: str | None, *rules: FlagRule, flag: Flag = Flag.PAYMENT_PROVIDER) -> FeatureFlags:
    flags = InMemoryFlags()
    if value is not None:
        flags.turn(flag, value, *rules)
    return flags


def in_file(value: str | None, *rules: FlagRule, flag: Flag = Flag.PAYMENT_PROVIDER) -> FeatureFlags:
    return OpenFeatureFlags({}, from_toml(written(value, rules, flag) if value is not None else ""))


def in_environment(value: str | None, flag: Flag = Flag.PAYMENT_PROVIDER) -> FeatureFlags:
    return OpenFeatureFlags(from_environment({} if value is None else {flag: value}))


def written(value: str, rules: tuple[FlagRule, ...], flag: Flag) -> str:
    lines = [f"[{flag.key}]", f"value = {json.dumps(value, ensure_ascii=False)}"]
    for rule in rules:
        lines.append(f"[[{flag.key}.rules]]")
        if rule.currencies is not None:
            lines.append(f"currencies = {json.dumps(sorted(rule.currencies))}")
        if rule.customers is not None:
            lines.append(f"customers = {json.dumps(sorted(rule.customers))}")
        whole = rule.percent == 100
        said = (
            f"value = {json.dumps(rule.value)}" if whole else f"shares = {{ {rule.value} = {rule.percent} }}"
        )
        lines.append(said)
    return "\n".join(lines)


EVERY: Final[dict[str, Turned]] = {"fake": in_memory, "file": in_file, "environment": in_environment}
WITH_RULES: Final[dict[str, Turned]] = {"fake": in_memory, "file": in_file}


@pytest.fixture(params=EVERY, scope="module")
def turned(request: pytest.FixtureRequest) -> Turned:
    return EVERY[request.param]


@pytest.fixture(params=WITH_RULES, scope="module")
def ruled(request: pytest.FixtureRequest) -> Turned:
    return WITH_RULES[request.param]


@pytest.mark.parametrize("flag", Flag)
def test_a_flag_that_nobody_turned_means_its_default(turned: Turned, flag: Flag) -> None:
    reading = turned(None).read(flag)
    assert (reading.value, reading.source, reading.problem) == (flag.default, FlagSource.DEFAULT, None)


@pytest.mark.parametrize(("flag", "value"), [(flag, value) for flag in Flag for value in flag.choices])
def test_a_flag_means_what_it_was_turned_to(turned: Turned, flag: Flag, value: str) -> None:
    reading = turned(value, flag=flag).read(flag)
    assert (reading.value, reading.problem, reading.varies) == (value, None, False)
    assert reading.source is not FlagSource.DEFAULT
    assert reading.is_on == (value == "on")


@pytest.mark.parametrize("value", ["", "maybe", "adyen stripe", "onn", "\x00", "🦆"])
def test_a_value_that_is_no_choice_means_the_default_and_says_why(turned: Turned, value: str) -> None:
    reading = turned(value).read(Flag.PAYMENT_PROVIDER)
    assert (reading.value, reading.source) == ("stripe", FlagSource.DEFAULT)
    assert reading.problem is not None
    assert "it must be one of stripe, adyen" in reading.problem


@given(value=st.text(max_size=30), key=st.text(), customer=st.text(), currency=st.text())
def test_whatever_was_written_and_whoever_is_meant_there_is_an_answer(
    turned: Turned, value: str, key: str, customer: str, currency: str
) -> None:
    flags = turned(value)
    subject = FlagSubject(key=key, customer_id=customer, currency=currency)
    for flag in Flag:
        assert flags.read(flag, subject).value in flag.choices
        assert flags.read(flag, subject) == flags.read(flag, subject)


def test_a_rule_is_for_those_whom_it_names(ruled: Turned) -> None:
    flags = ruled(
        "stripe",
        FlagRule(value="adyen", currencies=frozenset({"SEK", "NOK"})),
        FlagRule(value="adyen", customers=frozenset({"cus_1"})),
    )
    reading = flags.read(Flag.PAYMENT_PROVIDER, SEK)
    assert (reading.value, reading.varies) == ("adyen", True)
    assert flags.read(Flag.PAYMENT_PROVIDER, FlagSubject(customer_id="cus_1")).value == "adyen"
    assert flags.read(Flag.PAYMENT_PROVIDER, FlagSubject(currency="EUR")).value == "stripe"
    assert flags.read(Flag.PAYMENT_PROVIDER, EVERYBODY).value == "stripe"


def test_all_conditions_of_a_rule_must_hold(ruled: Turned) -> None:
    flags = ruled(
        "stripe",
        FlagRule(value="adyen", currencies=frozenset({"SEK"}), customers=frozenset({"cus_1"})),
    )
    assert flags.read(Flag.PAYMENT_PROVIDER, SEK).value == "stripe"
    both = FlagSubject(currency="SEK", customer_id="cus_1")
    assert flags.read(Flag.PAYMENT_PROVIDER, both).value == "adyen"


@pytest.mark.parametrize("percent", [0, 1, 25, 50, 99])
def test_a_share_is_about_as_large_as_it_was_said_to_be(ruled: Turned, percent: int) -> None:
    there = in_share(ruled, percent)
    assert abs(len(there) - percent * 20) <= 4 * (20 * percent * (1 - percent / 100)) ** 0.5


def test_a_share_that_grows_keeps_whom_it_had(ruled: Turned) -> None:
    assert in_share(ruled, 10) < in_share(ruled, 30) < in_share(ruled, 70)


def test_the_same_key_falls_on_the_same_side_at_any_time(ruled: Turned) -> None:
    assert in_share(ruled, 30) == in_share(ruled, 30)


def test_who_has_no_key_is_in_no_share(ruled: Turned) -> None:
    flags = ruled("stripe", FlagRule(value="adyen", percent=99))
    assert flags.read(Flag.PAYMENT_PROVIDER, EVERYBODY).value == "stripe"


def test_who_was_not_drawn_by_one_rule_may_be_drawn_by_the_next(ruled: Turned) -> None:
    """A quarter of those in kroner, then a fifth of all: of those in kroner 25 % and 20 % of 75 %."""
    flags = ruled(
        "stripe",
        FlagRule(value="adyen", currencies=frozenset({"SEK"}), percent=25),
        FlagRule(value="adyen", percent=20),
    )
    subjects = [FlagSubject(key=f"chk_{number}", currency="SEK") for number in range(2_000)]
    drawn = sum(flags.read(Flag.PAYMENT_PROVIDER, subject).value == "adyen" for subject in subjects)
    assert abs(drawn - 800) <= 90


def in_share(ruled: Turned, percent: int) -> set[str]:
    """Who of two thousand is asked at the other provider."""
    flags = ruled("stripe", FlagRule(value="adyen", percent=percent))
    keys = {f"chk_{number}" for number in range(2_000)}
    return {key for key in keys if flags.read(Flag.PAYMENT_PROVIDER, FlagSubject(key=key)).value == "adyen"}


def test_the_documented_flags_are_those_that_there_are() -> None:
    page = Path(__file__).parents[3] / "docs" / "operations" / "flags.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    expected = [f"| `{f.key}` | {', '.join(f.choices)} | {f.default} | {f.decides} |" for f in Flag]
    assert rows == expected
