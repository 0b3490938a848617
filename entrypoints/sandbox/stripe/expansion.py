"""`expand[]`: an id in an answer replaced by the object that it names."""

from collections.abc import Callable, Iterable
from typing import Final

from entrypoints.sandbox.stripe.account import StripeAccount
from entrypoints.sandbox.stripe.bodies import Body, charge_body, customer_body, intent_body, method_body
from entrypoints.sandbox.stripe.errors import invalid_parameter

_EXPANDABLE: Final = frozenset({"latest_charge", "charge", "payment_intent", "payment_method", "customer"})


def expanded(account: StripeAccount, body: Body, paths: Iterable[str]) -> Body:
    for path in paths:
        _expand(account, body, path.split("."), path)
    return body


def _expand(account: StripeAccount, body: Body, steps: list[str], path: str) -> None:
    step, *rest = steps
    if step == "data" and isinstance(body.get("data"), list):
        for entry in body["data"]:
            _expand(account, entry, rest, path)
        return
    if step not in _EXPANDABLE or step not in body:
        raise invalid_parameter("expand", f"This property cannot be expanded ({path}).")
    if isinstance(body[step], str):
        body[step] = _loaders(account)[step](body[step])
    if rest and isinstance(body[step], dict):
        _expand(account, body[step], rest, path)


def _loaders(account: StripeAccount) -> dict[str, Callable[[str], Body]]:
    return {
        "latest_charge": lambda identifier: charge_body(account.records.charge(identifier)),
        "charge": lambda identifier: charge_body(account.records.charge(identifier)),
        "payment_intent": lambda identifier: intent_body(account.records.intent(identifier)),
        "payment_method": lambda identifier: method_body(account.records.method(identifier)),
        "customer": lambda identifier: customer_body(account.customers.retrieve(identifier)),
    }
