"""Stripe's own specification: what a request may say, and what its bodies look like."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from openapi_schema_validator import OAS30WriteValidator

from tests.contracts.vendor_papers import needs, read

needed: Final = needs("stripe")
_FORM: Final = "application/x-www-form-urlencoded"


class Specification:
    """Which paths there are, and what may be sent to them."""

    def __init__(self) -> None:
        self.schemas = read("stripe", "openapi-2023-08-16.trimmed.json")["components"]["schemas"]
        self._paths = read("stripe", "openapi-2023-08-16.trimmed.json")["paths"]

    def problems(self, method: str, path: str, sent: str) -> list[str]:
        """What is wrong with a form body or a query, in words; nothing for a valid one."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} is not in the specification"]
        schema = self._schema(method, operation)
        return [error.message for error in OAS30WriteValidator(schema).iter_errors(_typed(schema, sent))]

    def _operation(self, method: str, path: str) -> Any:
        for template, operations in self._paths.items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                return operations.get(method.lower())
        return None

    def _schema(self, method: str, operation: Any) -> Any:
        if method == "POST":
            return operation["requestBody"]["content"][_FORM]["schema"]
        known = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
        return {"type": "object", "properties": known, "additionalProperties": False}


def _typed(schema: Any, sent: str) -> Any:
    """The form as the types that the schema asks for: on the wire everything is text."""
    return _as(schema, _tree(parse_qsl(sent, keep_blank_values=True)))


def _tree(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1&c[0]=2` as `{"a": {"b": "1"}, "c": {"0": "2"}}`."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *above, last = re.findall(r"[^\[\]]+", name)
        branch = tree
        for key in above:
            branch = branch.setdefault(key, {})
        branch[last] = value
    return tree


def _as(schema: Any, value: Any) -> Any:
    for choice in schema.get("anyOf", [schema]):
        for read_as in _readings(choice, value):
            if OAS30WriteValidator(choice).is_valid(read_as):
                return read_as
    return next(_readings(schema, value), value)


def _readings(schema: Any, value: Any) -> Iterator[Any]:
    kind = schema.get("type")
    if isinstance(value, str):
        if kind == "integer" and re.fullmatch(r"-?\d+", value):
            yield int(value)
        elif kind == "boolean" and value in {"true", "false"}:
            yield value == "true"
        else:
            yield value
    elif kind == "array":
        yield [_as(schema["items"], each) for each in value.values()]
    else:
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        rest = others if isinstance(others, dict) else {}
        yield {key: _as(known.get(key, rest), each) for key, each in value.items()}
