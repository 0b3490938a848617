"""`fastcart payments`: what payments came to, and how the providers do, without any vendor's key."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.attempt import Operation
from domain.identifiers import PaymentId
from domain.order_facts import OrderFacts
from domain.payment import Decline, DeclineReason, PaymentState
from domain.values import replace
from tests.builders import NOW, a_dispute, a_payment, a_snapshot, an_attempt, an_order
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


def output_of(command: list[str], url: str, stdout: int) -> subprocess.Popen[str]:
    # Without COLUMNS: it would say how wide the terminal is.
    settings = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "TERM": "xterm"}
    return subprocess.Popen(
        [sys.executable, "-m", "entrypoints.cli.app", *command], env=settings, stdout=stdout, text=True
    )


def test_a_pipe_gets_a_line_for_each_payment_that_grep_finds_whole(
    shop: tuple[str, PaymentId, PaymentId],
) -> None:
    url, paid, declined = shop
    with output_of(["payments", "list"], url, subprocess.PIPE) as listing:
        out, _ = listing.communicate(timeout=60)
    (line,) = (line for line in out.splitlines() if "captured" in line)
    assert paid in line
    assert "ord_" in line
    assert f"{NOW:%Y-%m-%d %H:%M}" in line
    (other,) = (line for line in out.splitlines() if declined in line)
    assert "insufficient funds (insufficient funds)" in other
    assert "…" not in out


def test_a_terminal_of_eighty_columns_cuts_no_id_and_no_date(shop: tuple[str, PaymentId, PaymentId]) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
    with output_of(["payments", "list"], shop[0], theirs) as listing:
        os.close(theirs)
        out = read_all(ours)
    assert listing.returncode == 0
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    for word in (*shop[1:], f"{NOW:%Y-%m-%d %H:%M}", "captured", "insufficient"):
        assert word in out, out


def read_all(terminal: int) -> str:
    """Until nobody writes there any more, which Linux tells as an error."""
    told = b""
    with suppress(OSError):
        while some := os.read(terminal, 65_536):
            told += some
    os.close(terminal)
    return re.sub(r"\x1b\[[0-9;]*m", "", told.decode())


def test_providers_are_counted(shop: tuple[str, PaymentId, PaymentId], run: Run) -> None:
    url, *_ = shop
    ever = ("--from", "2020-01-01", "--to", "2100-01-01")
    told = run("payments", "stats", *ever, DATABASE_URL=url).told
    for line in ("Payments │ 2", "Success rate │ 50.0%", "Declines: insufficient funds │ 1"):
        assert line in told, told
    nothing = run("payments", "stats", "--from", "2020-01-01", "--to", "2020-01-02", DATABASE_URL=url)
    assert nothing.told == "No payments, refunds or disputes."
    for counted_or_listed in ("stats", "list"):
        backwards = ("--from", "2020-01-02", "--to", "2020-01-01")
        said = run("payments", counted_or_listed, *backwards, DATABASE_URL=url)
        assert (said.code, said.told) == (2, "--to must be later than --from.")
    to_come = run("payments", "stats", "--from", "2100-01-01", DATABASE_URL=url)
    assert (to_come.code, to_come.told) == (2, "--from must be in the past, or --to later.")


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
