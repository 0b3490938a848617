"""Schemas of structs: Litestar's own, their docstrings, and that requests take no field they don't name."""

from inspect import cleandoc

from litestar._openapi.schema_generation import SchemaCreator
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.openapi.spec import Schema
from litestar.typing import FieldDefinition


class StrictStructSchemas(StructSchemaPlugin):
    """Comes before Litestar's plugin for the same types."""

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        schema = super().to_openapi_schema(field_definition, schema_creator)
        if field_definition.annotation.__struct_config__.forbid_unknown_fields:
            schema.additional_properties = False
        if (told := field_definition.annotation.__doc__) is not None:
            schema.description = cleandoc(told)
        return schema
