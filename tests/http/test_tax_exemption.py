"""Who pays no tax is for the merchant to say, never for a browser."""

import pytest

from ports.api_keys import Role
from tests.http.api import CART, PURCHASE, Api, problem_of


async def test_a_merchant_exempts_a_buyer(api: Api) -> None:
    checkout = await api.created(tax_exemption="wholesale")
    assert checkout["tax_exemption"] == "wholesale"
    assert (checkout["total"]["minor"], checkout["taxes"][0]["amount"]["minor"]) == (1700, 0)
    placed = (await api.place(checkout)).json()
    assert placed["total"]["minor"] == 1700


async def test_an_exemption_stays_until_it_is_taken_back(api: Api) -> None:
    checkout = await api.created(tax_exemption="government")
    path = f"/v1/checkouts/{checkout['id']}"
    renamed = (await api.ask("PATCH", path, {"name": "Another"})).json()
    assert (renamed["tax_exemption"], renamed["total"]["minor"]) == ("government", 1700)
    taken_back = (await api.ask("PATCH", path, {"tax_exemption": None})).json()
    assert (taken_back["tax_exemption"], taken_back["total"]["minor"]) == (None, 2023)


@pytest.mark.parametrize("role", [Role.PUBLISHABLE, Role.OPERATOR])
@pytest.mark.parametrize(("path", "body"), [("/v1/checkouts", CART), ("/v1/orders", PURCHASE)])
async def test_nobody_else_may(api: Api, role: Role, path: str, body: dict[str, object]) -> None:
    answer = await api.ask("POST", path, {**body, "tax_exemption": "other"}, role=role)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (403, "tax_exemption_not_allowed")
    assert problem["errors"][0]["path"] == "/tax_exemption"


async def test_a_browser_may_not_exempt_itself_afterwards(api: Api) -> None:
    checkout = await api.created(role=Role.PUBLISHABLE)
    answer = await api.ask(
        "PATCH",
        f"/v1/checkouts/{checkout['id']}",
        {"tax_exemption": "other"},
        role=Role.PUBLISHABLE,
        token=checkout["client_token"],
    )
    assert answer.status_code == 403


async def test_a_reason_that_nobody_knows_is_refused(api: Api) -> None:
    answer = await api.ask("POST", "/v1/checkouts", {**CART, "tax_exemption": "because"})
    assert (answer.status_code, problem_of(answer)["errors"][0]["path"]) == (422, "/tax_exemption")
