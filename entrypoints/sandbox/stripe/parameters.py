"""A request's parameters, read one by one with Stripe's complaints; whatever stays unread is unknown."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter
from entrypoints.sandbox.stripe.form import Node, Tree

_Choice = TypeVar("_Choice", bound=StrEnum)
_MOST_METADATA_KEYS = 50
_LONGEST_METADATA_VALUE = 500


class Parameters:
    def __init__(self, tree: Tree, path: str = "") -> None:
        self._unread = dict(tree)
        self._path = path

    def text(self, name: str) -> str | None:
        node = self._unread.pop(name, None)
        if node is None:
            return None
        if not isinstance(node, str):
            raise invalid_parameter(self._full(name), f"Invalid string: {self._full(name)}")
        if not node:
            message = (
                f"You passed an empty string for '{self._full(name)}'. We assume empty values are an attempt"
                f" to unset a parameter; however '{self._full(name)}' cannot be unset."
            )
            raise invalid_parameter(self._full(name), message, "parameter_invalid_empty")
        return node

    def required_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise self._missing(name)
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            message = f"Invalid integer: {value}"
            raise invalid_parameter(self._full(name), message, "parameter_invalid_integer") from None

    def required_integer(self, name: str) -> int:
        value = self.integer(name)
        if value is None:
            raise self._missing(name)
        return value

    def boolean(self, name: str) -> bool | None:
        value = self.text(name)
        if value not in (None, "true", "false"):
            raise invalid_parameter(self._full(name), f"Invalid boolean: {value}")
        return None if value is None else value == "true"

    def choice(self, name: str, allowed: type[_Choice]) -> _Choice | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return allowed(value)
        except ValueError:
            message = f"Invalid {self._full(name)}: must be one of {', '.join(allowed)}"
            raise invalid_parameter(self._full(name), message) from None

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self._flat(name).values() if value)

    def metadata(self) -> Mapping[str, str]:
        """Changes to the metadata: an empty value removes its key."""
        changes = self._flat("metadata")
        if len(changes) > _MOST_METADATA_KEYS:
            raise invalid_parameter("metadata", f"Metadata can have up to {_MOST_METADATA_KEYS} keys.")
        for key, value in changes.items():
            if len(value) > _LONGEST_METADATA_VALUE:
                message = (
                    "Metadata values can have up to 500 characters, but you passed in a value that is"
                    f" {len(value)}."
                )
                raise invalid_parameter(f"metadata[{key}]", message)
        return changes

    def child(self, name: str) -> "Parameters | None":
        node = self._unread.pop(name, None)
        if isinstance(node, str):
            raise invalid_parameter(
                self._full(name), f"Invalid object: {self._full(name)}", "parameter_invalid_string"
            )
        return None if node is None else Parameters(node, self._full(name))

    def has(self, name: str) -> bool:
        return name in self._unread

    def ignore(self, *names: str) -> None:
        """For parameters that are right to send and change nothing that the sandbox simulates."""
        for name in names:
            self._unread.pop(name, None)

    def finish(self) -> None:
        if self._unread:
            first = self._full(next(iter(self._unread)))
            raise invalid_parameter(first, f"Received unknown parameter: {first}", "parameter_unknown")

    def _flat(self, name: str) -> Mapping[str, str]:
        node: Node = self._unread.pop(name, {})
        if isinstance(node, str):
            raise invalid_parameter(self._full(name), f"Invalid object: {self._full(name)}")
        return {key: value for key, value in node.items() if isinstance(value, str)}

    def _full(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

    def _missing(self, name: str) -> StripeError:
        full = self._full(name)
        return invalid_parameter(full, f"Missing required param: {full}.", "parameter_missing")
