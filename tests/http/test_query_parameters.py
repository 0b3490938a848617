"""Query parameters that an operation doesn't take are refused by name, as unknown fields of a body are."""

import pytest

from entrypoints.http.structs.problems import LONGEST_NAME
from ports.api_keys import Role
from tests.http.api import PURCHASE, Api, problem_of
from tests.http.test_access import KEYLESS, MATRIX, path_of


async def test_every_operation_refuses_a_parameter_that_it_does_not_know(api: Api) -> None:
    for method, template, allowed, _ in MATRIX:
        role = max(allowed, key=lambda each: each.value)
        answer = await api.ask(method, f"{path_of(template)}?statee=open", role=role, token="any")
        problem = problem_of(answer)
        assert (answer.status_code, problem["code"]) == (400, "invalid_query"), template
        assert [error["path"] for error in problem["errors"]] == ["?statee"]


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/v1/cases?statee=open", "known are after, limit, order_id, reason, state"),
        ("/v1/orders?status=paid", "known are after, limit, state"),
        ("/v1/payment-statistics?since=2026-01-01", "known are from, to"),
        ("/v1/products/TEA?limit=1", "this operation takes none"),
    ],
)
async def test_what_is_known_instead_is_listed(api: Api, path: str, known: str) -> None:
    problem = problem_of(await api.ask("GET", path, role=Role.OPERATOR))
    assert problem["errors"][0]["rule"] == f"left out: it is unknown here; {known}"


async def test_each_unknown_parameter_is_named_and_none_of_their_values(api: Api) -> None:
    answer = await api.ask("GET", f"/v1/orders?a=marked&limit=1&b&{'x' * 500}=1")
    paths = [error["path"] for error in problem_of(answer)["errors"]]
    assert paths == ["?a", "?b", "?" + "x" * LONGEST_NAME]
    assert "marked" not in answer.text


async def test_who_has_no_key_is_told_nothing_of_parameters(api: Api) -> None:
    answer = await api.ask("GET", "/v1/orders?statee=open", role=None)
    assert problem_of(answer)["code"] == "unauthenticated"


async def test_a_purchase_that_is_refused_for_its_parameter_leaves_its_key_free(api: Api) -> None:
    refused = await api.ask("POST", "/v1/orders?test=1", PURCHASE, key="one")
    bought = await api.ask("POST", "/v1/orders", PURCHASE, key="one")
    assert (refused.status_code, bought.status_code) == (400, 201)
    assert "idempotent-replayed" not in bought.headers


async def test_what_others_call_takes_the_parameters_that_they_add(api: Api) -> None:
    for method, template in sorted(KEYLESS):
        path = template.format(return_id="nonsense")
        plain = await api.ask(method, path, role=None)
        with_more = await api.ask(method, f"{path}?redirect_status=succeeded", role=None)
        assert (with_more.status_code, with_more.text) == (plain.status_code, plain.text), template
