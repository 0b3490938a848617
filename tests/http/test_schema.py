"""The generated OpenAPI document, and requests made up from it: no answer surprises, none is a defect."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ports.api_keys import Role
from tests.application.shop import Shop
from tests.application.subscribing import Subscriber
from tests.application.test_cases import with_refund_that_failed
from tests.http.api import Api, api_over
from tests.http.test_access import KEYLESS, MATRIX

CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
ROUTES: Final = sorted({row[:2] for row in MATRIX} | KEYLESS)


class Running:
    """One API for all examples, on a loop of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.api: Api = self._runner.run(self._made())
        self._checkout_id = self._runner.run(self.api.created())["id"]
        self._order_id = self._runner.run(self.api.placed())["id"]
        self._case_id = self._runner.run(self._with_case())
        self._subscription_id = self._runner.run(self._with_subscription())
        self._keys = 0

    async def _made(self) -> Api:
        return await api_over(await Shop(pieces=1_000_000).stocked())

    async def _with_case(self) -> str:
        facts = await with_refund_that_failed(self.api.shop)
        return facts.cases[0].id

    async def _with_subscription(self) -> str:
        ada = await Subscriber(self.api.shop).registered()
        return (await ada.subscribes()).id

    def document(self) -> Any:
        return self._runner.run(self.api.http.get("/schema/openapi.json")).json()

    def lead_behind_the_door(self, case: Any) -> None:
        """With a key, a new Idempotency-Key, a currency that is sold in, and ids of things that are there."""
        is_for_people = any(word in case.path for word in ("/cases", "/parked", "/payment-statistics"))
        role = Role.OPERATOR if is_for_people else Role.SECRET
        case.headers["Authorization"] = f"Bearer {self.api.keys[role].secret}"
        if "Idempotency-Key" in case.headers:
            self._keys += 1
            case.headers["Idempotency-Key"] = f"key-{self._keys}"
        if isinstance(case.body, dict) and isinstance(case.body.get("currency"), str):
            case.body["currency"] = "EUR"
        if self._keys % 4 or case.method == "GET":
            ids = {"checkout_id": self._checkout_id, "order_id": self._order_id, "sku": "TEA"}
            ids |= {"case_id": self._case_id, "plan_id": "gold", "subscription_id": self._subscription_id}
            case.path_parameters.update({k: v for k, v in ids.items() if k in case.path_parameters})

    def close(self) -> None:
        self._runner.run(self.api.http.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.close()


@pytest.fixture(scope="module")
def document(running: Running) -> Any:
    return running.document()


@pytest.fixture(scope="module")
def made_up(running: Running) -> Any:
    return schemathesis.openapi.from_asgi("/schema/openapi.json", running.api.app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_made_up_requests_get_documented_answers(
    running: Running, made_up: Any, method: str, path: str, mode: GenerationMode
) -> None:
    # Routes that ask for no key have no input that the schema calls wrong: no negative case can be made up.
    if mode is GenerationMode.NEGATIVE and (method, path) in KEYLESS:
        pytest.skip("it takes nothing that could be wrong")

    @given(case=made_up[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=20,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def every(case: Any) -> None:
        running.lead_behind_the_door(case)
        case.validate_response(case.call(), checks=CHECKS)

    every()


def test_every_operation_is_among_them(document: Any) -> None:
    assert {(method.upper(), path) for path, method, _ in _operations(document)} == set(ROUTES)


def _operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_is_openapi_3_1_and_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1")


def test_every_operation_has_its_own_id_and_is_explained(document: Any) -> None:
    operations = [operation for _, _, operation in _operations(document)]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids)) == len(ROUTES)
    for operation in operations:
        assert {"summary", "description", "tags"} <= set(operation)


def test_every_route_lists_its_problems(document: Any) -> None:
    for path, _, operation in _operations(document):
        answers = operation["responses"]
        if path.startswith("/v1") and "webhooks" not in path:
            assert {"401", "403", "500", "503"} <= set(answers)
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(answers)
        for status, answer in answers.items():
            if status >= "400" and path.startswith("/v1"):
                assert "application/problem+json" in answer["content"], (path, status)


def test_what_changes_something_takes_a_key_and_what_moves_money_requires_it(document: Any) -> None:
    required = set()
    for path, method, operation in _operations(document):
        if method in {"get", "head"} or "webhooks" in path:
            continue
        (key,) = [p for p in operation["parameters"] if p["name"] == "Idempotency-Key"]
        if key["required"]:
            required.add(operation["operationId"])
    moves_money = {"placeOrder", "buyNow", "confirmPayment", "refundOrder", "reportShortage", "resolveCase"}
    assert required == moves_money | {"subscribe", "changePlan"}


def test_structs_are_explained_and_requests_take_no_unknown_fields(document: Any) -> None:
    schemas = document["components"]["schemas"]
    requests = [name for name in schemas if name.endswith("Request")]
    assert requests
    assert all(schemas[name]["additionalProperties"] is False for name in requests)
    assert "awaiting_payment" in schemas["OrderShown"]["description"]


def test_both_ways_to_say_who_you_are_are_described(document: Any) -> None:
    assert set(document["components"]["securitySchemes"]) == {"api_key", "client_token"}
