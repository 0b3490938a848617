"""Payments as operators look at them: the list page by page, and what became of those of a period."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.attempt import Attempt, Operation
from domain.dispute import DisputeState
from domain.identifiers import AttemptId, OrderId, PaymentId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.payment import Decline, DeclineReason, Payment, PaymentState
from domain.period import Period
from domain.refund import RefundState
from ports.queries import PaymentChoice, PaymentPlace, PaymentSummary, ProviderStatistics
from tests.builders import NOW, a_dispute, a_payment, a_refund, a_snapshot, an_attempt, an_order, new_id
from tests.contracts.storage.conftest import Storage

DAY = Period(since=NOW, until=NOW + timedelta(days=1))
ANY = PaymentChoice()
LACKS = Decline(reason=DeclineReason.INSUFFICIENT_FUNDS, code="insufficient_funds")
STOLEN = Decline(reason=DeclineReason.NOT_ACCEPTED, code="stolen_card")


async def keep(storage: Storage, **changes: object) -> OrderFacts:
    """An order with one payment."""
    order = an_order()
    return await storage.keep(OrderFacts(order=order, payments=(a_payment(order, **changes),)))


async def save(storage: Storage, before: OrderFacts, after: OrderFacts) -> OrderFacts:
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, None)
        await uow.commit()
    return await storage.load(before.order.id)


async def listed(storage: Storage, choice: PaymentChoice) -> list[str]:
    return [payment.id for payment in await storage.queries.payments(None, 10, choice)]


def place_of(payment: PaymentSummary) -> PaymentPlace:
    return PaymentPlace(order_id=payment.order_id, payment_id=payment.id)


async def test_a_payment_is_listed_as_it_was_kept(storage: Storage) -> None:
    facts = await keep(storage, state=PaymentState.AWAITING_METHOD, decline=STOLEN, reference="pi_1")
    (payment,) = facts.payments
    assert list(await storage.queries.payments(None, 10, ANY)) == [
        PaymentSummary(
            id=payment.id,
            order_id=facts.order.id,
            provider=payment.provider,
            reference="pi_1",
            state=PaymentState.AWAITING_METHOD,
            amount=payment.amount,
            captured=payment.captured,
            decline=STOLEN,
            created_at=payment.created_at,
        )
    ]


async def test_payments_are_listed_by_order_newest_first_page_by_page(storage: Storage) -> None:
    first, second = await keep(storage), await keep(storage)
    twice = an_order()
    both = (a_payment(twice, id=PaymentId("pay_1")), a_payment(twice, id=PaymentId("pay_2")))
    await storage.keep(OrderFacts(order=twice, payments=both))
    expected = ["pay_2", "pay_1", second.payments[0].id, first.payments[0].id]
    seen: list[str] = []
    after: PaymentPlace | None = None
    while page := await storage.queries.payments(after, 1, ANY):
        seen += [payment.id for payment in page]
        after = place_of(page[-1])
    assert seen == expected


async def test_payments_are_chosen_by_whatever_is_asked_for(storage: Storage) -> None:
    stripe = await keep(storage, provider="stripe", state=PaymentState.CAPTURED)
    adyen = await keep(storage, provider="adyen", state=PaymentState.AWAITING_METHOD, decline=LACKS)
    later = await keep(storage, provider="stripe", created_at=NOW + timedelta(hours=2))
    ids = [facts.payments[0].id for facts in (stripe, adyen, later)]
    assert await listed(storage, PaymentChoice(provider="adyen")) == [ids[1]]
    assert await listed(storage, PaymentChoice(provider="stripe")) == [ids[2], ids[0]]
    assert await listed(storage, PaymentChoice(state=PaymentState.CAPTURED)) == [ids[0]]
    assert await listed(storage, PaymentChoice(order_id=adyen.order.id)) == [ids[1]]
    assert await listed(storage, PaymentChoice(order_id=OrderId("ord_none"))) == []
    assert await listed(storage, PaymentChoice(decline_reason=LACKS.reason)) == [ids[1]]
    assert await listed(storage, PaymentChoice(decline_reason=STOLEN.reason)) == []
    hour, later_at = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    assert await listed(storage, PaymentChoice(created_from=hour)) == [ids[2]]
    assert await listed(storage, PaymentChoice(created_from=NOW, created_until=later_at)) == ids[1::-1]
    both = PaymentChoice(provider="stripe", state=PaymentState.CAPTURED, created_until=hour)
    assert await listed(storage, both) == [ids[0]]
    after = PaymentPlace(order_id=later.order.id, payment_id=PaymentId(ids[2]))
    page = await storage.queries.payments(after, 10, PaymentChoice(provider="stripe"))
    assert [payment.id for payment in page] == [ids[0]]


def tried(facts: OrderFacts, *declines: Decline, then: PaymentState | None = None) -> OrderFacts:
    """The payment was declined so often, and then came to this."""
    (payment,) = facts.payments
    snapshot = a_snapshot(payment.amount, state=PaymentState.AWAITING_METHOD, reference=new_id("pi"))
    for decline in declines:
        facts = facts.payment_observed(payment.id, replace(snapshot, decline=decline), NOW)
    if then is not None:
        received = payment.amount if then is PaymentState.CAPTURED else Money.zero(payment.amount.currency)
        end = replace(snapshot, state=then, received=received)
        facts = facts.payment_observed(payment.id, end, NOW)
    return facts


async def statistics(storage: Storage, period: Period = DAY) -> list[ProviderStatistics]:
    return list(await storage.queries.payment_statistics(period))


async def test_nothing_happened(storage: Storage) -> None:
    assert await statistics(storage) == []


async def test_payments_are_counted_by_what_became_of_them(storage: Storage) -> None:
    new = {"provider": "stripe", "state": PaymentState.AWAITING_METHOD}
    paid = await keep(storage, **new)
    await save(storage, paid, tried(paid, LACKS, STOLEN, then=PaymentState.CAPTURED))
    given_up = await keep(storage, **new)
    await save(storage, given_up, tried(given_up, LACKS, then=PaymentState.VOIDED))
    held = await keep(storage, **new)
    await save(storage, held, tried(held, then=PaymentState.AUTHORIZED))
    await keep(storage, **new)  # nobody ever tried it
    await keep(storage, provider="stripe", state=PaymentState.REFUSED)
    await keep(storage, provider="adyen", state=PaymentState.CAPTURED)
    await keep(storage, provider="adyen", created_at=DAY.until)
    assert await statistics(storage) == [
        ProviderStatistics(provider="adyen", payments=1, succeeded=1),
        ProviderStatistics(
            provider="stripe",
            payments=5,
            succeeded=2,
            declined=2,
            declines={DeclineReason.INSUFFICIENT_FUNDS: 2, DeclineReason.NOT_ACCEPTED: 1},
        ),
    ]


async def test_money_that_went_back_is_counted_when_it_was_asked_for_and_disputes_while_they_stand(
    storage: Storage,
) -> None:
    facts = await keep(storage, provider="stripe", state=PaymentState.CAPTURED, created_at=DAY.until)
    (payment,) = facts.payments
    refunds = (
        a_refund(payment, state=RefundState.SUCCEEDED),
        a_refund(payment, state=RefundState.FAILED),
        a_refund(payment, state=RefundState.PENDING),
        a_refund(payment, created_at=DAY.until),
    )
    disputes = tuple(a_dispute(payment, state=state) for state in DisputeState)
    await save(storage, facts, replace(facts, refunds=refunds, disputes=disputes))
    assert await statistics(storage) == [
        ProviderStatistics(provider="stripe", refunds=2, refunds_failed=1, open_disputes=2)
    ]


def called(facts: OrderFacts, payment: Payment, began: datetime, ended: datetime | None) -> OrderFacts:
    """An attempt that is tried twice, and settled at the end if there is one."""
    attempt: Attempt = an_attempt(
        payment, id=AttemptId(new_id("att")), operation=Operation.CONFIRM_PAYMENT, started_at=began
    )
    facts = facts.attempt_started(attempt, began)
    facts = facts.attempt_ended(attempt.unavailable("refused", began), began)
    if ended is None:
        return facts
    return facts.attempt_started(attempt, ended).attempt_ended(attempt.succeeded(), ended)


async def test_how_long_calls_took_from_their_first_try_to_their_final_answer(storage: Storage) -> None:
    took_ms = [40, 10, 20, 30, 2_000]
    for milliseconds in took_ms:
        facts = await keep(storage, provider="stripe")
        ended = NOW + timedelta(milliseconds=milliseconds, microseconds=999)
        await save(storage, facts, called(facts, facts.payments[0], NOW, ended))
    facts = await keep(storage, provider="stripe")
    await save(storage, facts, called(facts, facts.payments[0], NOW, None))
    (found,) = await statistics(storage)
    assert (found.settled_calls, found.p50_ms, found.p95_ms) == (5, 30, 2_000)


async def test_two_providers_are_counted_each_by_itself(storage: Storage) -> None:
    """Rates, reasons, disputes and latency of one are never the other's."""
    began = PaymentState.AWAITING_METHOD
    for provider, declines, milliseconds in (("stripe", (LACKS,), 40), ("adyen", (STOLEN, LACKS), 700)):
        paid = await keep(storage, provider=provider, state=began)
        disputes = tuple(a_dispute(paid.payments[0]) for _ in declines)
        after = replace(tried(paid, *declines, then=PaymentState.CAPTURED), disputes=disputes)
        ended = NOW + timedelta(milliseconds=milliseconds)
        await save(storage, paid, called(after, paid.payments[0], NOW, ended))
    lost = await keep(storage, provider="adyen", state=began)
    await save(storage, lost, tried(lost, STOLEN))
    assert await statistics(storage) == [
        ProviderStatistics(
            provider="adyen",
            payments=2,
            succeeded=1,
            declined=1,
            declines={DeclineReason.NOT_ACCEPTED: 2, DeclineReason.INSUFFICIENT_FUNDS: 1},
            open_disputes=2,
            settled_calls=1,
            p50_ms=700,
            p95_ms=700,
        ),
        ProviderStatistics(
            provider="stripe",
            payments=1,
            succeeded=1,
            declines={DeclineReason.INSUFFICIENT_FUNDS: 1},
            open_disputes=1,
            settled_calls=1,
            p50_ms=40,
            p95_ms=40,
        ),
    ]


async def test_calls_of_several_commits_are_put_together(storage: Storage) -> None:
    facts = await keep(storage, provider="stripe")
    attempt = an_attempt(facts.payments[0])
    facts = await save(storage, facts, facts.attempt_started(attempt, NOW))
    ended = NOW + timedelta(milliseconds=250)
    await save(storage, facts, facts.attempt_ended(attempt.rejected("card_declined"), ended))
    (found,) = await statistics(storage)
    assert (found.settled_calls, found.p50_ms, found.p95_ms) == (1, 250, 250)
