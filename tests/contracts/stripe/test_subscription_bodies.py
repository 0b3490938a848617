"""What Stripe publishes as examples of subscriptions and invoices, and each of its statuses, in our words."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adapters.stripe.subscription_wire import (
    INVOICE_STATES,
    STATES,
    invoice_snapshot,
    subscription_snapshot,
)
from adapters.stripe.wire import AnswerUnreadable
from domain.invoice import InvoiceState
from domain.money import Money
from domain.payment import NextActionKind
from domain.standing import SubscriptionState
from tests.contracts.stripe.specification import Specification, needed
from tests.contracts.vendor_papers import read

pytestmark = needed
EXAMPLES: Final = "fixtures-2023-10-16.json"


def example(resource: str, **changes: object) -> Any:
    body = deepcopy(read("stripe", EXAMPLES)["resources"][resource])
    return {**body, **changes}


def test_stripes_own_subscription_is_read() -> None:
    body = example("subscription", current_period_end=1237246290, metadata={"subscription_id": "sub_x"})
    snapshot = subscription_snapshot(body)
    assert (snapshot.reference, snapshot.state) == (body["id"], SubscriptionState.ACTIVE)
    assert (snapshot.subscription_id, snapshot.ends_at_period_end) == ("sub_x", False)
    assert snapshot.price_reference == body["items"]["data"][0]["price"]["id"]
    assert snapshot.price == Money.of(2000, "USD")
    assert snapshot.period is not None
    assert snapshot.period.since == datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)


def test_a_period_that_has_no_length_is_none() -> None:
    assert subscription_snapshot(example("subscription")).period is None


def test_stripes_own_invoice_is_read() -> None:
    invoice = invoice_snapshot(example("invoice"))
    assert (invoice.state, invoice.total) == (InvoiceState.DRAFT, Money.of(1000, "USD"))
    assert (invoice.paid.minor, invoice.tax.minor, invoice.failed_tries) == (0, 0, 0)


def test_every_status_that_the_specification_knows_has_its_word() -> None:
    schemas = Specification().schemas
    assert set(STATES) == set(schemas["subscription"]["properties"]["status"]["enum"])
    known = {status for status in schemas["invoice"]["properties"]["status"]["enum"] if status}
    assert set(INVOICE_STATES) == known


def test_a_status_that_nobody_knows_changes_nothing() -> None:
    assert subscription_snapshot(example("subscription", status="dreaming")).state is None
    assert invoice_snapshot(example("invoice", status="dreaming")).state is InvoiceState.DRAFT


@pytest.mark.parametrize(
    ("changes", "tries"),
    [
        ({"status": "open", "attempt_count": 3}, 3),
        ({"status": "paid", "attempt_count": 3, "charge": "ch_1"}, 2),
        ({"status": "paid", "attempt_count": 0, "charge": None}, 0),
    ],
)
def test_a_try_that_succeeded_was_not_in_vain(changes: dict[str, object], tries: int) -> None:
    assert invoice_snapshot(example("invoice", **changes)).failed_tries == tries


def test_what_was_paid_outside_stripe_is_not_held_by_it() -> None:
    body = example("invoice", status="paid", amount_paid=1000, paid_out_of_band=True)
    assert invoice_snapshot(body).paid.minor == 0


def test_an_invoice_is_for_the_periods_of_its_lines() -> None:
    body = example("invoice")
    renewal = {**body["lines"]["data"][0], "type": "subscription", "period": {"start": 100, "end": 200}}
    body["lines"]["data"] = [*body["lines"]["data"], renewal]
    invoice = invoice_snapshot(body)
    assert (invoice.bills_from, invoice.bills_until) == (
        datetime.fromtimestamp(100, UTC),
        datetime.fromtimestamp(200, UTC),
    )


def test_the_customer_s_turn_is_told_with_the_payment_that_waits() -> None:
    payment = {**example("payment_intent"), "status": "requires_payment_method", "client_secret": "s"}
    body = example("subscription", status="incomplete", latest_invoice={"payment_intent": payment})
    action = subscription_snapshot(body).next_action
    assert action is not None
    assert (action.kind, action.payload) == (NextActionKind.IN_PAGE, "s")
    assert subscription_snapshot({**body, "status": "active"}).next_action is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"id": "sub_1", "status": "active"},
        {
            "id": "sub_1",
            "status": "active",
            "items": {"data": []},
            "current_period_start": 1,
            "current_period_end": 2,
            "cancel_at_period_end": False,
        },
    ],
)
def test_what_is_no_subscription_is_not_guessed_at(body: object) -> None:
    with pytest.raises(AnswerUnreadable):
        subscription_snapshot(body)
    with pytest.raises(AnswerUnreadable):
        invoice_snapshot(body)
