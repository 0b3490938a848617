"""Ids, SKUs and cursors from paths and queries: checked by shape before anything is asked."""

from typing import Annotated, Final

from litestar.params import QueryParameter

from domain.errors import (
    FieldRefused,
    UnknownCase,
    UnknownCheckout,
    UnknownCustomer,
    UnknownOrder,
    UnknownParkedWork,
    UnknownSubscription,
)
from domain.identifiers import (
    CaseId,
    CheckoutId,
    CustomerId,
    InvoiceId,
    OrderId,
    PaymentId,
    PlanId,
    ReconciliationId,
    Sku,
    SubscriptionId,
    is_prefixed,
)
from entrypoints.http.problems import INVALID_QUERY, Answer, Refused
from entrypoints.http.structs.problems import FieldProblem
from ports.queries import PaymentPlace, PaymentSummary

_LONGEST_SKU: Final = 64
_WORK: Final = ("whk", "msg")
Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many at the most.")]
After = Annotated[str | None, QueryParameter(max_length=64, description="The `next` of the page before.")]


def checkout_id_of(text: str) -> CheckoutId:
    """Raises UnknownCheckout for what is no checkout's id."""
    if not is_prefixed(text, "chk"):
        raise UnknownCheckout(checkout_id=text)
    return CheckoutId(text)


def order_id_of(text: str) -> OrderId:
    """Raises UnknownOrder for what is no order's id."""
    if not is_prefixed(text, "ord"):
        raise UnknownOrder(order_id=text)
    return OrderId(text)


def customer_id_of(text: str) -> CustomerId:
    """Raises UnknownCustomer for what is no customer's id."""
    if not is_prefixed(text, "cus"):
        raise UnknownCustomer(customer_id=text)
    return CustomerId(text)


def case_id_of(text: str) -> CaseId:
    """Raises UnknownCase for what is no case's id."""
    if not is_prefixed(text, "case"):
        raise UnknownCase(case_id=text)
    return CaseId(text)


def subscription_id_of(text: str) -> SubscriptionId:
    """Raises UnknownSubscription for what is no subscription's id."""
    if not is_prefixed(text, "sub"):
        raise UnknownSubscription(subscription_id=text)
    return SubscriptionId(text)


def work_id_of(text: str) -> str:
    """A webhook's id, or a message's. Raises UnknownParkedWork for anything else."""
    if not any(is_prefixed(text, prefix) for prefix in _WORK):
        raise UnknownParkedWork(work_id=text)
    return text


def known_sku(text: str, otherwise: Answer) -> Sku:
    """Raises Refused with the given answer for what no SKU looks like."""
    if not _is_storable(text):
        raise Refused(otherwise)
    return Sku(text)


def known_plan(text: str, otherwise: Answer) -> PlanId:
    """Raises Refused with the given answer for what no plan's id looks like."""
    if not _is_storable(text):
        raise Refused(otherwise)
    return PlanId(text)


def new_name(text: str, path: str) -> str:
    """A SKU or code that is about to be stored. Raises FieldRefused."""
    if not _is_storable(text) or text != text.strip():
        raise FieldRefused(path=path, rule=f"1 to {_LONGEST_SKU} printable characters")
    return text


def order_cursor(after: str | None) -> OrderId | None:
    if after is None:
        return None
    if not is_prefixed(after, "ord"):
        raise _bad_cursor()
    return OrderId(after)


def reconciliation_cursor(after: str | None) -> ReconciliationId | None:
    if after is None:
        return None
    if not is_prefixed(after, "rec"):
        raise _bad_cursor()
    return ReconciliationId(after)


def customer_cursor(after: str | None) -> CustomerId | None:
    if after is not None and not is_prefixed(after, "cus"):
        raise _bad_cursor()
    return CustomerId(after) if after is not None else None


def case_cursor(after: str | None) -> CaseId | None:
    if after is not None and not is_prefixed(after, "case"):
        raise _bad_cursor()
    return CaseId(after) if after is not None else None


def payment_cursor(after: str | None) -> PaymentPlace | None:
    if after is None:
        return None
    order_id, _, payment_id = after.partition(".")
    if not is_prefixed(order_id, "ord") or not is_prefixed(payment_id, "pay"):
        raise _bad_cursor()
    return PaymentPlace(order_id=OrderId(order_id), payment_id=PaymentId(payment_id))


def payment_cursor_of(payment: PaymentSummary) -> str:
    """What `payment_cursor` reads: those behind this payment."""
    return f"{payment.order_id}.{payment.id}"


def plan_cursor(after: str | None) -> PlanId | None:
    if after is not None and not _is_storable(after):
        raise _bad_cursor()
    return PlanId(after) if after is not None else None


def subscription_cursor(after: str | None) -> SubscriptionId | None:
    if after is not None and not is_prefixed(after, "sub"):
        raise _bad_cursor()
    return SubscriptionId(after) if after is not None else None


def invoice_cursor(after: str | None) -> InvoiceId | None:
    if after is not None and not is_prefixed(after, "inv"):
        raise _bad_cursor()
    return InvoiceId(after) if after is not None else None


def work_cursor(after: str | None) -> str | None:
    if after is not None and not any(is_prefixed(after, prefix) for prefix in _WORK):
        raise _bad_cursor()
    return after


def sku_cursor(after: str | None) -> str | None:
    if after is not None and not _is_storable(after):
        raise _bad_cursor()
    return after


def _is_storable(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_SKU and text.isprintable()


def _bad_cursor() -> Refused:
    return Refused(INVALID_QUERY, FieldProblem("?after", "the next of the page before"))
