"""Google's own papers: the OpenAPI part of Geocoding, and the Discovery document of Address Validation."""

from typing import Any, Final

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contracts.vendor_papers import FOLDER, needs, read

needed: Final = needs("google")
GEOCODE: Final = "/maps/api/geocode/json"
_GEOCODING: Final = "geocoding.trimmed.json"
_PREFIX: Final = "GoogleMapsAddressvalidationV1"


def geocoding_problems(parameters: dict[str, str]) -> list[str]:
    """What is wrong with these query parameters, unknown ones included."""
    api = OpenAPI.from_file_path(str(FOLDER / "google" / _GEOCODING))
    asked = MockRequest("https://maps.googleapis.com", "get", GEOCODE, args=parameters)
    problems = [repr(error.__cause__ or error) for error in api.unmarshal_request(asked).errors]
    document = read("google", _GEOCODING)
    references = document["paths"][GEOCODE]["get"]["parameters"]
    names = {
        document["components"]["parameters"][each["$ref"].rpartition("/")[2]]["name"] for each in references
    }
    return problems + [f"{name} is unknown" for name in parameters if name not in {*names, "key"}]


def geocoding_answer_problems(answer: object) -> list[str]:
    document = read("google", _GEOCODING)
    registry: Registry[Any] = Registry().with_resource("urn:g", DRAFT202012.create_resource(document))
    schema = {"$ref": "urn:g#/components/schemas/GeocodingResponse"}
    return [error.message for error in OAS30Validator(schema, registry=registry).iter_errors(answer)]


def geocoding_examples() -> dict[str, Any]:
    content = read("google", _GEOCODING)["paths"][GEOCODE]["get"]["responses"]["200"]["content"]
    return {name: each["value"] for name, each in content["application/json"]["examples"].items()}


def validation_request_problems(body: object) -> list[str]:
    return _discovery_problems(f"{_PREFIX}ValidateAddressRequest", body)


def validation_answer_problems(body: object) -> list[str]:
    return _discovery_problems(f"{_PREFIX}ValidateAddressResponse", body)


def _discovery_problems(name: str, body: object) -> list[str]:
    """A Discovery document's schemas are JSON Schema but for references by bare name and numbers' formats;
    they name every field that there is.
    """
    schemas = read("google", "addressvalidation.v1.discovery.json")["schemas"]
    definitions = {each: _as_json_schema(schema) for each, schema in schemas.items()}
    validator = OAS31Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
    return [error.message for error in validator.iter_errors(body)]


def _as_json_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_as_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kept = {name: _as_json_schema(each) for name, each in schema.items() if name not in ("id", "format")}
    if schema.get("type") == "object" and "properties" in schema:
        kept["additionalProperties"] = False
    return kept
