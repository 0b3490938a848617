"""Request bodies: decoded strictly from JSON into structs; a wrong field is named as a JSON pointer.

Litestar's own way would take `"2"` for a number; whoever guesses what a caller meant guesses with money.
"""

import re
from collections.abc import Generator
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO, DTOFieldDefinition
from litestar.dto._backend import DTOBackend
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from entrypoints.http.problems import INVALID_REQUEST, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE, Refused
from entrypoints.http.rules import as_told, rule_at
from entrypoints.http.structs.problems import LONGEST_NAME, FieldProblem

# msgspec says: Expected `int`, got `str` - at `$.lines[0].quantity`. Or it names a field of what is there.
_AT: Final = re.compile(r"^(?P<rule>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_FIELD: Final = re.compile(r"field `(?P<name>[^`]*)`$")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


class StrictJson(AbstractDTO[Any]):
    """Takes the place of Litestar's decoding; `dto=StrictJson` on every handler that has a body."""

    _decoders: ClassVar[dict[str, msgspec.json.Decoder[Any]]] = {}
    # A handler's id is put together anew each time it is asked for.
    _by_handler: ClassVar[WeakKeyDictionary[object, msgspec.json.Decoder[Any]]] = WeakKeyDictionary()

    def decode_bytes(self, value: bytes) -> Any:
        """Raises Refused (400, 415, 422)."""
        _require_json(self.asgi_connection)
        handler = self.asgi_connection.route_handler
        decoder = self._by_handler.get(handler)
        if decoder is None:
            decoder = self._by_handler[handler] = self._decoders[handler.handler_id]
        return decoded(decoder, value)

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: type[DTOBackend] | None = None,
    ) -> None:
        cls._decoders[handler_id] = msgspec.json.Decoder(field_definition.annotation)

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: SchemaCreator
    ) -> Reference | Schema:
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Generator[DTOFieldDefinition, None, None]:
        """Unused: structs are decoded whole."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Unused, as above."""
        return False


def decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """Raises Refused: 422 with the field for a wrong value, 400 for what is no JSON."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Refused(INVALID_REQUEST, _field_problem(str(error), decoder.type)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(MALFORMED_BODY) from None


def _require_json(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    for name, value in connection.scope["headers"]:
        if name == b"content-type" and value.partition(b";")[0].strip().lower() != b"application/json":
            raise Refused(UNSUPPORTED_MEDIA_TYPE)


def _field_problem(message: str, annotation: Any) -> FieldProblem:
    match = _AT.match(message)
    rule, where = (match["rule"], match["path"] or "") if match else (message, "")
    steps = _STEP.findall(where)
    path = "".join(f"/{name or index}" for name, index in steps)
    if (named := _FIELD.search(rule)) is not None:
        path += "/" + named["name"][:LONGEST_NAME].replace("~", "~0").replace("/", "~1")
        rule = "left out: it is unknown here" if "unknown" in rule else "given: it is required"
    else:
        rule = rule_at(annotation, steps) or as_told(rule)
    return FieldProblem(path, rule)
