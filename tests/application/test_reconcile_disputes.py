"""Disputes reconciled: one that nobody heard of is recorded as by its webhook, a verdict that was missed is
booked, and what nothing explains is shown to a person.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.request_refund import RefundRequest
from domain.case import CaseReason, CaseState
from domain.dispute import DisputeState
from domain.identifiers import OrderId, RefundId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.period import day_before
from domain.reconciliation import Done, FindingKind, Reconciliation
from ports.errors import Unavailable
from ports.payments import Subject, WebhookNotice
from tests.application.shop import TOTAL_MINOR, Shop


async def reconciled(shop: Shop, *, dry_run: bool = False) -> Reconciliation:
    """The day on which the shop was opened."""
    return await shop.reconcile(day_before(shop.clock.now() + timedelta(days=1)), dry_run=dry_run)


def ends(report: Reconciliation) -> list[tuple[FindingKind, Done]]:
    return [(finding.kind, finding.done) for finding in report.findings]


async def disputed(shop: Shop, state: DisputeState = DisputeState.OPEN) -> OrderFacts:
    """At the bank; nobody has told us."""
    bought = await shop.bought()
    shop.provider.dispute(bought.payments[0].reference or "", state)
    return bought


async def heard_of(shop: Shop, facts: OrderFacts) -> OrderFacts:
    """Its webhook comes."""
    notice = WebhookNotice(
        provider=shop.provider.provider,
        event_id=shop.clock.new_id("evt"),
        event_type="dispute.open",
        payment_reference=facts.payments[0].reference,
        about=Subject.DISPUTE,
    )
    async with shop.unit_of_work() as uow:
        await uow.inbox.add(shop.clock.new_id("whk"), notice, b"", shop.clock.now())
        await uow.commit()
    await shop.sweep()
    return await shop.facts(facts.order.id)


def forgotten(shop: Shop, order_id: OrderId) -> None:
    """The provider has no record of it any more."""
    held = next(held for held in shop.provider.everything() if held.order_id == order_id)
    shop.provider._keep(replace(held, dispute=None))


@pytest.mark.parametrize("state", [DisputeState.INQUIRY, DisputeState.OPEN])
async def test_a_dispute_that_nobody_heard_of_is_recorded_and_shown_to_a_person(
    shop: Shop, state: DisputeState
) -> None:
    bought = await disputed(shop, state)
    report = await reconciled(shop)
    assert ends(report) == [(FindingKind.DISPUTE_STATE, Done.CASE_OPENED)]
    assert report.summary.counts.disputes == 1
    assert report.findings[0].ours is None
    facts = await shop.facts(bought.order.id)
    assert [dispute.state for dispute in facts.disputes] == [state]
    assert [case.reason for case in facts.cases] == [CaseReason.DISPUTE]
    taken = state is DisputeState.OPEN
    assert (await shop.balances(bought.order.id)).get("disputed", 0) == (TOTAL_MINOR if taken else 0)
    assert ends(await reconciled(shop)) == []


async def test_one_that_is_known_is_no_difference(shop: Shop) -> None:
    bought = await heard_of(shop, await disputed(shop))
    report = await reconciled(shop)
    assert ends(report) == []
    assert report.summary.counts.disputes == 1
    assert len((await shop.facts(bought.order.id)).disputes) == 1


@pytest.mark.parametrize(
    ("verdict", "account"), [(DisputeState.WON, "provider"), (DisputeState.LOST, "written_off")]
)
async def test_a_verdict_that_was_missed_is_booked_and_closes_the_case(
    shop: Shop, verdict: DisputeState, account: str
) -> None:
    bought = await heard_of(shop, await disputed(shop))
    shop.provider.dispute(bought.payments[0].reference or "", verdict)
    assert ends(await reconciled(shop)) == [(FindingKind.DISPUTE_STATE, Done.REPAIRED)]
    facts = await shop.facts(bought.order.id)
    assert facts.disputes[0].state is verdict
    assert [case.state for case in facts.cases] == [CaseState.RESOLVED]
    assert (await shop.balances(bought.order.id))[account] == TOTAL_MINOR
    assert ends(await reconciled(shop)) == []


async def test_one_that_the_provider_knows_nothing_of_is_shown_to_a_person(shop: Shop) -> None:
    bought = await heard_of(shop, await disputed(shop))
    forgotten(shop, bought.order.id)
    assert ends(await reconciled(shop)) == [(FindingKind.DISPUTE_UNKNOWN_TO_PROVIDER, Done.CASE_OPENED)]
    facts = await shop.facts(bought.order.id)
    assert CaseReason.UNKNOWN_TO_PROVIDER in [case.reason for case in facts.cases]
    assert ends(await reconciled(shop)) == [(FindingKind.DISPUTE_UNKNOWN_TO_PROVIDER, Done.NOTED)]


async def test_a_dry_run_says_what_it_would_record(shop: Shop) -> None:
    bought = await disputed(shop)
    assert ends(await reconciled(shop, dry_run=True)) == [(FindingKind.DISPUTE_STATE, Done.LEFT)]
    assert (await shop.facts(bought.order.id)).disputes == ()


async def test_disputes_of_others_on_the_account_are_counted_and_no_more(shop: Shop) -> None:
    bought = await shop.bought()
    shop.provider.charge_for_another(bought.order.total)
    others = shop.provider.everything()[-1].snapshot.reference
    shop.provider.dispute(others, DisputeState.OPEN)
    report = await reconciled(shop)
    assert ends(report) == []
    assert (report.summary.counts.disputes, report.summary.counts.not_ours) == (0, 2)


async def test_a_provider_that_is_away_keeps_no_report(shop: Shop) -> None:
    await disputed(shop)
    shop.faults.planned = [("disputes_created", "before", Unavailable("not_connected"))]
    with pytest.raises(Unavailable):
        await reconciled(shop)
    assert list(await shop.reconciliations.page(None, 10)) == []


async def test_a_payment_that_the_provider_lost_with_all_that_came_of_it_breaks_nothing_off(
    shop: Shop,
) -> None:
    """Another account's key, or a restored backup: each of its records is shown, and the run goes on."""
    bought = await shop.bought()
    part = Money.of(500, "EUR")
    await shop.request_refund(
        RefundRequest(order_id=bought.order.id, refund_id=RefundId("ref_1"), amount=part)
    )
    shop.provider.dispute(bought.payments[0].reference or "", DisputeState.INQUIRY)
    await heard_of(shop, bought)
    shop.provider._payments.clear()
    assert ends(await reconciled(shop)) == [
        (FindingKind.PAYMENT_UNKNOWN_TO_PROVIDER, Done.CASE_OPENED),
        (FindingKind.REFUND_UNKNOWN_TO_PROVIDER, Done.CASE_OPENED),
        (FindingKind.DISPUTE_UNKNOWN_TO_PROVIDER, Done.CASE_OPENED),
    ]
