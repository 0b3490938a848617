"""Reads variables of the environment and collects what is wrong with them, so that one start tells
everything.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
_URL: Final = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#@]*)?")
_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})
Choice = TypeVar("Choice", bound=Enum)


class Reader:
    """`problems` has a line for each variable that is missing or wrong; values are never repeated in it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def url(self, name: str) -> str | None:
        """Without a slash at its end."""

        def parse(text: str) -> str | None:
            if not _URL.fullmatch(text):
                raise ValueError
            return text.rstrip("/")

        return self._parsed(name, None, parse, "a URL such as https://pay.shop.example")

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            self.problems.append(f"{name} is not set")
        return value or ""

    def server(self, name: str, shape: re.Pattern[str], example: str) -> str | None:
        def parse(text: str) -> str:
            # A port that is no number is found here, not when somebody connects.
            if not shape.fullmatch(text) or urlsplit(text).port == 0:
                raise ValueError
            return text

        return self._parsed(name, None, parse, f"a URL such as {example}")

    def address(self, name: str) -> str:
        def parse(text: str) -> str:
            if not _ADDRESS.fullmatch(text):
                raise ValueError
            return text

        return self._parsed(name, self.required(name), parse, "an e-mail address such as orders@shop.example")

    def matching(self, name: str, shape: re.Pattern[str], takes: str) -> str | None:
        def parse(text: str) -> str | None:
            if not shape.fullmatch(text):
                raise ValueError
            return text

        return self._parsed(name, None, parse, takes)

    def words(self, name: str, shape: re.Pattern[str], takes: str) -> tuple[str, ...]:
        def parse(text: str) -> tuple[str, ...]:
            words = tuple(word.strip() for word in text.split(",") if word.strip())
            if not all(shape.fullmatch(word) for word in words):
                raise ValueError
            return words

        return self._parsed(name, (), parse, takes)

    def number(self, name: str, default: int, *, at_least: int, at_most: int) -> int:
        def parse(text: str) -> int:
            # Without the length, a number of thousands of digits would be a question of patience.
            if not (text.isascii() and text.isdigit() and len(text) <= 12):
                raise ValueError
            if not at_least <= int(text) <= at_most:
                raise ValueError
            return int(text)

        return self._parsed(name, default, parse, f"a whole number from {at_least} to {at_most}")

    def flag(self, name: str, *, default: bool) -> bool:
        def parse(text: str) -> bool:
            if text.lower() not in _YES | _NO:
                raise ValueError
            return text.lower() in _YES

        return self._parsed(name, default, parse, "yes or no")

    def choice(self, name: str, choices: type[Choice], default: Choice) -> Choice:
        allowed = ", ".join(str(choice.value) for choice in choices)
        return self._parsed(name, default, choices, f"one of {allowed}")

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], takes: str) -> T:
        text = self.optional(name)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError:
            # The value itself is not repeated: it may be a secret that got into the wrong variable.
            self.problems.append(f"{name} must be {takes}")
            return default
