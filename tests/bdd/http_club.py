"""The running service's club: the merchant's server over HTTP, and the provider's desk at the sandbox."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from domain.money import Money
from tests.bdd.api_client import ApiClient, amount, money
from tests.bdd.club import Membership
from tests.bdd.people import NAME

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 20
_LOOK_AGAIN_SECONDS: Final = 0.05
_WORKS: Final = "pm_card_visa"
_FAILS: Final = "pm_card_chargeCustomerFail"
_SECRET: Final = {"Authorization": "Bearer sk_test_sandbox"}


class HttpClub:
    """Implements `tests.bdd.club.Club`. Plans and the customer's address carry a suffix of their own."""

    def __init__(self, merchant: ApiClient, sandbox: ApiClient, suffix: str) -> None:
        self._merchant = merchant
        self._sandbox = sandbox
        self._suffix = suffix
        self._email = f"subscriber.{suffix}@example.com"
        self._customer: Any = None
        self._subscription: Any = None
        self._currency = "EUR"

    def sell_plan(self, title: str, price: Money) -> None:
        self._currency = price.currency.code
        at_stripe = self._at_stripe(
            "/prices",
            {
                "unit_amount": str(price.minor),
                "currency": self._currency.lower(),
                "recurring[interval]": "month",
                "product_data[name]": title,
            },
        )
        reference = {"provider": "stripe", "currency": self._currency, "reference": at_stripe["id"]}
        body = {"title": title, "prices": [amount(price)], "interval": "month"}
        self._merchant.put(f"/v1/plans/{self._plan_id(title)}", {**body, "provider_prices": [reference]})

    def register(self) -> None:
        self._customer = self._merchant.post("/v1/customers", {"email": self._email, "name": NAME})

    def subscribe(self, title: str, *, card_works: bool) -> None:
        body = {
            "customer_id": self._customer["id"],
            "plan_id": self._plan_id(title),
            "currency": self._currency,
            "instrument": {"token": self._card(_WORKS if card_works else _FAILS)},
        }
        self._subscription = self._merchant.post("/v1/subscriptions", body)

    def go_over(self, title: str) -> None:
        self._merchant.post(f"{self._path}/plan", {"plan_id": self._plan_id(title)})

    def cancel(self, when: str) -> None:
        self._merchant.post(f"{self._path}/cancel", {"when": when})

    def break_card(self) -> None:
        self._desk("payment_method", {"method": _FAILS})

    def pay_with_another_card(self) -> None:
        self._desk("payment_method", {"method": _WORKS})
        self._desk("retry")

    def end_month(self) -> None:
        self._desk("bill")

    def end_at_provider(self) -> None:
        self._desk("end")

    def let_grace_run_out(self) -> None:
        self._until(self.membership, lambda seen: seen.grants == "none")

    def membership(self) -> Membership:
        seen = self._merchant.get(self._path)
        return Membership(plan=seen["terms"]["title"], state=seen["state"], grants=seen["entitlement"])

    def collected(self) -> Money:
        balances = self._merchant.get(f"{self._path}/timeline")["balances"]
        held = [money(each["balance"]) for each in balances if each["account"] == "provider"]
        return held[0] if held else Money.of(0, self._currency)

    def grants_nothing(self) -> bool:
        return self._until(self.membership, lambda seen: seen.grants == "none").grants == "none"

    def letters(self, about: str) -> int:
        def read() -> int:
            letters = self._sandbox.get("/_control/mailbox", to=self._email)
            return sum(about in letter["subject"] for letter in letters)

        return self._until(read, bool)

    def settles(self, holds: Membership) -> Membership:
        return self._until(self.membership, holds.__eq__)

    def settles_at(self, collected: Money) -> Money:
        return self._until(self.collected, collected.__eq__)

    @property
    def _path(self) -> str:
        return f"/v1/subscriptions/{self._subscription['id']}"

    def _plan_id(self, title: str) -> str:
        return f"{title}-{self._suffix}"

    def _card(self, token: str) -> str:
        """The customer saves it at the provider."""
        (account,) = self._customer["accounts"]
        attached = self._at_stripe(f"/payment_methods/{token}/attach", {"customer": account["reference"]})
        return str(attached["id"])

    def _desk(self, act: str, body: object = None) -> None:
        reference = self._merchant.get(self._path)["reference"]
        self._sandbox.post(f"/_control/stripe/subscriptions/{reference}/{act}", body)

    def _at_stripe(self, path: str, form: dict[str, str]) -> Any:
        answer = self._sandbox._http.post(f"/stripe/v1{path}", data=form, headers=_SECRET)
        return answer.raise_for_status().json()

    def _until(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not holds(seen := read()) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN_SECONDS)
        return seen
