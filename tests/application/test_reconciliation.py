"""A period reconciled: what was missed is repaired, what nothing explains is shown to a person, and a second
look finds nothing new.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.request_refund import RefundRequest
from domain import journal
from domain.act import Act
from domain.case import CaseAction, CaseReason
from domain.identifiers import AttemptId, CaseId, OrderId, RefundId
from domain.money import Money
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.period import Period, day_before
from domain.reconciliation import CurrencySums, Done, FindingKind, Outcomes, Reconciliation
from domain.refund import RefundState
from domain.resolving import case_resolved
from domain.shop import CaptureMethod
from ports.errors import OutcomeUnknown, Unavailable
from ports.payments import PaymentRequest
from tests.application.shop import ASKS_BANK, EUR, TEA, TOTAL_MINOR, WORKS, Shop

FIVE_EUR = Money.of(500, "EUR")


async def reconciled(shop: Shop, *, dry_run: bool = False) -> Reconciliation:
    """The day on which the shop was opened."""
    return await shop.reconcile(day_before(shop.clock.now() + timedelta(days=1)), dry_run=dry_run)


def ends(report: Reconciliation) -> list[tuple[FindingKind, Done]]:
    return [(finding.kind, finding.done) for finding in report.findings]


def reference_of(facts: OrderFacts) -> str:
    reference = facts.payments[0].reference
    assert reference is not None
    return reference


async def refunded(shop: Shop, facts: OrderFacts, amount: Money = FIVE_EUR) -> OrderFacts:
    refund_id = RefundId(shop.clock.new_id("ref"))
    return await shop.request_refund(
        RefundRequest(order_id=facts.order.id, refund_id=refund_id, amount=amount)
    )


def cases(facts: OrderFacts) -> list[CaseReason]:
    return [case.reason for case in facts.cases]


def tampered(shop: Shop, of: OrderFacts, **changes: object) -> None:
    """Somebody's hand in the database."""
    record = shop.storage.orders[of.order.id]
    shop.storage.orders[of.order.id] = replace(record, **changes)  # type: ignore[arg-type]


async def test_a_day_on_which_all_went_well_is_clean(shop: Shop) -> None:
    bought = await shop.bought()
    await refunded(shop, bought)
    await shop.placed()
    report = await reconciled(shop)
    assert report.findings == ()
    assert not report.summary.outcomes.needs_person
    counts = report.summary.counts
    assert (counts.payments, counts.refunds, counts.orders, counts.not_ours) == (2, 1, 2, 0)
    assert report.summary.sums == (
        CurrencySums.of(
            EUR, captured_ours=2023, captured_theirs=2023, refunded_ours=500, refunded_theirs=500
        ),
    )


async def test_a_report_is_kept_and_found_again(shop: Shop) -> None:
    first = await reconciled(shop)
    shop.clock.advance(timedelta(seconds=1))
    second = await reconciled(shop)
    assert await shop.reconciliations.get(first.summary.id) == first
    assert list(await shop.reconciliations.page(None, 10)) == [second.summary, first.summary]


async def test_a_payment_whose_news_never_came_is_recorded_and_its_order_goes_on(shop: Shop) -> None:
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    shop.provider.complete_authentication(reference_of(placed))
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.PAYMENT_STATE, Done.REPAIRED)]
    assert (report.findings[0].ours, report.findings[0].theirs) == (
        "awaiting_action 20.23 EUR",
        "authorized 20.23 EUR",
    )
    facts = await shop.facts(placed.order.id)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR
    assert ends(await reconciled(shop)) == []


async def test_a_payment_whose_creation_was_never_answered_is_adopted(shop: Shop) -> None:
    shop.faults.planned.append(("create", "after", OutcomeUnknown("timeout")))
    placed = await shop.placed()
    assert placed.payments[0].reference is None
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.PAYMENT_STATE, Done.REPAIRED)]
    facts = await shop.facts(placed.order.id)
    assert facts.payments[0].reference is not None
    assert ends(await reconciled(shop)) == []


async def test_money_taken_for_an_order_that_was_called_off_goes_back_and_a_person_is_told(
    shop: Shop,
) -> None:
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    shop.provider.complete_authentication(reference_of(placed))
    await shop.provider.capture(reference_of(placed), Money.of(TOTAL_MINOR, "EUR"), AttemptId("att_hand"))
    tampered(shop, placed, facts=replace(placed, order=replace(placed.order, state=OrderState.CANCELLED)))
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.PAYMENT_STATE, Done.CASE_OPENED)]
    facts = await shop.facts(placed.order.id)
    assert cases(facts) == [CaseReason.MONEY_FOR_CLOSED_ORDER]
    assert shop.collected(facts) == 0
    assert ends(await reconciled(shop)) == []


async def test_a_refund_that_a_bank_sent_back_unheard_is_booked_and_shown(shop: Shop) -> None:
    facts = await refunded(shop, await shop.bought())
    shop.provider.end_refund(reference_of(facts), facts.refunds[0].id, RefundState.FAILED)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.REFUND_STATE, Done.CASE_OPENED)]
    facts = await shop.facts(facts.order.id)
    assert facts.refunds[0].state is RefundState.FAILED
    assert cases(facts) == [CaseReason.REFUND_FAILED]
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR
    assert ends(await reconciled(shop)) == []


async def test_a_dry_run_says_what_it_found_and_touches_nothing(shop: Shop) -> None:
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    shop.provider.complete_authentication(reference_of(placed))
    shop.provider.refund_by_hand(reference_of(await shop.bought()), FIVE_EUR)
    before = dict(shop.storage.orders)
    report = await reconciled(shop, dry_run=True)
    assert ends(report) == [
        (FindingKind.PAYMENT_STATE, Done.LEFT),
        (FindingKind.UNEXPECTED_REFUND, Done.LEFT),
    ]
    assert report.summary.outcomes.needs_person
    assert shop.storage.orders == before
    assert shop.storage.reconciliations == {}


async def test_a_refund_made_at_the_providers_own_desk_is_for_a_person(shop: Shop) -> None:
    facts = await shop.bought()
    by_hand = shop.provider.refund_by_hand(reference_of(facts), FIVE_EUR)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.UNEXPECTED_REFUND, Done.CASE_OPENED)]
    assert report.findings[0].subject_id == by_hand.reference
    after = await shop.facts(facts.order.id)
    assert [(case.reason, case.subject_id) for case in after.cases] == [
        (CaseReason.UNEXPECTED_REFUND, by_hand.reference)
    ]
    assert after.refunds == ()
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR
    again = await reconciled(shop)
    assert ends(again) == [(FindingKind.UNEXPECTED_REFUND, Done.NOTED)]
    assert not again.summary.outcomes.needs_person
    assert (
        report.summary.sums
        == again.summary.sums
        == (CurrencySums.of(EUR, captured_ours=2023, captured_theirs=2023, refunded_theirs=500),)
    )


def twin_of(facts: OrderFacts, order_id: OrderId | None = None) -> PaymentRequest:
    """The same payment, asked for once more under another key."""
    payment = facts.payments[0]
    return PaymentRequest(
        payment_id=payment.id,
        order_id=order_id or facts.order.id,
        amount=payment.amount,
        capture_method=CaptureMethod.AUTOMATIC,
        instrument=WORKS,
        return_url=None,
    )


async def test_a_second_payment_under_one_id_is_for_a_person(shop: Shop) -> None:
    facts = await shop.bought()
    twin = await shop.provider.create(twin_of(facts), AttemptId("att_twin"))
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.UNEXPECTED_PAYMENT, Done.CASE_OPENED)]
    assert report.findings[0].subject_id == twin.reference
    assert cases(await shop.facts(facts.order.id)) == [CaseReason.UNEXPECTED_PAYMENT]


async def test_of_two_payments_that_nobody_answered_for_one_is_adopted_and_one_is_for_a_person(
    shop: Shop,
) -> None:
    shop.faults.planned.append(("create", "after", OutcomeUnknown("timeout")))
    placed = await shop.placed()
    await shop.provider.create(twin_of(placed), AttemptId("att_twin"))
    report = await reconciled(shop)
    assert sorted(done.value for _, done in ends(report)) == ["case_opened", "repaired"]


async def test_a_twin_that_was_given_up_is_only_noted(shop: Shop) -> None:
    facts = await shop.bought()
    request = replace(twin_of(facts), capture_method=CaptureMethod.MANUAL)
    twin = await shop.provider.create(request, AttemptId("att_twin"))
    await shop.provider.void(twin.reference, AttemptId("att_void"))
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.UNEXPECTED_PAYMENT, Done.NOTED)]
    assert not report.summary.outcomes.needs_person


async def test_money_of_an_order_that_is_gone_stays_unresolved_each_time(shop: Shop) -> None:
    facts = await shop.bought()
    lost = OrderId(shop.clock.new_id("ord"))
    await shop.provider.create(twin_of(facts, lost), AttemptId("att_lost"))
    for _ in range(2):
        report = await reconciled(shop)
        assert ends(report) == [(FindingKind.PAYMENT_WITHOUT_ORDER, Done.UNRESOLVED)]
        assert report.summary.outcomes.needs_person
        assert report.findings[0].order_id is None


async def test_what_another_shop_took_on_the_same_account_is_only_counted(shop: Shop) -> None:
    shop.provider.charge_for_another(FIVE_EUR)
    report = await reconciled(shop)
    assert report.findings == ()
    assert report.summary.counts.not_ours == 1
    assert report.summary.sums == ()


async def test_a_payment_that_the_provider_does_not_know_is_for_a_person(shop: Shop) -> None:
    facts = await shop.bought()
    del shop.provider._payments[reference_of(facts)]
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.PAYMENT_UNKNOWN_TO_PROVIDER, Done.CASE_OPENED)]
    assert (report.findings[0].ours, report.findings[0].theirs) == ("captured 20.23 EUR", None)
    assert cases(await shop.facts(facts.order.id)) == [CaseReason.UNKNOWN_TO_PROVIDER]
    assert report.summary.sums == (CurrencySums.of(EUR, captured_ours=2023),)


async def test_a_refund_that_the_provider_does_not_know_is_for_a_person(shop: Shop) -> None:
    facts = await refunded(shop, await shop.bought())
    held = shop.provider._payments[reference_of(facts)]
    shop.provider._payments[reference_of(facts)] = replace(held, refunds=())
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.REFUND_UNKNOWN_TO_PROVIDER, Done.CASE_OPENED)]
    assert cases(await shop.facts(facts.order.id)) == [CaseReason.UNKNOWN_TO_PROVIDER]


async def test_an_amount_that_differs_is_for_a_person_and_nothing_is_booked(shop: Shop) -> None:
    facts = await shop.bought()
    held = shop.provider._payments[reference_of(facts)]
    cheaper = replace(held.snapshot, amount=FIVE_EUR, received=FIVE_EUR)
    shop.provider._payments[reference_of(facts)] = replace(held, snapshot=cheaper)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.PAYMENT_AMOUNT, Done.CASE_OPENED)]
    assert cases(await shop.facts(facts.order.id)) == [CaseReason.PROVIDER_DIFFERS]
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR


async def test_captured_money_that_the_provider_lost_again_is_for_a_person_once(shop: Shop) -> None:
    facts = await shop.bought()
    held = shop.provider._payments[reference_of(facts)]
    failed = replace(held.snapshot, state=PaymentState.AUTHORIZED, received=Money.zero(EUR))
    shop.provider._payments[reference_of(facts)] = replace(held, snapshot=failed)
    assert ends(await reconciled(shop)) == [(FindingKind.PAYMENT_STATE, Done.CASE_OPENED)]
    after = await shop.facts(facts.order.id)
    assert cases(after) == [CaseReason.PROVIDER_DIFFERS]
    assert after.order.state is OrderState.COMPLETED
    assert ends(await reconciled(shop)) == [(FindingKind.PAYMENT_STATE, Done.NOTED)]


async def test_a_payment_in_another_currency_is_for_a_person(shop: Shop) -> None:
    facts = await shop.bought()
    held = shop.provider._payments[reference_of(facts)]
    dollars = replace(held.snapshot, amount=Money.of(2023, "USD"), received=Money.of(2023, "USD"))
    shop.provider._payments[reference_of(facts)] = replace(held, snapshot=dollars)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.PAYMENT_AMOUNT, Done.CASE_OPENED)]
    assert [sums.currency.code for sums in report.summary.sums] == ["EUR", "USD"]


async def test_a_journal_that_lost_an_entry_is_for_a_person(shop: Shop) -> None:
    facts = await shop.bought()
    kept = shop.storage.orders[facts.order.id].entries
    tampered(shop, facts, entries=tuple(e for e in kept if e.movement is not journal.Movement.CAPTURED))
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.JOURNAL, Done.CASE_OPENED)]
    assert (report.findings[0].ours, report.findings[0].theirs) == (
        "0.00 EUR at the provider, 0.00 EUR authorized, 0.00 EUR written off, 0.00 EUR off balance",
        "20.23 EUR at the provider, 0.00 EUR authorized, 0.00 EUR written off, 0.00 EUR off balance",
    )
    assert cases(await shop.facts(facts.order.id)) == [CaseReason.JOURNAL_DIFFERS]


async def test_an_order_that_nobody_would_come_for_is_taken_up(shop: Shop) -> None:
    placed = await shop.placed()
    tampered(shop, placed, due_at=None)
    shop.clock.advance(shop.rules.payment_window)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.ORDER_FORGOTTEN, Done.REPAIRED)]
    assert (await shop.facts(placed.order.id)).order.state is OrderState.EXPIRED
    assert ends(await reconciled(shop)) == []


async def test_an_order_that_is_long_overdue_is_taken_up(shop: Shop) -> None:
    placed = await shop.placed()
    shop.clock.advance(shop.rules.payment_window + timedelta(hours=1))
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.ORDER_FORGOTTEN, Done.REPAIRED)]
    assert (await shop.facts(placed.order.id)).order.state is OrderState.EXPIRED


async def test_stock_that_the_orders_do_not_explain_stays_unresolved(shop: Shop) -> None:
    await shop.bought()
    shop.storage.stock[TEA] = replace(shop.storage.stock[TEA], sold=3)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.STOCK, Done.UNRESOLVED)]
    finding = report.findings[0]
    assert (finding.subject_id, finding.ours, finding.theirs) == (
        "TEA",
        "0 held, 3 sold, 7 free",
        "0 held, 1 sold",
    )


async def test_a_doubt_that_is_being_settled_is_left_to_those_who_settle_it(shop: Shop) -> None:
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    shop.provider.complete_authentication(reference_of(placed))
    await shop.provider.void(reference_of(placed), AttemptId("att_hand"))
    shop.faults.planned.append(("capture", "after", OutcomeUnknown("timeout")))
    facts = await shop.tries(await shop.placed(), WORKS)
    assert facts.attempts
    held = shop.provider._payments[reference_of(facts)]
    shop.provider._payments[reference_of(facts)] = replace(
        held, snapshot=replace(held.snapshot, amount=FIVE_EUR)
    )
    report = await reconciled(shop)
    of_this = [f for f in report.findings if f.order_id == facts.order.id]
    assert [finding.done for finding in of_this] == [Done.NOTED]


async def test_more_differences_than_a_person_can_look_at_are_left(shop: Shop) -> None:
    """A key of the wrong account makes everything unknown."""
    roomy = await Shop(pieces=200).stocked()
    for _ in range(103):
        await roomy.bought()
    roomy.provider._payments.clear()
    report = await reconciled(roomy)
    assert report.summary.outcomes == Outcomes(repaired=0, cases_opened=100, noted=0, unresolved=0, left=3)


@pytest.mark.parametrize("operation", ["payments_created", "refunds_created"])
async def test_a_list_that_breaks_off_leaves_no_report(shop: Shop, operation: str) -> None:
    await refunded(shop, await shop.bought())
    shop.faults.planned.append((operation, "before", Unavailable("away")))
    with pytest.raises(Unavailable):
        await reconciled(shop)
    assert shop.storage.reconciliations == {}
    assert ends(await reconciled(shop)) == []


async def test_only_the_period_is_counted_and_its_edges_are_compared_all_the_same(shop: Shop) -> None:
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    shop.provider.complete_authentication(reference_of(placed))
    now = shop.clock.now()
    period = Period(since=now + timedelta(minutes=1), until=now + timedelta(hours=1))
    report = await shop.reconcile(period)
    assert ends(report) == [(FindingKind.PAYMENT_STATE, Done.REPAIRED)]
    assert report.summary.counts.payments == 0
    assert report.summary.sums == ()


async def test_lists_of_several_pages_are_read_to_the_end(shop: Shop) -> None:
    roomy = await Shop(pieces=200).stocked()
    facts = [await roomy.bought() for _ in range(103)]
    first = await refunded(roomy, facts[0])
    for _ in range(101):
        first = await refunded(roomy, first, Money.of(1, "EUR"))
    report = await reconciled(roomy)
    assert report.findings == ()
    assert (report.summary.counts.payments, report.summary.counts.refunds) == (103, 102)


async def test_accepting_what_the_provider_says_is_no_consent_to_less_money(shop: Shop) -> None:
    """A case about the same payment for another reason decides nothing about the amount."""
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    payment_id = placed.payments[0].id
    act = Act(by="Kim", why="seen at the provider", at=shop.clock.now())

    def accepted(facts: OrderFacts) -> OrderFacts:
        opened = facts.case_opened(CaseId("case_1"), CaseReason.PROVIDER_DIFFERS, payment_id, act.at)
        return case_resolved(opened, "case_1", CaseAction.ACCEPT, act, RefundId(""))

    await shop.advance.record(placed.order.id, accepted)
    shop.provider.complete_authentication(reference_of(placed))
    await shop.provider.capture(reference_of(placed), FIVE_EUR, AttemptId("att_hand"))
    await reconciled(shop)
    facts = await shop.facts(placed.order.id)
    assert facts.order.state is OrderState.OPEN
    assert CaseReason.CAPTURED_AMOUNT_DIFFERS in cases(facts)
