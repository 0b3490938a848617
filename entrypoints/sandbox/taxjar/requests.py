"""Requests as TaxJar takes them: numbers, or numbers in strings; what is missing is refused by its name."""

import re
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from entrypoints.sandbox.taxjar.rates import is_in_state
from entrypoints.sandbox.taxjar.refusals import bad_request

T = TypeVar("T", bound=msgspec.Struct)

_ID: Final = re.compile(r"[A-Za-z0-9_-]+")
_WITH_STATES: Final = frozenset({"US", "CA"})
EXEMPTIONS: Final = frozenset({"wholesale", "government", "marketplace", "other"})


class Line(msgspec.Struct, kw_only=True):
    id: str | int | None = None
    quantity: int = 1
    product_identifier: str | None = None
    description: str | None = None
    product_tax_code: str | None = None
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    sales_tax: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        return self.unit_price * self.quantity - self.discount


class Addressed(msgspec.Struct, kw_only=True):
    """Where to, and from where."""

    to_country: str = ""
    to_zip: str = ""
    to_state: str = ""
    to_city: str | None = None
    to_street: str | None = None
    from_country: str | None = None
    from_zip: str | None = None
    from_state: str | None = None
    from_city: str | None = None
    from_street: str | None = None
    exemption_type: str | None = None

    @property
    def is_exempt(self) -> bool:
        return self.exemption_type in EXEMPTIONS


class TaxesWanted(Addressed, kw_only=True):
    shipping: Decimal | None = None
    amount: Decimal | None = None
    line_items: list[Line] = []


class Transaction(Addressed, kw_only=True):
    """`amount` has the shipping in it, and no tax."""

    transaction_id: str = ""
    transaction_date: str = ""
    transaction_reference_id: str | None = None
    amount: Decimal | None = None
    shipping: Decimal | None = None
    sales_tax: Decimal | None = None
    customer_id: str | None = None
    line_items: list[Line] = []


def decoded(body: bytes, kind: type[T]) -> T:
    """Raises TaxJarRefusal (400)."""
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise bad_request("Unable to parse the request body") from None


def require_taxable(wanted: TaxesWanted) -> None:
    """Raises TaxJarRefusal (400)."""
    _require("to_country", wanted.to_country)
    if wanted.shipping is None:
        raise bad_request("No shipping, required when amount or line items are given")
    _require_place(wanted)
    if wanted.amount is None and not wanted.line_items:
        raise bad_request("No amount or line items given")


def require_reportable(transaction: Transaction, *, is_refund: bool) -> None:
    """Raises TaxJarRefusal (400)."""
    for name in ("transaction_id", "transaction_date", "to_country"):
        _require(name, getattr(transaction, name))
    _require_place(transaction)
    if is_refund:
        _require("transaction_reference_id", transaction.transaction_reference_id)
    for name in ("amount", "shipping", "sales_tax"):
        _require(name, getattr(transaction, name))
    if not _ID.fullmatch(transaction.transaction_id):
        raise bad_request("transaction_id may only contain letters, digits, _ and -")
    if transaction.line_items:
        parts = sum((line.net for line in transaction.line_items), transaction.shipping or Decimal(0))
        if parts != transaction.amount:
            raise bad_request("amount must equal the sum of line items and shipping")


def _require(name: str, given: object) -> None:
    if given is None or given == "":
        raise bad_request(f"No {name}, required")


def _require_place(place: Addressed) -> None:
    if place.to_country == "US":
        _require("to_zip", place.to_zip)
    if place.to_country in _WITH_STATES:
        _require("to_state", place.to_state)
    if place.to_country == "US" and not is_in_state(place.to_state, place.to_zip):
        raise bad_request(f"to_zip {place.to_zip} is not used within to_state {place.to_state}")
