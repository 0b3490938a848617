"""`expand[]`: an id in an answer replaced by the object that it names."""

from collections.abc import Callable, Iterable
from typing import Final

from entrypoints.sandbox.stripe.account import StripeAccount
from entrypoints.sandbox.stripe.bodies import charge_body, intent_body
from entrypoints.sandbox.stripe.errors import invalid_parameter
from entrypoints.sandbox.stripe.method_bodies import Body, customer_body, method_body
from entrypoints.sandbox.stripe.parameters import Parameters
from entrypoints.sandbox.stripe.subscription_bodies import invoice_body

_EXPANDABLE: Final = frozenset(
    {"latest_charge", "charge", "payment_intent", "payment_method", "customer", "latest_invoice"}
)


def read_paths(parameters: Parameters) -> tuple[str, ...]:
    """Refuses a wrong path before anything is done."""
    paths = parameters.texts("expand")
    for path in paths:
        if not {*path.split(".")} <= {"data", *_EXPANDABLE}:
            raise invalid_parameter("expand", f"This property cannot be expanded ({path}).")
    return paths


def expanded(account: StripeAccount, body: Body, paths: Iterable[str]) -> Body:
    for path in paths:
        _expand(account, body, path.split("."))
    return body


def _expand(account: StripeAccount, body: Body, steps: list[str]) -> None:
    step, *rest = steps
    if step == "data" and rest and isinstance(body.get("data"), list):
        for entry in body["data"]:
            _expand(account, entry, rest)
    elif step in _EXPANDABLE and isinstance(body.get(step), str):
        body[step] = _loaders(account)[step](body[step])
    if rest and isinstance(body.get(step), dict):
        _expand(account, body[step], rest)


def _loaders(account: StripeAccount) -> dict[str, Callable[[str], Body]]:
    return {
        "latest_charge": lambda identifier: charge_body(account.records.charge(identifier)),
        "charge": lambda identifier: charge_body(account.records.charge(identifier)),
        "payment_intent": lambda identifier: intent_body(account.records.intent(identifier)),
        "payment_method": lambda identifier: method_body(account.records.method(identifier)),
        "customer": lambda identifier: customer_body(account.customers.retrieve(identifier)),
        "latest_invoice": lambda identifier: invoice_body(account.invoices.retrieve(identifier)),
    }
