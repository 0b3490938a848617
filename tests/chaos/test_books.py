"""The verdict can fail: books that agree pass, and each invariant names what contradicts it."""

from dataclasses import replace

import pytest

from tests.chaos.books import (
    INVARIANTS,
    Books,
    Letter,
    OrderBook,
    ProviderPayment,
    Shelf,
    Work,
    violations,
)
from tests.chaos.goods import Line
from tests.chaos.keepers import Keeper
from tests.chaos.purchase import Ending, Purchase
from tests.chaos.report import print_verdict

ORDER = OrderBook(
    order_id="ord_1",
    email="a@example.com",
    status="paid",
    total=4_374,
    lines=[Line("TEA", 2)],
    journal_provider=4_374,
    journal_shopper=0,
    tax=324,
    delivery=1_650,
)
PAYMENT = ProviderPayment(reference="pi_1", order_id="ord_1", status="succeeded", received=4_374, refunded=0)
SHELF = Shelf(sku="TEA", delivered=10, received=10, held=0, sold=2, free=8)
LETTER = Letter(to="a@example.com", subject="Your order ord_1")
PURCHASE = Purchase(
    story="pays",
    email="a@example.com",
    lines=ORDER.lines,
    started_at=0.0,
    ending=Ending.PAID,
    order_id="ord_1",
    promised={"awaiting_payment", "processing", "paid"},
)
AGREEING = Books(
    orders=[ORDER],
    payments=[PAYMENT],
    shelves=[SHELF],
    letters=[LETTER],
    unfinished=[],
    purchases=[PURCHASE],
)
SOLD_OUT = replace(PURCHASE, ending=Ending.SOLD_OUT, order_id=None, promised=set())

DISAGREEING = {
    "an order waits for nobody": (
        replace(AGREEING, orders=[replace(ORDER, waiting="capture_unknown")]),
        "no order is unsettled without a case",
        "ord_1 is paid, waits for capture_unknown",
    ),
    "a payment is only in the provider's books": (
        replace(AGREEING, orders=[replace(ORDER, journal_provider=0)]),
        "provider, journal and order agree to the cent",
        "the provider keeps 4374, the journal says 0",
    ),
    "one cent is missing": (
        replace(AGREEING, payments=[replace(PAYMENT, received=4_373)]),
        "provider, journal and order agree to the cent",
        "the provider keeps 4373",
    ),
    "money was kept for a canceled order": (
        replace(AGREEING, orders=[replace(ORDER, status="canceled")]),
        "provider, journal and order agree to the cent",
        "the order 0",
    ),
    "a refund is not in the provider's books": (
        replace(
            AGREEING,
            orders=[replace(ORDER, status="partially_refunded", refunded=374, journal_provider=4_000)],
        ),
        "provider, journal and order agree to the cent",
        "the provider keeps 4374, the journal says 4000, the order 4000",
    ),
    "the shopper still owes something": (
        replace(AGREEING, orders=[replace(ORDER, journal_shopper=1)]),
        "provider, journal and order agree to the cent",
        "the shopper owes 1",
    ),
    "two payments were kept": (
        replace(AGREEING, payments=[PAYMENT, replace(PAYMENT, reference="pi_2")]),
        "nobody was charged twice",
        "ord_1: 2 payments were kept",
    ),
    "a repeat made a second order": (
        replace(AGREEING, orders=[ORDER, replace(ORDER, order_id="ord_2")]),
        "nobody was charged twice",
        "a@example.com has 2 orders",
    ),
    "a payment belongs to no order": (
        replace(AGREEING, payments=[PAYMENT, replace(PAYMENT, order_id="ord_9", reference="pi_9")]),
        "no payment is forgotten at the provider",
        "pi_9 belongs to ord_9",
    ),
    "an authorization was never given back": (
        replace(AGREEING, payments=[replace(PAYMENT, status="requires_capture")]),
        "no payment is forgotten at the provider",
        "pi_1 is requires_capture",
    ),
    "a piece was lost": (
        replace(AGREEING, shelves=[replace(SHELF, free=7)]),
        "stock held + sold + free = received, at both keepers",
        "0 held + 2 sold + 7 free",
    ),
    "a delivery was counted twice": (
        replace(AGREEING, shelves=[replace(SHELF, received=20, free=18)]),
        "stock held + sold + free = received, at both keepers",
        "20 received, 10 delivered",
    ),
    "a piece was sold to nobody": (
        replace(AGREEING, shelves=[replace(SHELF, sold=3, free=7)]),
        "stock held + sold + free = received, at both keepers",
        "orders paid for 2",
    ),
    "a hold was never released": (
        replace(AGREEING, shelves=[replace(SHELF, held=1, free=7)]),
        "stock held + sold + free = received, at both keepers",
        "1 held",
    ),
    "a piece was taken at the other keeper": (
        replace(AGREEING, orders=[replace(ORDER, keeper=Keeper.SERVICE)]),
        "stock held + sold + free = received, at both keepers",
        "TEA (built_in): 0 held + 2 sold + 8 free; orders paid for 0",
    ),
    "a wrong tax was charged": (
        replace(AGREEING, orders=[replace(ORDER, tax=325)]),
        "nobody was charged a wrong tax that isn't marked",
        "ord_1 was taxed 325, not marked as an estimate; right is 324",
    ),
    "a negative tax was charged, marked or not": (
        replace(AGREEING, orders=[replace(ORDER, tax=-1, tax_is_estimated=True)]),
        "nobody was charged a wrong tax that isn't marked",
        "ord_1 was taxed -1",
    ),
    "a flat rate stood in unmarked": (
        replace(AGREEING, orders=[replace(ORDER, delivery_is_estimated=False)]),
        "delivery without a carrier is marked",
        "ord_1 pays 1650 for delivery, not marked",
    ),
    "a confirmation was not sent": (
        replace(AGREEING, letters=[replace(LETTER, subject="Your order ord_2")]),
        "every paid order was confirmed by e-mail",
        "a@example.com got no letter",
    ),
    "an attempt has no outcome": (
        replace(AGREEING, unfinished=[Work(kind="attempt", subject="capture of ord_1", state="unknown")]),
        "every attempt, webhook and message has an outcome",
        "attempt capture of ord_1 is unknown",
    ),
    "a paid order was taken back": (
        replace(AGREEING, purchases=[replace(PURCHASE, promised={"canceled"})]),
        "what a client was told is still true",
        "ord_1 is paid; its shopper was told canceled",
    ),
    "an order vanished": (
        replace(AGREEING, purchases=[replace(PURCHASE, order_id="ord_7")]),
        "what a client was told is still true",
        "told of ord_7, which is not there",
    ),
    "a refused purchase became an order": (
        replace(AGREEING, purchases=[SOLD_OUT]),
        "what a client was told is still true",
        "told that it is sold out",
    ),
    "a client got a 500": (
        replace(AGREEING, breaches=["POST /v1/orders was answered 500"]),
        "every answer to a client was clear",
        "answered 500",
    ),
    "a worker died by itself": (
        replace(AGREEING, defects=["worker-1 ended by itself, exit code 1"]),
        "no process ended or failed by itself",
        "worker-1",
    ),
}


def test_books_that_agree_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_verdict(violations(AGREEING)) == 0
    assert "Every invariant holds" in capsys.readouterr().out


@pytest.mark.parametrize("story", DISAGREEING)
def test_books_that_disagree_are_named(story: str, capsys: pytest.CaptureFixture[str]) -> None:
    books, invariant, words = DISAGREEING[story]
    assert any(words in violation for violation in violations(books)[invariant])
    assert print_verdict(violations(books)) == 1
    assert words in capsys.readouterr().out


def test_every_invariant_has_books_that_break_it() -> None:
    assert {invariant for _, invariant, _ in DISAGREEING.values()} == set(INVARIANTS)


def test_an_unsettled_order_with_a_case_is_for_a_person() -> None:
    books = replace(
        AGREEING, orders=[replace(ORDER, waiting="capture_unknown", cases=frozenset({"tries_used_up"}))]
    )
    assert not violations(books)["no order is unsettled without a case"]


def test_an_estimated_tax_may_differ_when_it_is_marked() -> None:
    books = replace(AGREEING, orders=[replace(ORDER, tax=325, tax_is_estimated=True)])
    assert not violations(books)["nobody was charged a wrong tax that isn't marked"]


def test_an_order_that_was_refused_its_goods_leaves_its_shopper_free_to_buy() -> None:
    refused = replace(
        ORDER, order_id="ord_0", status="canceled", closing_reason="out_of_stock", journal_provider=0
    )
    assert print_verdict(violations(replace(AGREEING, orders=[refused, ORDER]))) == 0


def test_a_closed_order_may_look_once_more_for_a_payment_that_was_not_found() -> None:
    closed = replace(ORDER, status="expired", waiting="late_arrival")
    settled = "no order is unsettled without a case"
    assert not violations(replace(AGREEING, orders=[closed]))[settled]
    assert violations(replace(AGREEING, orders=[replace(closed, status="awaiting_payment")]))[settled]


def test_goods_that_a_person_is_to_book_back_are_accounted_for() -> None:
    book_back = replace(ORDER, status="expired", journal_provider=0, cases=frozenset({"goods_to_book_back"}))
    books = replace(AGREEING, orders=[book_back], payments=[], purchases=[])
    assert not violations(books)["stock held + sold + free = received, at both keepers"]


def test_a_closed_order_whose_payment_is_in_doubt_may_hold_its_goods_still() -> None:
    in_doubt = replace(ORDER, status="expired", waiting="void_unknown", cases=frozenset({"tries_used_up"}))
    holds, released = replace(SHELF, held=2, sold=0), replace(SHELF, sold=0, free=10)
    stock = "stock held + sold + free = received, at both keepers"
    for shelf in (holds, released):
        assert not violations(replace(AGREEING, orders=[in_doubt], shelves=[shelf]))[stock]
    assert violations(replace(AGREEING, orders=[replace(in_doubt, cases=frozenset())], shelves=[holds]))[
        stock
    ]
