"""What PostgreSQL's refusals mean: by the constraint's name, by SQLSTATE class, by what became of the
connection.

Everything not named here is a defect of ours and stays what it is.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Final

import asyncpg

from ports.errors import (
    CheckoutHasOrder,
    ConcurrentChange,
    EmailInUse,
    OutcomeUnknown,
    PortError,
    ProviderAccountInUse,
    Unavailable,
)

CONSTRAINTS: Final[dict[str, Callable[[], PortError]]] = {
    "orders_one_a_checkout": CheckoutHasOrder,
    "customers_one_an_email": EmailInUse,
    "customer_accounts_one_a_reference": ProviderAccountInUse,
    # Two runners wrote the same thing at once: look again.
    "checkouts_pkey": ConcurrentChange,
    "customers_pkey": ConcurrentChange,
    "payments_one_a_reference": ConcurrentChange,
    "cases_one_unresolved_a_reason_and_subject": ConcurrentChange,
    "subscriptions_one_an_id": ConcurrentChange,
    "subscriptions_one_a_reference": ConcurrentChange,
}

# No use of the ports leads to these; one that is violated is a defect, and the transaction is rolled back.
DEFECTS: Final = frozenset(
    {
        "api_keys_one_a_hash",
        "api_keys_pkey",
        "attempts_pkey",
        "attempts_tries_positive",
        "cases_decided_are_resolved",
        "cases_of_an_order",
        "cases_one_an_id",
        "cases_pkey",
        "customer_accounts_of_a_customer",
        "customer_accounts_pkey",  # written over
        "customers_email_has_mailbox",
        "delivery_quotes_pkey",  # written over
        "discount_codes_amount_has_currency",
        "discount_codes_pkey",
        "disputes_amount_positive",
        "disputes_of_a_payment",
        "disputes_one_a_reference",
        "disputes_pkey",
        "idempotency_keys_pkey",
        "inbox_one_an_event",
        "inbox_pkey",
        "invoices_of_a_subscription",
        "invoices_pkey",  # written over
        "known_tax_rates_pkey",  # written over
        "provider_answers_pkey",  # kept once
        "order_lines_add_up",
        "order_lines_of_an_order",
        "order_lines_pkey",
        "order_lines_quantity_positive",
        "order_log_pkey",
        "orders_one_an_id",
        "orders_pkey",
        "orders_total_not_negative",
        "orders_wake_in_time",
        "outbox_about_one_of_them",
        "outbox_pkey",
        "payments_amount_not_negative",
        "payments_captured_not_negative",
        "payments_of_an_order",
        "payments_pkey",
        "plans_pkey",  # written over
        "products_pkey",
        "reconciliations_pkey",
        "refunds_amount_positive",
        "refunds_of_a_payment",
        "refunds_pkey",
        "reservations_of_an_order",
        "reservations_pkey",
        "shortages_of_an_order",
        "shortages_pkey",
        "slots_pkey",
        "stock_held_not_negative",
        "stock_never_oversold",
        "stock_pkey",
        "stock_receipts_pkey",  # a receipt that is there is not written again
        "stock_sold_not_negative",
        "subscription_log_pkey",
        "subscriptions_of_a_customer",
        "subscriptions_pkey",
    }
)

# By SQLSTATE, the longest prefix wins: five characters name one condition, two a class.
_UNAVAILABLE_STATES: Final = (
    "08",  # connection exceptions
    "25006",  # read only: connected to a standby after a failover
    "25P03",  # idle in transaction for too long
    "25P04",  # transaction took too long
    "28",  # not let in
    "3D000",  # no such database (yet)
    "53",  # out of connections, memory, disk
    "55P03",  # a lock was not to be had in time
    "57",  # shut down, starting up, cancelled
    "58",  # input/output errors
)
_TRY_ANEW_STATES: Final = ("40",)  # serialization failure, deadlock

# TimeoutError is an OSError too.
_FROM_ASYNCPG: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
_CONNECTION_LOST: Final = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def translated(error: Exception) -> PortError | None:
    """The port's word for an error before COMMIT was sent, when certainly nothing happened; None for a
    defect.
    """
    if isinstance(error, asyncpg.PostgresError):
        constraint = getattr(error, "constraint_name", None)
        if constraint in CONSTRAINTS:
            return CONSTRAINTS[constraint]()
        state = getattr(error, "sqlstate", None) or ""
        if state.startswith(_TRY_ANEW_STATES):
            return ConcurrentChange()
        return Unavailable(type(error).__name__) if state.startswith(_UNAVAILABLE_STATES) else None
    if isinstance(error, ValueError):  # a client-side refusal of an argument: ours
        return None
    return Unavailable(type(error).__name__) if isinstance(error, _CONNECTION_LOST) else None


def translated_at_commit(error: Exception) -> PortError | None:
    """The same once COMMIT was sent: without an answer nobody knows whether it took effect."""
    meaning = translated(error)
    return OutcomeUnknown(meaning.reason) if isinstance(meaning, Unavailable) else meaning


class translating:  # noqa: N801 - reads as a word at its place: `with translating():`
    """Turns what asyncpg raises inside into errors of the ports."""

    __slots__ = ("_meaning_of",)

    def __init__(self, meaning_of: Callable[[Exception], PortError | None] = translated) -> None:
        self._meaning_of = meaning_of

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        if isinstance(error, _FROM_ASYNCPG) and (meaning := self._meaning_of(error)) is not None:
            raise meaning from error
