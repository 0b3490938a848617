"""What an operator wrote about each flag: a value for everybody, and rules for some."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from ports.flags import Flag, FlagSubject

_WHOLE_PERCENT: Final = 100
_BUCKETS: Final = 1_000_000
_BY_KEY: Final = {flag.key: flag for flag in Flag}
_WORDS: Final = {
    **dict.fromkeys(("on", "yes", "true", "1"), "on"),
    **dict.fromkeys(("off", "no", "false", "0"), "off"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why something can't be read; tells nothing of what was written."""

    text: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom it is: all conditions that are given must hold. `value` is for all of them, `shares` for so
    many percent of them; the rest goes on to the next rule.
    """

    currencies: frozenset[Annotated[str, Meta(pattern="^[A-Z]{3}$")]] | None = None
    customers: frozenset[str] | None = None
    value: str | bool | None = None
    shares: dict[str, Annotated[int, Meta(ge=0, le=_WHOLE_PERCENT)]] | None = None

    def concerns(self, subject: FlagSubject) -> bool:
        return (self.currencies is None or subject.currency in self.currencies) and (
            self.customers is None or subject.customer_id in self.customers
        )


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`value` None leaves those whom no rule names to the next source, in the end to the stated default."""

    value: str | bool | None = None
    rules: tuple[Rule, ...] = ()

    def value_for(self, flag: Flag, subject: FlagSubject) -> str | None:
        """The first rule that says something, otherwise the value for everybody."""
        for number, rule in enumerate(self.rules):
            if rule.concerns(subject):
                lot = f"{flag.key}/{number}"
                said = rule.value if rule.shares is None else _drawn(rule.shares, lot, subject.key)
                if said is not None:
                    return _worded(said)
        return None if self.value is None else _worded(self.value)


Definitions = Mapping[str, Definition | Problem]


# The values that nobody stands behind, because their vendor isn't set up.
NotSetUp = Mapping[Flag, frozenset[str]]
NOTHING_AMISS: Final[NotSetUp] = {}


def from_environment(values: Mapping[Flag, str], not_set_up: NotSetUp = NOTHING_AMISS) -> Definitions:
    """One value for everybody."""
    return {flag.key: _checked(flag, Definition(value=value), not_set_up) for flag, value in values.items()}


def from_toml(text: str, not_set_up: NotSetUp = NOTHING_AMISS) -> Definitions:
    """`flag = "value"`, or a table with `value` and `rules`."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError):
        # Beside its own error, a number of thousands of digits is only a ValueError.
        return unreadable("the file is no TOML")
    return {key: _definition(key, written, not_set_up) for key, written in document.items()}


def unreadable(why: str) -> Definitions:
    """Nothing could be read, so no flag can."""
    return {flag.key: Problem(text=why) for flag in Flag}


def problems_in(definitions: Definitions) -> Mapping[str, list[str]]:
    """The flags that can't be read, by why."""
    flags = defaultdict(list)
    for key, definition in definitions.items():
        if isinstance(definition, Problem):
            flags[definition.text].append(key)
    return flags


def _definition(key: str, written: Any, not_set_up: NotSetUp) -> Definition | Problem:
    flag = _BY_KEY.get(key)
    if flag is None:
        return Problem(text="there is no such flag")
    if not isinstance(written, dict):
        written = {"value": written}
    try:
        return _checked(flag, msgspec.convert(written, Definition), not_set_up)
    except (msgspec.ValidationError, RecursionError):
        # Its text may repeat a part of what was written.
        return Problem(text="it must be a value, or a table with value and rules as flags.md describes")


def _checked(flag: Flag, definition: Definition, not_set_up: NotSetUp) -> Definition | Problem:
    """A value whose vendor isn't set up can't be meant, for anybody."""
    said = [] if definition.value is None else [definition.value]
    for rule in definition.rules:
        if (rule.value is None) == (rule.shares is None):
            return Problem(text="each rule must have either a value or shares")
        said += [rule.value] if rule.value is not None else list(rule.shares or ())
        if sum((rule.shares or {}).values()) > _WHOLE_PERCENT:
            return Problem(text="the shares of a rule must be 100 percent at most")
    if any(_worded(value) not in flag.choices for value in said):
        return Problem(text=f"it must be one of {', '.join(flag.choices)}")
    if {_worded(value) for value in said} & not_set_up.get(flag, frozenset()):
        return Problem(text="the vendor that it chooses is not set up")
    return definition


def _drawn(shares: Mapping[str, int], lot: str, key: str | None) -> str | None:
    """Whose share this key falls into: by a hash, so it is the same in every process and after a restart.

    A share that grows keeps all whom it had, as long as those before it stay. Each rule is a lot of its own:
    whoever was not drawn by one is as likely as any other to be drawn by the next.
    """
    if key is None:
        return None
    digest = sha256(f"{lot}:{key}".encode("utf-8", "surrogatepass")).digest()
    bucket = int.from_bytes(digest[:8], "big") % _BUCKETS
    end = 0
    for value, percent in shares.items():
        end += percent * (_BUCKETS // _WHOLE_PERCENT)
        if bucket < end:
            return value
    return None


def _worded(value: object) -> str:
    text = str(value).strip().lower()
    return _WORDS.get(text, text)
