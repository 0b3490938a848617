"""Taxes: what is believed of a tax service, what an estimate is made of, and what it is told of a sale."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.in_memory.clock import ManualClock
from domain.address import Address
from domain.errors import TotalsDoNotAddUp
from domain.events import MessageKind
from domain.identifiers import derived, is_prefixed
from domain.money import Money, total_of
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.readiness import Severity
from domain.refund import RefundState
from domain.shop import ShopRules
from domain.tax import (
    TaxableLine,
    TaxAnswer,
    TaxExemption,
    TaxPart,
    TaxQuestion,
    TaxRate,
    TaxRates,
    tax_place_of,
    taxed_at,
    untaxed,
)
from domain.tax_report import refund_reports, sale_report
from domain.values import replace
from tests.builders import (
    EUR,
    NOW,
    a_cart_line,
    a_checkout,
    a_payment,
    a_refund,
    a_refund_snapshot,
    a_share,
    a_shortage,
    an_address,
    an_order,
    eur,
    priced,
    totals_of,
)

VAT = TaxRate(name="VAT", rate_ppm=190_000)
FOOD = TaxRate(name="VAT", rate_ppm=70_000)


def question(*amounts: int, delivery: int = 500) -> TaxQuestion:
    lines = tuple(
        TaxableLine(line_id=a_cart_line().id, tax_code="general", amount=eur(amount)) for amount in amounts
    )
    return TaxQuestion(destination=an_address(), lines=lines, delivery=eur(delivery))


def test_rates_give_each_line_its_tax_and_each_tax_its_sum() -> None:
    rates = TaxRates(lines=((VAT,), (FOOD,), ()), delivery=(VAT,))
    answer = taxed_at(question(1000, 1000, 1000), rates)
    assert [tax.minor for tax in answer.lines] == [190, 70, 0]
    assert answer.delivery == eur(95)
    assert answer.parts == (
        TaxPart(name="VAT", rate_ppm=190_000, amount=eur(285)),
        TaxPart(name="VAT", rate_ppm=70_000, amount=eur(70)),
    )


@given(
    amounts=st.lists(st.integers(0, 10**9), max_size=6),
    delivery=st.integers(0, 10**6),
    ppm=st.lists(st.integers(0, 200_000), max_size=3),
)
def test_what_rates_give_can_always_be_charged(amounts: list[int], delivery: int, ppm: list[int]) -> None:
    asked = question(*amounts, delivery=delivery)
    taxes = tuple(TaxRate(name=f"tax {number}", rate_ppm=rate) for number, rate in enumerate(ppm))
    answer = taxed_at(asked, TaxRates(lines=tuple(taxes for _ in amounts), delivery=taxes))
    assert answer.checked_against(asked) is answer
    assert total_of((part.amount for part in answer.parts), EUR) == answer.total()


@pytest.mark.parametrize(
    ("line", "part", "what"),
    [
        (601, TaxPart(name="VAT", rate_ppm=190_000, amount=eur(601)), "tax amounts"),
        (1001, TaxPart(name="VAT", rate_ppm=190_000, amount=eur(1001)), "tax amounts"),
        (190, TaxPart(name="VAT", rate_ppm=600_001, amount=eur(190)), "tax parts"),
        (190, TaxPart(name="VAT", rate_ppm=-1, amount=eur(190)), "tax parts"),
        (190, TaxPart(name="VAT", rate_ppm=190_000, amount=Money.of(190, "USD")), "tax parts"),
        (190, TaxPart(name="VAT", rate_ppm=190_000, amount=eur(191)), "tax parts"),
    ],
)
def test_an_absurd_tax_is_refused(line: int, part: TaxPart, what: str) -> None:
    answer = TaxAnswer(lines=(eur(line),), delivery=eur(0), parts=(part,))
    with pytest.raises(TotalsDoNotAddUp) as refusal:
        answer.checked_against(question(1000, delivery=0))
    assert refusal.value.what == what


def test_a_negative_part_is_refused_even_if_another_makes_up_for_it() -> None:
    parts = (
        TaxPart(name="VAT", rate_ppm=190_000, amount=eur(191)),
        TaxPart(name="back", rate_ppm=0, amount=eur(-1)),
    )
    with pytest.raises(TotalsDoNotAddUp):
        TaxAnswer(lines=(eur(190),), delivery=eur(0), parts=parts).checked_against(question(1000, delivery=0))


def test_who_is_exempt_pays_nothing() -> None:
    asked = replace(question(1000, 5), exemption=TaxExemption.WHOLESALE)
    assert untaxed(asked).checked_against(asked).total() == eur(0)


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        (
            Address(country="US", region="NY", postcode="10001"),
            Address(country="US", region="ny", postcode="10001-1234"),
            True,
        ),
        (
            Address(country="US", region="NY", postcode="10001"),
            Address(country="US", region="NY", postcode="10002"),
            False,
        ),
        (
            Address(country="CA", region="BC", postcode="V6B 1A1"),
            Address(country="CA", region="BC", postcode="V5K0A1"),
            True,
        ),
        (Address(country="CA", region="BC"), Address(country="CA", region="ON"), False),
        (Address(country="ES", postcode="35001"), Address(country="ES", postcode="35 100"), True),
        (Address(country="ES", postcode="35001"), Address(country="ES", postcode="28001"), False),
        (Address(country="DE"), Address(country="AT"), False),
    ],
)
def test_rates_are_known_by_place(here: Address, there: Address, same: bool) -> None:
    assert (tax_place_of(here) == tax_place_of(there)) is same


@pytest.mark.parametrize(
    ("address", "taxable"),
    [
        (Address(country="US", region="NY"), False),
        (Address(country="US", postcode="10001"), False),
        (Address(country="US", region="NY", postcode="10001"), True),
        (Address(country="CA", region="BC"), True),
        (Address(country="DE"), True),
    ],
)
def test_a_tax_is_asked_for_once_the_place_is_known_well_enough(address: Address, taxable: bool) -> None:
    assert address.is_taxable is taxable


def test_an_estimate_is_told_and_stands_in_nobodys_way() -> None:
    checkout = a_checkout()
    totals = replace(checkout.pricing.totals, tax_estimated=True)
    estimated = replace(checkout, pricing=replace(checkout.pricing, totals=totals))
    (message,) = estimated.messages(ShopRules())
    assert (message.code, message.path, message.severity) == (
        "tax_estimated",
        "/taxes",
        Severity.RECOVERABLE,
    )
    estimated.require_ready(ShopRules())
    assert [entry.label for entry in totals.entries() if entry.type == "tax"] == ["VAT 19 % (estimated)"]


def test_an_estimate_that_came_true_is_no_other_price() -> None:
    exact = a_checkout().pricing
    estimated = replace(exact, totals=replace(exact.totals, tax_estimated=True, tax_service="x"))
    assert exact.costs_the_same_as(estimated)
    assert estimated.costs_the_same_as(exact)
    (line,) = exact.lines
    dearer = replace(line, title="Another")
    assert not replace(exact, lines=(dearer,)).costs_the_same_as(estimated)


def sold(**changes: object) -> OrderFacts:
    """A completed order of two mugs and a hat, taxed by a service."""
    lines = (
        priced(a_cart_line(quantity=2, unit_price=eur(1000)), 380),
        priced(a_cart_line(title="Hat", unit_price=eur(500)), 95),
    )
    totals = replace(totals_of(lines), tax_service="service")
    order = an_order(lines=lines, totals=totals, state=OrderState.COMPLETED, **changes)
    payment = a_payment(order, state=PaymentState.CAPTURED, captured=order.total)
    return OrderFacts(order=order, payments=(payment,))


def test_a_sale_is_told_as_it_was_agreed() -> None:
    facts = sold(tax_exemption=TaxExemption.OTHER)
    origin = Address(country="DE")
    report = sale_report(facts.sale, origin)
    assert (report.id, report.at, report.refund_of) == (facts.order.id, NOW, None)
    assert [
        (line.title, line.quantity, line.unit_price, line.discount, line.tax) for line in report.lines
    ] == [
        ("Mug", 2, eur(1000), eur(0), eur(380)),
        ("Hat", 1, eur(500), eur(0), eur(95)),
    ]
    assert (report.delivery, report.net, report.tax) == (eur(500), eur(3000), eur(570))
    assert (report.origin, report.destination) == (origin, facts.order.shipping_address)
    assert report.exemption is TaxExemption.OTHER


def test_what_could_not_be_shipped_is_not_told() -> None:
    facts = sold()
    share = a_share(facts.order.lines[0].id, 1, 1000, 190)
    report = sale_report(replace(facts, shortages=(a_shortage(facts.order, shares=(share,)),)).sale, None)
    assert [(line.quantity, line.net) for line in report.lines] == [(1, eur(1000)), (1, eur(500))]
    assert (report.net, report.tax) == (eur(2000), eur(380))


def test_cents_that_a_shortage_left_behind_are_told_as_one_piece() -> None:
    facts = sold()
    share = a_share(facts.order.lines[0].id, 1, 999, 191)
    report = sale_report(replace(facts, shortages=(a_shortage(facts.order, shares=(share,)),)).sale, None)
    assert (report.lines[0].quantity, report.lines[0].net) == (1, eur(1001))


def test_each_refund_that_succeeded_is_told() -> None:
    facts = sold()
    line, (payment,) = facts.order.lines[0], facts.payments
    shares = (a_share(line.id, 2, 2001, 380), a_share(None, 0, 500, 95))
    done = a_refund(payment, amount=eur(2976), shares=shares, state=RefundState.SUCCEEDED)
    others = (
        a_refund(payment, amount=eur(1), shares=(a_share(line.id, 0, 1, 0),), state=RefundState.PENDING),
        a_refund(payment, amount=eur(1), state=RefundState.SUCCEEDED),
    )
    (report,) = refund_reports(replace(facts, refunds=(done, *others)).sale, None)
    assert (report.id, report.refund_of) == (done.id, facts.order.id)
    assert [(each.quantity, each.net, each.tax) for each in report.lines] == [(1, eur(2001), eur(380))]
    assert (report.delivery, report.net, report.tax) == (eur(500), eur(2501), eur(475))


@given(
    quantity=st.integers(1, 20),
    unit=st.integers(0, 10_000),
    tax=st.integers(0, 5_000),
    asked=st.integers(1, 20),
)
def test_a_sale_and_its_refunds_always_sum_to_what_was_paid(
    quantity: int, unit: int, tax: int, asked: int
) -> None:
    line = priced(a_cart_line(quantity=quantity, unit_price=eur(unit)), min(tax, quantity * unit))
    totals = replace(totals_of((line,)), tax_service="service")
    order = an_order(lines=(line,), totals=totals, state=OrderState.COMPLETED)
    payment = a_payment(order, state=PaymentState.CAPTURED, captured=order.total)
    facts = OrderFacts(order=order, payments=(payment,))
    report = sale_report(facts.sale, None)
    assert report.net + report.tax == order.total
    left = facts.sale.left()
    amount = Money(minor=max(1, left.amount.minor * asked // 20), currency=EUR)
    shares = left.spread(amount)
    refund = a_refund(payment, amount=amount, shares=shares, state=RefundState.SUCCEEDED)
    (told,) = refund_reports(replace(facts, refunds=(refund,)).sale, None)
    assert told.net + told.tax == amount


def kinds(facts: OrderFacts) -> list[MessageKind]:
    return [message.kind for message in facts.news.messages]


def test_a_service_hears_of_a_sale_when_it_is_complete() -> None:
    facts = sold()
    open_order = replace(facts, order=replace(facts.order, state=OrderState.OPEN))
    completed = open_order.completed("msg_1", NOW)
    assert kinds(completed) == [MessageKind.ORDER_CONFIRMATION, MessageKind.TAX_REPORT]
    assert is_prefixed(completed.news.messages[-1].id, "msg")
    assert kinds(completed.completed("msg_2", NOW)) == kinds(completed)
    ours = replace(open_order.order, totals=replace(open_order.order.totals, tax_service=None))
    assert kinds(replace(open_order, order=ours).completed("msg_1", NOW)) == [MessageKind.ORDER_CONFIRMATION]


def test_a_service_hears_of_a_refund_when_the_money_went_and_when_it_came_back() -> None:
    facts = sold()
    refund = a_refund(facts.payments[0], amount=eur(1), shares=(a_share(None, 0, 1, 0),))
    asked = replace(facts, refunds=(refund,))
    on_its_way = asked.refund_observed(refund.id, a_refund_snapshot(eur(1)), NOW)
    assert kinds(on_its_way) == []
    succeeded = a_refund_snapshot(eur(1), state=RefundState.SUCCEEDED)
    done = on_its_way.refund_observed(refund.id, succeeded, NOW)
    assert kinds(done) == [MessageKind.TAX_REPORT]
    assert kinds(done.refund_observed(refund.id, succeeded, NOW + timedelta(1))) == [MessageKind.TAX_REPORT]
    back = done.refund_failed(refund.id, NOW)
    assert kinds(back) == [MessageKind.TAX_REPORT] * 2
    assert len({message.id for message in back.news.messages}) == 2
    assert kinds(on_its_way.refund_failed(refund.id, NOW)) == []


def test_an_id_that_is_derived_is_always_the_same_and_always_another() -> None:
    order_id = ManualClock().new_id("ord")
    ids = [derived("msg", order_id, fact) for fact in ("sold", "sold", "given back")]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0] != derived("msg", ManualClock(seed=1).new_id("ref"), "sold")
    assert all(is_prefixed(each, "msg") and each[4:14] == order_id[4:14] for each in ids)
