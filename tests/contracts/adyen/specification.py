"""Adyen's own specification: what a request may say, and what its answers and webhooks look like."""

import re
from typing import Any, Final

from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contracts.vendor_papers import needs, read

needed: Final = needs("adyen")
_CHECKOUT: Final = "checkout-v71.trimmed.json"
_WEBHOOKS: Final = "webhooks-v1.trimmed.json"


class Specification:
    """Which paths there are, and what may be sent to them."""

    def __init__(self) -> None:
        self._checkout = read("adyen", _CHECKOUT)
        self._webhooks = read("adyen", _WEBHOOKS)
        resources = {"urn:checkout": self._checkout, "urn:webhooks": self._webhooks}
        self._registry: Registry[Any] = Registry().with_resources(
            (name, DRAFT202012.create_resource(contents)) for name, contents in resources.items()
        )

    def request_problems(self, path: str, body: Any) -> list[str]:
        """What is wrong with a body sent there, in words; nothing for a valid one."""
        template = self._template(path)
        if template is None:
            return [f"{path} is not in the specification"]
        where = f"urn:checkout#/paths/{_escaped(template)}/post/requestBody/content/application~1json/schema"
        return self._problems(where, body)

    def answer_problems(self, path: str, status: int, body: Any) -> list[str]:
        template = self._template(path)
        if template is None:
            return [f"{path} is not in the specification"]
        responses = f"urn:checkout#/paths/{_escaped(template)}/post/responses"
        where = f"{responses}/{status}/content/application~1json/schema"
        return self._problems(where, body)

    def webhook_problems(self, event_code: str, body: Any) -> list[str]:
        name = _escaped(f"/{event_code}")
        where = f"urn:webhooks#/webhooks/{name}/post/requestBody/content/application~1json/schema"
        return self._problems(where, body)

    def webhook_examples(self) -> dict[str, Any]:
        """By event code."""
        examples = self._webhooks["components"]["examples"]
        return {
            name.split("-")[1]: example["value"]
            for name, example in examples.items()
            if name.startswith("post-")
        }

    def _problems(self, where: str, body: Any) -> list[str]:
        check = OAS31Validator({"$ref": where}, registry=self._registry)
        return [error.message for error in check.iter_errors(body)]

    def _template(self, path: str) -> str | None:
        for template in self._checkout["paths"]:
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                return str(template)
        return None


def _escaped(part: str) -> str:
    """For a JSON pointer in a URI."""
    pointer = part.replace("~", "~0").replace("/", "~1")
    return pointer.replace("{", "%7B").replace("}", "%7D")
