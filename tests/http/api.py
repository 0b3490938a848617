"""The HTTP API over a shop in memory: a key for each role, and the requests that many tests begin with."""

import uuid
from collections.abc import Mapping
from typing import Any, Final, cast

import httpx
from litestar import Litestar

from adapters.in_memory.api_keys import InMemoryApiKeys
from adapters.in_memory.idempotency import InMemoryIdempotencyStore
from adapters.in_memory.nudges import SilentNudges
from adapters.in_memory.subscriptions import InMemorySubscriptionLists
from application.explain_order import ExplainOrder, ReadOrder
from application.keep_api_keys import CreateApiKey, CreatedApiKey
from application.keep_catalog import PutDiscountCode, PutProducts, ReceiveStock
from application.keep_plans import PutPlans
from application.quote_delivery import QuoteDelivery
from application.read_checkout import CancelCheckout, ReadCheckout
from application.receive_webhook import ReceiveWebhook
from entrypoints.http.app import create_app
from entrypoints.http.use_cases import UseCases
from ports.api_keys import Role
from tests.application.shop import Shop
from tests.http.webhooks import SignedWebhooks

ADDRESS: Final[dict[str, Any]] = {
    "country": "DE",
    "line1": "Hauptstr. 1",
    "city": "Berlin",
    "postcode": "10115",
}
TOTAL: Final[dict[str, Any]] = {"minor": 2023, "currency": "EUR"}
LINES: Final = [{"sku": "TEA", "quantity": 1}]
CART: Final[dict[str, Any]] = {
    "currency": "EUR",
    "lines": LINES,
    "email": "shopper@example.com",
    "name": "A. Shopper",
    "shipping_address": ADDRESS,
    "delivery_option_id": "standard",
}
WORKS: Final = {"instrument": {"token": "pm_card_visa"}}
PURCHASE: Final[dict[str, Any]] = {**CART, "accepted_total": TOTAL, "payment": WORKS}


class Api:
    """Every call is one request; answers are httpx's."""

    def __init__(self, shop: Shop, use_cases: UseCases, keys: Mapping[Role, CreatedApiKey]) -> None:
        self.shop = shop
        self.use_cases = use_cases
        self.keys = keys
        self.app: Litestar = create_app(use_cases)
        self.http = client_of(self.app)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        role: Role | None = Role.SECRET,
        token: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """`key` None: a new Idempotency-Key for each POST; empty: none at all."""
        sent = dict(headers or {})
        if role is not None:
            sent["Authorization"] = f"Bearer {self.keys[role].secret}"
        if token is not None:
            sent["Client-Token"] = token
        if key or (key is None and method == "POST"):
            sent["Idempotency-Key"] = key or uuid.uuid4().hex
        if content is not None:
            return await self.http.request(method, path, content=content, headers=sent)
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str, *, role: Role = Role.SECRET, token: str | None = None) -> Any:
        answer = await self.ask("GET", path, role=role, token=token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def created(self, role: Role = Role.SECRET, **changes: Any) -> Any:
        """A checkout that is ready to be placed for 20.23 EUR, unless changed."""
        answer = await self.ask("POST", "/v1/checkouts", {**CART, **changes}, role=role)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def place(self, checkout: Any, key: str | None = None, **changes: Any) -> httpx.Response:
        body = {"version": checkout["version"], "accepted_total": checkout["total"], **changes}
        return await self.ask("POST", f"/v1/checkouts/{checkout['id']}/place", body, key=key)

    async def placed(self) -> Any:
        answer = await self.place(await self.created())
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def pay(self, order_id: str, card: str = "pm_card_visa", **options: Any) -> httpx.Response:
        body = {"instrument": {"token": card}}
        return await self.ask("POST", f"/v1/orders/{order_id}/payments/confirm", body, **options)

    async def bought(self) -> Any:
        answer = await self.ask("POST", "/v1/orders", PURCHASE)
        assert answer.status_code == 201, answer.text
        return answer.json()


_OF_CUSTOMERS: Final = (
    *("register_customer", "read_customer", "saved_methods"),
    *("export_customer", "delete_customer"),
)


async def api_over(shop: Shop) -> Api:
    """With a key of each role."""
    api_keys, clock = InMemoryApiKeys(), shop.clock
    create = CreateApiKey(api_keys, clock)
    keys = {role: await create(role, f"tests: {role.value}") for role in Role}
    read, read_order = ReadCheckout(shop.unit_of_work), ReadOrder(shop.unit_of_work)
    use_cases = UseCases(
        open_checkout=shop.open,
        change_checkout=shop.change,
        check_address=shop.check_address,
        read_checkout=read,
        quote_delivery=QuoteDelivery(shop.unit_of_work, shop.rates, clock, shop.rules),
        cancel_checkout=CancelCheckout(shop.unit_of_work, clock),
        place_order=shop.place_order,
        buy_now=shop.buy_now,
        confirm_payment=shop.confirm,
        cancel_order=shop.cancel,
        read_order=read_order,
        explain_order=ExplainOrder(read_order, shop.queries, clock),
        return_from_bank=shop.return_from_bank,
        receive_stripe_webhook=ReceiveWebhook(shop.unit_of_work, SignedWebhooks(), clock, SilentNudges()),
        receive_adyen_webhook=ReceiveWebhook(shop.unit_of_work, SignedWebhooks(), clock, SilentNudges()),
        request_refund=shop.request_refund,
        report_shortage=shop.report_shortage,
        put_products=PutProducts(shop.unit_of_work),
        put_discount_code=PutDiscountCode(shop.unit_of_work),
        put_plans=PutPlans(shop.unit_of_work),
        subscribe=shop.subscribe,
        change_plan=shop.change_plan,
        cancel_subscription=shop.cancel_subscription,
        subscription_lists=InMemorySubscriptionLists(shop.storage),
        receive_stock=ReceiveStock(shop.unit_of_work, clock),
        **{name: getattr(shop, name) for name in _OF_CUSTOMERS},
        read_case=shop.read_case,
        assign_case=shop.assign_case,
        resolve_case=shop.resolve_case,
        replay_parked_work=shop.replay_parked_work,
        unit_of_work=shop.unit_of_work,
        queries=shop.queries,
        reconciliations=shop.reconciliations,
        idempotency=InMemoryIdempotencyStore(),
        api_keys=api_keys,
        clock=clock,
        rules=shop.rules,
        error_reports=shop.error_reports,
        storefront_url="https://shop.example",
        health_checks={},
    )
    return Api(shop, use_cases, keys)


def client_of(app: Litestar) -> httpx.AsyncClient:
    """A browser or server that calls this application."""
    transport = httpx.ASGITransport(cast(Any, app))  # both are ASGI, typed differently
    return httpx.AsyncClient(transport=transport, base_url="http://shop")


def problem_of(answer: httpx.Response) -> Any:
    """The problem document of an answer that is one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:fastcart:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"].endswith(".")
    return problem
