"""`fastcart payments`: what payments came to, and how the providers do, without any vendor's key."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.attempt import Operation
from domain.identifiers import PaymentId
from domain.order_facts import OrderFacts
from domain.payment import Decline, DeclineReason, PaymentState
from domain.values import replace
from tests.builders import a_dispute, a_payment, a_snapshot, an_attempt, an_order
from tests.cli.conftest import Run

LACKS = Decline(reason=DeclineReason.INSUFFICIENT_FUNDS, code="insufficient_funds")


@pytest.fixture
def shop(new_database_url: Callable[[], str]) -> tuple[str, PaymentId, PaymentId]:
    """A database with a payment that was captured, and one whose card was declined."""
    url, orders = new_database_url(), (an_order(), an_order())
    paid = a_payment(orders[0], state=PaymentState.CAPTURED)
    declined = a_payment(orders[1], state=PaymentState.AWAITING_METHOD)
    told = OrderFacts(order=orders[1], payments=(declined,)).payment_observed(
        declined.id,
        a_snapshot(declined.amount, state=PaymentState.AWAITING_METHOD, reference="pi_2", decline=LACKS),
        declined.created_at,
    )
    asyncio.run(keep(url, OrderFacts(order=orders[0], payments=(paid,)), told))
    return url, paid.id, declined.id


async def keep(url: str, *orders: OrderFacts) -> None:
    async with open_pool(url, 2) as pool:
        for facts in orders:
            async with PostgresUnitOfWork(pool) as uow:
                await uow.orders.add(facts, None)
                await uow.commit()


def test_payments_are_listed_by_what_became_of_them(shop: tuple[str, PaymentId, PaymentId], run: Run) -> None:
    url, paid, declined = shop
    everything = run("payments", "list", DATABASE_URL=url)
    assert everything.code == 0
    assert paid in everything.out
    assert declined in everything.out
    lacking = run("payments", "list", "--declined", "insufficient-funds", DATABASE_URL=url)
    assert declined in lacking.out
    assert paid not in lacking.out
    for chosen in ("--provider", "elsewhere"), ("--state", "voided"), ("--to", "2020-01-01"):
        assert run("payments", "list", *chosen, DATABASE_URL=url).told == "No such payments."


def test_providers_are_counted(shop: tuple[str, PaymentId, PaymentId], run: Run) -> None:
    url, *_ = shop
    ever = ("--from", "2020-01-01", "--to", "2100-01-01")
    told = run("payments", "stats", *ever, DATABASE_URL=url).told
    for line in ("Payments │ 2", "Success rate │ 50.0%", "Declines: insufficient funds │ 1"):
        assert line in told, told
    nothing = run("payments", "stats", "--from", "2020-01-01", "--to", "2020-01-02", DATABASE_URL=url)
    assert nothing.told == "No payments, refunds or disputes."
    backwards = run("payments", "stats", "--from", "2020-01-02", "--to", "2020-01-01", DATABASE_URL=url)
    assert (backwards.code, backwards.told) == (2, "There is no such period: later than since.")


def test_two_providers_stand_beside_each_other(new_database_url: Callable[[], str], run: Run) -> None:
    orders = an_order(), an_order()
    cases = zip(orders, ("stripe", "adyen"), (40, 700), (1, 2), strict=True)
    kept = []
    for order, provider, milliseconds, disputes in cases:
        payment = a_payment(order, provider=provider, state=PaymentState.CAPTURED)
        attempt, began = an_attempt(payment, operation=Operation.CAPTURE), payment.created_at
        facts = OrderFacts(order=order, payments=(payment,)).attempt_started(attempt, began)
        facts = facts.attempt_ended(attempt.succeeded(), began + timedelta(milliseconds=milliseconds))
        kept.append(replace(facts, disputes=tuple(a_dispute(payment) for _ in range(disputes))))
    lost = an_order()
    declined = a_payment(lost, provider="adyen", state=PaymentState.AWAITING_METHOD)
    told = a_snapshot(
        declined.amount, state=PaymentState.AWAITING_METHOD, reference=declined.id, decline=LACKS
    )
    facts = OrderFacts(order=lost, payments=(declined,))
    kept.append(facts.payment_observed(declined.id, told, declined.created_at))
    asyncio.run(keep(url := new_database_url(), *kept))
    shown = run("payments", "stats", "--from", "2020-01-01", "--to", "2100-01-01", DATABASE_URL=url).told
    for line in (
        *("adyen ┃ stripe", "Payments │ 2 │ 1", "Success rate │ 50.0% │ 100.0%"),
        *("Declines: insufficient funds │ 1 │ 0", "Open disputes │ 2 │ 1"),
        *("Half within │ 700 ms │ 40 ms", "95 % within │ 700 ms │ 40 ms"),
    ):
        assert line in shown, shown
