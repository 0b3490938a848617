"""The running service as a shop: what storefront, merchant's server and shopper's bank do, over HTTP."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from domain.money import Money
from tests.bdd.api_client import ApiClient, amount, money
from tests.bdd.customers import HttpCustomerDesk
from tests.bdd.http_providers import HttpProviders
from tests.bdd.http_service import PAYMENT_WINDOW_SECONDS, QUOTE_SECONDS, Service
from tests.bdd.people import ADDRESSES, EMAIL, NAME, PLENTY
from tests.bdd.shop import (
    STANDARD_DELIVERY,
    Card,
    Cart,
    CartLine,
    Choice,
    Deed,
    DeliveryOffer,
    DeliveryOffers,
    Difference,
    DisputeTurn,
    Goods,
    Matter,
    MoneyBack,
    Need,
    Order,
    Pieces,
    Place,
    Refund,
    Refused,
    Standing,
)

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 20
_LOOK_AGAIN_SECONDS: Final = 0.02
# So often is one address asked for.
_PLACES_TRIES: Final = 2


class HttpShop(HttpProviders):
    """Implements `tests.bdd.shop.Shop`. SKUs and codes end in a suffix of its own: many share the service."""

    def __init__(self, service: Service) -> None:
        self._suffix = uuid.uuid4().hex[:12]
        self._merchant = ApiClient(service.api_url, service.merchant_key)
        self._browser = ApiClient(service.api_url, service.browser_key)
        self._sandbox = ApiClient(service.sandbox_url)
        self._operators = {
            name: ApiClient(service.api_url, key) for name, key in service.operator_keys.items()
        }
        self._titles: dict[str, str] = {}
        self.customers = HttpCustomerDesk(self._merchant, self._suffix, self._sku)
        self._changed_carriers: set[str] = set()
        self._environment, self._flags = service.environment, service.flags
        self._ends = ExitStack()
        for client in (self._merchant, self._browser, self._sandbox, *self._operators.values()):
            self._ends.push(client)
        self._ends.callback(self._calm_carriers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.close()

    # what the merchant does

    def sell(self, title: str, *prices: Money) -> None:
        sku = self._sku(title)
        body = {"title": title, "tax_code": "general", "prices": [amount(price) for price in prices]}
        self._merchant.put(f"/v1/products/{sku}", body)
        if sku not in self._titles:
            self._titles[sku] = title
            self._merchant.post(f"/v1/stock/{sku}/receipts", {"quantity": PLENTY})

    def keep_in_stock(self, title: str, pieces: int) -> None:
        change = pieces - self.pieces(title).free
        self._merchant.post(f"/v1/stock/{self._sku(title)}/receipts", {"quantity": change})

    def give_out_code(self, code: str, percent: int) -> None:
        body = {"title": code, "percent_basis_points": percent * 100}
        self._merchant.put(f"/v1/discount-codes/{self._code(code)}", body)

    def call_off(self, order: Order) -> None:
        self._merchant.post(f"/v1/orders/{order.id}/cancel", {})

    def give_back(self, order: Order, what: MoneyBack) -> None:
        self._merchant.post(f"/v1/orders/{order.id}/refunds", self._asked(order, what))

    def give_back_at_once(self, order: Order, what: MoneyBack, people: int) -> int:
        asked = self._asked(order, what)

        def is_let(_: int) -> bool:
            try:
                self._merchant.post(f"/v1/orders/{order.id}/refunds", asked)
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(people) as crowd:
            return sum(crowd.map(is_let, range(people)))

    def exempt(self, cart: Cart) -> Cart:
        exempted = self._merchant.patch(f"/v1/checkouts/{cart.id}", {"tax_exemption": "wholesale"})
        return self._cart(exempted, cart.token)

    def report_short(self, order: Order, goods: Goods, *, missing: bool) -> None:
        report = {"lines": self._order_lines(order, (goods,)), "write_off": missing}
        self._merchant.post(f"/v1/orders/{order.id}/shortages", report)

    # what carriers do

    def silence(self, carrier: str) -> None:
        """It takes the question, and longer to answer than anybody waits."""
        self._changed_carriers.add(carrier)
        hangs = {"vendor": carrier, "kind": "delay", "delay_ms": 10_000, "times": None}
        self._sandbox.post("/_control/faults", {**hangs, "operation": "rates.list"})

    def raise_rates(self, carrier: str, percent: int) -> None:
        self._changed_carriers.add(carrier)
        self._sandbox.post(f"/_control/carriers/{carrier}", {"percent": percent})

    def let_quotes_run_out(self) -> None:
        over_at = time.monotonic() + QUOTE_SECONDS
        self.until(time.monotonic, lambda now: now >= over_at)

    # what an operator does

    def take_on(self, matter: Matter, by: str, to: str, why: str) -> None:
        asked = {"why": why} | ({"to": to} if to != by else {})
        self._operators[by].post(f"/v1/cases/{matter.id}/assign", asked)

    def decide(self, matter: Matter, choice: Choice, by: str, why: str) -> None:
        decision = {"action": choice.value, "why": why}
        self._operators[by].post(f"/v1/cases/{matter.id}/resolve", decision)

    def would_give_back(self, matter: Matter, choice: Choice) -> Money:
        return money(self._foreseen(matter, choice)["money_back"])

    def would_write_off(self, matter: Matter, choice: Choice) -> Money:
        return money(self._foreseen(matter, choice)["written_off"])

    def compare_books(self, order: Order) -> tuple[Difference, ...]:
        now, day = datetime.now(UTC), timedelta(days=1)
        period = ["--from", f"{now - day:%Y-%m-%d}", "--to", f"{now + 2 * day:%Y-%m-%d}"]
        done = subprocess.run(
            [sys.executable, "-m", "entrypoints.cli.app", "reconcile", *period, "--json"],
            env=dict(self._environment),
            capture_output=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr.decode()
        findings = json.loads(done.stdout)["findings"]
        concerned = (finding for finding in findings if finding["order_id"] == order.id)
        return tuple(Difference(finding["done"]) for finding in concerned)

    def send_again(self, letter: str, by: str, why: str) -> None:
        self._operators[by].post(f"/v1/parked-work/{letter}/replay", {"why": why})

    # what a shopper does

    def open_cart(self, currency: str = "EUR") -> Cart:
        opened = self._browser.post("/v1/checkouts", {"currency": currency})
        return self._cart(opened, opened["client_token"])

    def look_at(self, cart: Cart) -> Cart:
        return self._cart(self._browser.get(f"/v1/checkouts/{cart.id}", token=cart.token), cart.token)

    def put_into_cart(self, cart: Cart, goods: Goods) -> Cart:
        new = {"sku": self._sku(goods.title), "quantity": goods.quantity}
        return self._changed(cart, {"lines": [*self._lines(cart), new]})

    def change_quantity(self, cart: Cart, title: str, quantity: int) -> Cart:
        sku = self._sku(title)
        lines = [line | ({"quantity": quantity} if line["sku"] == sku else {}) for line in self._lines(cart)]
        return self._changed(cart, {"lines": lines})

    def use_code(self, cart: Cart, code: str) -> Cart:
        return self._changed(cart, {"discount_code": self._code(code)})

    def tell_who_and_where(self, cart: Cart, country: str) -> Cart:
        return self._changed(cart, self._who_and_where(country))

    def move_to(self, cart: Cart, place: Place) -> Cart:
        return self._changed(cart, {"shipping_address": {"country": "DE", **asdict(place)}})

    def delivery_offers(self, cart: Cart) -> DeliveryOffers:
        shown = self._browser.get(f"/v1/checkouts/{cart.id}/delivery-options", token=cart.token)
        return DeliveryOffers(
            offers=tuple(
                DeliveryOffer(id=each["id"], amount=money(each["amount"]), is_estimate=each["estimated"])
                for each in shown["options"]
            ),
            notes=frozenset(message["code"] for message in shown["messages"]),
        )

    def choose_delivery(self, cart: Cart, offer_id: str) -> Cart:
        path = f"/v1/checkouts/{cart.id}/delivery"
        choice = {"option_id": offer_id}
        chosen = self._browser.put(path, choice, token=cart.token, version=cart.version)
        return self._cart(chosen, cart.token)

    def place(self, cart: Cart, total: Money) -> Order:
        accepted = {"version": cart.version, "accepted_total": amount(total)}
        placed = self._browser.post(f"/v1/checkouts/{cart.id}/place", accepted, token=cart.token)
        return _order(placed, cart.token)

    def buy_now(self, goods: Goods, country: str, total: Money, card: Card) -> Order:
        purchase = {
            "currency": total.currency.code,
            "lines": [{"sku": self._sku(goods.title), "quantity": goods.quantity}],
            **self._who_and_where(country),
            "delivery_option_id": STANDARD_DELIVERY,
            "accepted_total": amount(total),
            "payment": {"instrument": {"token": card.value}},
        }
        bought = self._merchant.post("/v1/orders", purchase)
        return _order(bought["order"], bought["client_token"])

    def answer_refund(self, order: Order, *, taken: bool) -> None:
        (payment,) = self._provider_payments(order)
        refunds = self._sandbox.get("/_control/state")["stripe"]["refunds"]
        refund = [refund for refund in refunds if refund["payment_intent"] == payment["id"]][-1]
        self._sandbox.post(f"/_control/stripe/refunds/{refund['id']}/{'settle' if taken else 'fail'}")
        expected = "succeeded" if taken else "failed"
        self.until(lambda: self.refunds(order)[-1].standing, lambda standing: standing == expected)

    def give_back_by_hand(self, order: Order, amount: Money) -> None:
        (payment,) = self._provider_payments(order)
        form = {"payment_intent": payment["id"], "amount": str(amount.minor)}
        headers = {"Authorization": f"Bearer {self._environment['STRIPE_SECRET_KEY']}"}
        url = f"{self._environment['STRIPE_BASE_URL']}/v1/refunds"
        httpx.post(url, data=form, headers=headers, trust_env=False).raise_for_status()

    def lose_news(self) -> None:
        # What is on its way already would still arrive, and tell how the payment stands by then.
        self._sandbox.get("/_control/webhooks/quiet", timeout_ms=_PATIENCE_SECONDS * 1_000)
        self._sandbox.put("/_control/webhooks/mischief", {"drop": True})
        self._ends.callback(lambda: self._sandbox.put("/_control/webhooks/mischief", {}))

    def turn_dispute(self, order: Order, turn: DisputeTurn) -> None:
        (payment,) = self._provider_payments(order)
        if turn is DisputeTurn.RAISED:
            self._sandbox.post(f"/_control/stripe/payments/{payment['id']}/dispute")
            return
        disputes = self._sandbox.get("/_control/state")["stripe"]["disputes"]
        (dispute,) = [dispute for dispute in disputes if dispute["payment_intent"] == payment["id"]]
        verdict = "win" if turn is DisputeTurn.WON else "lose"
        self._sandbox.post(f"/_control/stripe/disputes/{dispute['id']}/{verdict}")

    def take_letters(self, *, taken: bool) -> None:
        path = f"/_control/mailbox/refused/{self._email}"
        if taken:
            self._sandbox.delete(path)
        else:
            self._sandbox.post(path)

    def keep_places_away(self) -> None:
        away = {"vendor": "google_maps", "kind": "500", "times": _PLACES_TRIES}
        self._sandbox.post("/_control/faults", away)

    def let_tax_service_talk_nonsense(self) -> None:
        self._sandbox.post("/_control/taxjar/nonsense", {"way": "negative", "times": None})
        self._ends.callback(lambda: self._sandbox.post("/_control/taxjar/nonsense", {"way": None}))

    def let_time_run_out(self, order: Order) -> None:
        over_at = time.monotonic() + PAYMENT_WINDOW_SECONDS
        self.until(time.monotonic, lambda now: now >= over_at)

    # what can be seen

    def wait_for_rest(self, order: Order) -> None:
        """Every webhook has arrived, and the order's next step, if there is one, lies in the future."""
        self._sandbox.get("/_control/webhooks/quiet", timeout_ms=_PATIENCE_SECONDS * 1_000)
        waiting = self.until(lambda: self._timeline(order)["waiting"], _is_at_rest)
        assert _is_at_rest(waiting), f"the order never came to rest: {waiting}"

    def order(self, order: Order) -> Order:
        return _order(self._browser.get(f"/v1/orders/{order.id}", token=order.token), order.token)

    def orders_of(self, cart: Cart) -> frozenset[str]:
        newest = self._merchant.get("/v1/orders", limit=100)["items"]
        orders = (self._merchant.get(f"/v1/orders/{row['id']}") for row in newest)
        return frozenset(order["id"] for order in orders if order["checkout_id"] == cart.id)

    def pieces(self, title: str) -> Pieces:
        level = self._merchant.get(f"/v1/stock/{self._sku(title)}")
        return Pieces(held=level["held"], sold=level["sold"], free=level["free"])

    def books(self, order: Order) -> Mapping[str, Money]:
        return {row["account"]: money(row["balance"]) for row in self._timeline(order)["balances"]}

    def story(self, order: Order) -> tuple[str, ...]:
        return tuple(event["kind"] for event in self._timeline(order)["events"])

    def deeds(self, order: Order) -> tuple[Deed, ...]:
        told = (event for event in self._timeline(order)["events"] if event["by"] is not None)
        return tuple(Deed(kind=event["kind"], by=event["by"], why=event["why"]) for event in told)

    def matters(self, order: Order) -> tuple[Matter, ...]:
        states = ["open", "assigned", "resolved"]
        listed = self._merchant.get("/v1/cases", order_id=order.id, state=states)["items"]
        read = (self._merchant.get(f"/v1/cases/{case['id']}") for case in listed)
        return tuple(
            Matter(
                id=case["id"],
                keeper=case["assigned_to"],
                choices=frozenset(Choice(action) for action in case["can_be_done"]),
                answer_days=_days_between(case["opened_at"], case["evidence_due_by"]),
                ended_by=_ended_by(case["resolution"]),
            )
            for case in read
        )

    def declined_payments(self, order: Order, reason: str) -> int:
        found = self._merchant.get("/v1/payments", order_id=order.id, decline_reason=reason)
        return len(found["items"])

    def put_aside(self, order: Order) -> tuple[str, ...]:
        parked = self._merchant.get("/v1/parked-work", limit=100)["items"]
        return tuple(work["id"] for work in parked if work["order_id"] == order.id)

    def address_outcome(self, order: Order) -> str | None:
        events = self._timeline(order)["events"]
        return next((event["detail"] for event in events if event["kind"] == "address_checked"), None)

    def refunds(self, order: Order) -> tuple[Refund, ...]:
        refunds = self._browser.get(f"/v1/orders/{order.id}/refunds", token=order.token)["items"]
        return tuple(Refund(amount=money(row["amount"]), standing=row["status"]) for row in refunds)

    def reported_taxes(self, order: Order) -> tuple[Money, Money]:
        books = self._sandbox.get("/_control/taxjar/transactions")

        def tax_of(key: str) -> Money:
            taxes = (Decimal(record["sales_tax"]) for record in books if record[key] == order.id)
            return Money(minor=abs(int(sum(taxes) * 100)), currency=order.total.currency)

        return tax_of("transaction_id"), tax_of("transaction_reference_id")

    def confirmations(self, order: Order) -> int:
        letters = self._sandbox.get("/_control/mailbox", to=self._email)
        return sum(order.id in letter["subject"] for letter in letters)

    def until(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        seen = read()
        while not holds(seen) and time.monotonic() < give_up_at:
            time.sleep(_LOOK_AGAIN_SECONDS)
            seen = read()
        return seen

    # how it is done

    def _calm_carriers(self) -> None:
        """The next scenario finds them as they always are."""
        for carrier in self._changed_carriers:
            self._sandbox.post(f"/_control/carriers/{carrier}", {"percent": 100})
        for fault in self._sandbox.get("/_control/faults") if self._changed_carriers else ():
            if fault["vendor"] in self._changed_carriers:
                self._sandbox.delete(f"/_control/faults/{fault['id']}")

    @property
    def _email(self) -> str:
        return EMAIL.replace("@", f"+{self._suffix}@")

    def _sku(self, title: str) -> str:
        return f"{title.replace(' ', '-').upper()}-{self._suffix}"

    def _code(self, code: str) -> str:
        return f"{code}-{self._suffix}"

    def _who_and_where(self, country: str) -> dict[str, Any]:
        return {
            "email": self._email,
            "name": NAME,
            "shipping_address": {"country": country, **ADDRESSES[country]},
        }

    def _lines(self, cart: Cart) -> list[dict[str, Any]]:
        return [
            {"id": line.id, "sku": self._sku(line.goods.title), "quantity": line.goods.quantity}
            for line in cart.lines
        ]

    def _changed(self, cart: Cart, patch: dict[str, Any]) -> Cart:
        path = f"/v1/checkouts/{cart.id}"
        changed = self._browser.patch(path, patch, token=cart.token, version=cart.version)
        return self._cart(changed, cart.token)

    def _asked(self, order: Order, what: MoneyBack) -> dict[str, Any]:
        asked = {
            "lines": self._order_lines(order, what.goods),
            "delivery": what.delivery,
            "restock": self._order_lines(order, what.put_back),
        }
        return asked | ({"amount": amount(what.amount)} if what.amount is not None else {})

    def _order_lines(self, order: Order, goods: tuple[Goods, ...]) -> list[dict[str, Any]]:
        lines = self._merchant.get(f"/v1/orders/{order.id}")["lines"]
        ids = {line["sku"]: line["id"] for line in lines}
        return [{"line_id": ids[self._sku(named.title)], "quantity": named.quantity} for named in goods]

    def _foreseen(self, matter: Matter, choice: Choice) -> Any:
        return self._merchant.get(f"/v1/cases/{matter.id}/preview", action=choice.value)

    def _timeline(self, order: Order) -> Any:
        return self._merchant.get(f"/v1/orders/{order.id}/timeline")

    def _cart(self, checkout: Any, token: str) -> Cart:
        return Cart(
            id=checkout["id"],
            token=token,
            version=checkout["version"],
            lines=tuple(
                CartLine(
                    id=line["id"],
                    goods=Goods(title=line["title"], quantity=line["quantity"]),
                    discount=money(line["discount"]),
                )
                for line in checkout["lines"]
            ),
            needs=frozenset(_need(m, checkout) for m in checkout["messages"] if _blocks(m)),
            remarks=frozenset(m["code"] for m in checkout["messages"] if not _blocks(m)),
            suggested=_suggested(checkout["address_check"]),
            is_ready=checkout["state"] == "ready",
            totals=tuple((row["type"], money(row["amount"])) for row in checkout["totals"]),
            total=money(checkout["total"]),
        )


def _blocks(message: Any) -> bool:
    return message["severity"] in {"requires_buyer_input", "final"}


def _suggested(check: Any) -> Place | None:
    suggested = check["suggested_address"] if check else None
    return Place(**{name: suggested[name] for name in ("line1", "postcode", "city")}) if suggested else None


def _need(message: Any, checkout: Any) -> Need:
    """A message's path is a JSON pointer: `/lines/0/quantity` is about the first line."""
    place = message["path"].split("/")[1:]
    title = checkout["lines"][int(place[1])]["title"] if place[0] == "lines" and len(place) > 1 else None
    return Need(code=message["code"], title=title)


def _order(order: Any, token: str) -> Order:
    payment = order["payment"] or {}
    decline = payment.get("decline")
    return Order(
        id=order["id"],
        token=token,
        standing=Standing(order["status"]),
        total=money(order["total"]),
        declined=decline["reason"] if decline else None,
    )


def _is_at_rest(waiting: Any) -> bool:
    until = waiting["until"]
    return until is None or datetime.fromisoformat(until) > datetime.now(UTC)


def _days_between(since: str, until: str | None) -> int | None:
    if until is None:
        return None
    return round((datetime.fromisoformat(until) - datetime.fromisoformat(since)) / timedelta(days=1))


def _ended_by(resolution: Any) -> str | None:
    return resolution["why"] if resolution is not None and resolution["action"] is None else None
