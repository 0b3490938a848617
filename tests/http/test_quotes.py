"""Nobody pays a price that they didn't see, or for what is gone."""

import pytest

from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from adapters.in_memory.flags import InMemoryFlags
from adapters.in_memory.taxes import InMemoryTaxCalculator
from domain.shop import ShopRules
from ports.api_keys import Role
from ports.delivery_rates import DeliveryRates
from ports.errors import Unavailable
from ports.flags import Flag
from tests.application.carriers import HELD_FOR, Says, asking
from tests.application.shop import Shop
from tests.http.api import CART, PURCHASE, TOTAL, Api, api_over, problem_of

DEARER = {"title": "Tea", "prices": [{"minor": 1300, "currency": "EUR"}]}


async def test_a_price_that_changed_comes_back_as_a_new_quote_to_accept(api: Api) -> None:
    checkout = await api.created()
    await api.ask("PUT", "/v1/products/TEA", DEARER)
    answer = await api.place(checkout)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"], problem["total_minor"]) == (409, "quote_changed", 2142)
    new = problem["checkout"]
    assert (new["total"]["minor"], new["version"], new["state"]) == (2142, 2, "ready")
    assert "client_token" not in new
    accepted = await api.place(new)
    assert (accepted.status_code, accepted.json()["total"]["minor"]) == (201, 2142)


async def test_the_old_version_is_not_placed_after_the_price_changed(api: Api) -> None:
    checkout = await api.created()
    await api.ask("PUT", "/v1/products/TEA", DEARER)
    await api.place(checkout)
    assert problem_of(await api.place(checkout))["code"] == "stale_version"


async def test_the_single_call_with_an_old_price_tells_the_new_one(api: Api) -> None:
    await api.ask("PUT", "/v1/products/TEA", DEARER)
    problem = problem_of(await api.ask("POST", "/v1/orders", PURCHASE))
    assert (problem["code"], problem["total_minor"]) == ("quote_changed", 2142)
    assert problem["errors"][0]["path"] == "/accepted_total"
    assert not api.shop.storage.orders


async def test_stock_that_ran_out_is_named_when_placing(api: Api) -> None:
    checkout = await api.created(lines=[{"sku": "TEA", "quantity": 4}])
    for _ in range(7):
        await api.bought()
    problem = problem_of(await api.place(checkout))
    assert problem["code"] == "checkout_not_ready"
    assert [message["code"] for message in problem["messages"]] == ["out_of_stock"]
    assert problem["messages"][0]["path"] == "/lines/0/quantity"


async def test_lines_that_are_too_many_together_are_named_by_their_goods(api: Api) -> None:
    lines = [{"sku": "TEA", "quantity": 6}, {"sku": "TEA", "quantity": 6}]
    answer = await api.place(await api.created(lines=lines))
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"], problem["skus"]) == (409, "out_of_stock", ["TEA"])
    assert problem["errors"][0]["path"] == "/lines"
    assert not api.shop.storage.orders


async def test_a_product_taken_off_sale_is_refused_by_its_line(api: Api) -> None:
    checkout = await api.created()
    await api.ask("PUT", "/v1/products/TEA", {**DEARER, "active": False})
    problem = problem_of(await api.place(checkout))
    assert (problem["code"], problem["errors"][0]["path"]) == ("unknown_sku", "/lines/0/sku")


async def test_a_discount_code_lowers_the_total_to_accept(api: Api) -> None:
    await api.ask("PUT", "/v1/discount-codes/SPRING", {"title": "Spring", "percent_basis_points": 1000})
    checkout = await api.created(Role.PUBLISHABLE, discount_code="spring")
    assert checkout["discount_code"] == "SPRING"
    assert [row["type"] for row in checkout["totals"]][1] == "discount"
    assert checkout["total"]["minor"] < TOTAL["minor"]


AMERICA = {"country": "US", "line1": "1 Market St", "city": "San Francisco", "postcode": "94105"}


async def test_where_taxes_differ_by_region_a_checkout_waits_for_the_region(api: Api) -> None:
    checkout = await api.created(shipping_address=AMERICA)
    assert [message["path"] for message in checkout["messages"]] == ["/shipping_address/region"]
    assert "tax" not in [row["type"] for row in checkout["totals"]]
    placed = problem_of(await api.place(checkout))
    assert placed["code"] == "checkout_not_ready"
    taxed = await api.created(shipping_address={**AMERICA, "region": "CA"})
    assert (taxed["messages"], taxed["state"]) == ([], "ready")
    assert "tax" in [row["type"] for row in taxed["totals"]]


async def test_a_region_that_nobody_can_tax_is_named(api: Api) -> None:
    cart = {**CART, "shipping_address": {**AMERICA, "region": "ZZ"}}
    answer = await api.ask("POST", "/v1/checkouts", cart)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (422, "destination_not_taxable")
    assert [error["path"] for error in problem["errors"]] == ["/shipping_address"]


@pytest.mark.parametrize("path", ["/v1/checkouts", "/v1/orders"])
async def test_nothing_is_sold_while_nobody_can_tell_the_tax(api: Api, path: str) -> None:
    def away(operation: str, moment: str) -> None:
        raise Unavailable("terminated", retry_after_seconds=30)

    api.shop.quote._taxes = InMemoryTaxCalculator(fault=away)
    answer = await api.ask("POST", path, CART if path == "/v1/checkouts" else PURCHASE)
    assert (answer.status_code, problem_of(answer)["code"]) == (503, "service_temporarily_unavailable")
    assert answer.headers["Retry-After"] == "30"
    assert not api.shop.storage.orders


async def test_where_the_shop_has_rates_of_its_own_there_is_nothing_to_say_about_them(api: Api) -> None:
    checkout = await api.created()
    answer = await api.ask("GET", f"/v1/checkouts/{checkout['id']}/delivery-options")
    assert answer.json()["messages"] == []
    assert {option["quoted_until"] for option in answer.json()["options"]} == {None}


class SilentCarriers(Shop):
    """Two carriers; one answers, and the other never does."""

    rules = ShopRules(delivery_quotes_hold=HELD_FOR)

    def delivery_rates(self) -> DeliveryRates:
        self.flags_of_carriers = InMemoryFlags()
        carriers: dict[Flag, DeliveryRates] = {
            Flag.FEDEX: Says(Unavailable("timeout")),
            Flag.UPS: InMemoryDeliveryRates(carrier="ups"),
        }
        return asking(carriers, flags=self.flags_of_carriers, clock=self.clock)


async def test_a_silent_carrier_and_flat_rates_in_its_place_are_told(api: Api) -> None:
    shop = await SilentCarriers().stocked()
    over = await api_over(shop)
    async with over.http:
        checkout = await over.created(delivery_option_id=None)
        path = f"/v1/checkouts/{checkout['id']}/delivery-options"
        first = (await over.ask("GET", path)).json()
        assert [option["id"] for option in first["options"]] == ["ups_standard", "ups_express"]
        assert [(m["code"], m["severity"]) for m in first["messages"]] == [("carrier_silent", "recoverable")]
        assert first["options"][0]["quoted_until"] is not None
        shop.flags_of_carriers.turn(Flag.UPS, "off")
        second = (await over.ask("GET", path)).json()
        assert [m["code"] for m in second["messages"]] == ["carrier_silent", "flat_rates_used"]
        assert all(option["estimated"] for option in second["options"])
