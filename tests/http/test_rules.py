"""What a refused field or parameter is told: what to send there, in words, and nothing of what was sent."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from msgspec import inspect

from entrypoints.http.bodies import StrictJson
from entrypoints.http.rules import SHAPES, rule_at
from ports.api_keys import Role
from tests.http.api import ADDRESS, CART, Api, problem_of

Steps = tuple[tuple[str, str], ...]
ANY_CASE: Final = "case_" + "0" * 26
ACTIONS: Final = "one of retry, refund, cancel, accept"
WHOLE: Final = "without quotes and without a point"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (
            {"email": "x"},
            "an e-mail address, such as ada@example.com; at most 254 characters, or null",
        ),
        (
            {"shipping_address": {**ADDRESS, "country": "Germany"}},
            "two capital letters, the ISO 3166-1 code of a country, such as DE",
        ),
        ({"currency": "euro"}, "three capital letters, the ISO 4217 code of a currency, such as EUR"),
        ({"lines": [{"sku": "TEA", "quantity": 1.5}]}, f"a whole number from 1 to 1000000, {WHOLE}"),
        ({"lines": {}}, "a list of at most 1000 entries"),
        ({"billing_address": 5}, "an object, or null"),
    ],
)
async def test_a_refused_field_is_told_what_to_send(api: Api, changes: dict[str, Any], rule: str) -> None:
    problem = problem_of(await api.ask("POST", "/v1/checkouts", {**CART, **changes}))
    assert [error["rule"] for error in problem["errors"]] == [rule]


async def test_an_unknown_word_in_a_body_is_answered_with_the_known_ones(api: Api) -> None:
    body = {"action": "marked", "why": "because"}
    answer = await api.ask("POST", f"/v1/cases/{ANY_CASE}/resolve", body, role=Role.OPERATOR)
    assert problem_of(answer)["errors"] == [{"path": "/action", "rule": ACTIONS}]
    assert "marked" not in answer.text


@pytest.mark.parametrize(
    ("path", "parameter", "rule"),
    [
        (f"/v1/cases/{ANY_CASE}/preview", "?action", f"given: it is required; {ACTIONS}"),
        (f"/v1/cases/{ANY_CASE}/preview?action=foo", "?action", ACTIONS),
        ("/v1/cases?state=foo", "?state", "one of open, assigned, resolved"),
        ("/v1/cases?state=open&state=foo", "?state", "one of open, assigned, resolved"),
        ("/v1/orders?limit=many", "?limit", f"a whole number from 1 to 100, {WHOLE}"),
        (
            "/v1/payments?created_from=yesterday",
            "?created_from",
            "a time with its offset, as RFC 3339 writes it: 2026-01-31T12:00:00Z",
        ),
    ],
)
async def test_a_refused_parameter_is_told_what_to_send(
    api: Api, path: str, parameter: str, rule: str
) -> None:
    problem = problem_of(await api.ask("GET", path))
    assert problem["errors"] == [{"path": parameter, "rule": rule}]


def test_every_field_of_every_body_has_its_rule_in_words(api: Api) -> None:
    bodies = {decoder.type for decoder in StrictJson._decoders.values()}
    assert bodies
    for body in bodies:
        for steps, kind in _fields(inspect.type_info(body), ()):
            assert rule_at(body, steps), (body, steps)
            assert not isinstance(kind, inspect.StrType) or kind.pattern in {None, *SHAPES}, (body, steps)


def _fields(kind: Any, steps: Steps) -> Iterator[tuple[Steps, inspect.Type]]:
    match kind:
        case inspect.UnionType():
            for each in kind.types:
                yield from _fields(each, steps)
        case inspect.ListType():
            yield from _fields(kind.item_type, (*steps, ("", "0")))
        case inspect.StructType():
            for field in kind.fields:
                yield from _fields(field.type, (*steps, (field.encode_name, "")))
        case _:
            yield steps, kind
