"""Subscribing, changing, cancelling and dunning: right in the end, whatever is lost on the way."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.faults import Moment
from application.email_subscriber import EmailSubscriber
from domain.errors import (
    AlreadySubscribed,
    PlanNotSoldIn,
    SubscriptionBusy,
    SubscriptionOver,
    UnknownCurrency,
    UnknownCustomer,
    UnknownPlan,
    UnknownSubscription,
)
from domain.identifiers import AttemptId, PlanId, SubscriptionId
from domain.invoice import InvoiceSnapshot
from domain.letter import LetterKind
from domain.money import Money
from domain.payment import NextActionKind
from domain.standing import CancellationTime, Entitlement, SubscriptionState
from domain.subscription import Subscription
from domain.values import replace
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.subscription_billing import SubscriptionRequest
from ports.unit_of_work import WaitingLetter
from tests.application.shop import Shop
from tests.application.subscribing import (
    FAILS,
    GOLD,
    SILVER,
    YEARLY,
    Died,
    Subscriber,
    reference_of,
)
from tests.subscribers import a_plan

ACTIVE, PAST_DUE = SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE
INCOMPLETE, ENDED = SubscriptionState.INCOMPLETE, SubscriptionState.ENDED
NOW, AT_END = CancellationTime.NOW, CancellationTime.PERIOD_END
DAY: Final = timedelta(days=1)
GRACE: Final = Shop.rules.dunning_grace


@pytest.fixture
async def ada(shop: Shop) -> Subscriber:
    return await Subscriber(shop).registered()


async def test_a_card_that_works_gives_the_plan_at_once(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    assert (gold.state, gold.entitlement, gold.wish) == (ACTIVE, Entitlement.FULL, None)
    assert await ada.balances(gold) == {"provider": 1900, "subscriptions": -1900}
    await ada.agrees(gold)
    assert not ada.shop.mail.sent


async def test_who_brings_no_card_pays_in_the_page(ada: Subscriber) -> None:
    gold = await ada.subscribes(token=None)
    assert (gold.state, gold.entitlement) == (INCOMPLETE, Entitlement.NONE)
    assert gold.next_action is not None
    assert gold.next_action.kind is NextActionKind.IN_PAGE
    ada.shop.billing.pay_open(reference_of(gold))
    paid = await ada.hears(gold)
    assert (paid.state, paid.entitlement, paid.next_action) == (ACTIVE, Entitlement.FULL, None)
    await ada.agrees(gold)


async def test_a_first_payment_that_fails_is_no_error_and_nobody_is_written_to(ada: Subscriber) -> None:
    gold = await ada.subscribes(token=FAILS)
    assert (gold.state, gold.entitlement) == (INCOMPLETE, Entitlement.NONE)
    await ada.later(gold)
    assert not ada.shop.mail.sent


async def test_the_same_request_again_makes_no_second_subscription(ada: Subscriber) -> None:
    draft = ada.draft(id="sub_same")
    first, second = await ada.shop.subscribe(draft), await ada.shop.subscribe(draft)
    assert first.id == second.id == "sub_same"
    await ada.agrees(second)


async def test_the_same_plan_is_not_sold_to_the_same_customer_twice(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    with pytest.raises(AlreadySubscribed):
        await ada.subscribes()
    silver = await ada.subscribes(SILVER)
    with pytest.raises(AlreadySubscribed):
        await ada.shop.change_plan(silver.id, GOLD)
    await ada.shop.cancel_subscription(gold.id, NOW)
    assert (await ada.shop.change_plan(silver.id, GOLD)).terms.plan_id == GOLD


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"plan_id": "bronze"}, UnknownPlan),
        ({"plan_id": "old"}, UnknownPlan),
        ({"currency": "USD"}, PlanNotSoldIn),
        ({"currency": "XXX"}, UnknownCurrency),
        ({"customer_id": "cus_nobody"}, UnknownCustomer),
    ],
)
async def test_what_is_not_for_sale_is_refused_before_anybody_is_asked(
    ada: Subscriber, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    await ada.sells(a_plan("old", active=False))
    with pytest.raises(refusal):
        await ada.shop.subscribe(replace(ada.draft(), **changes))
    assert ada.shop.billing.everything() == ()
    assert ada.shop.storage.subscriptions == {}


async def test_a_customer_whom_the_provider_does_not_know_yet_is_registered_first(shop: Shop) -> None:
    shop.faults.planned.append(("register", "before", Unavailable("refused")))
    ada = await Subscriber(shop).registered()
    with pytest.raises(Unavailable):
        await ada.subscribes()
    shop.clock.advance(timedelta(minutes=1))
    assert (await ada.subscribes()).state is ACTIVE


async def subscribing(ada: Subscriber) -> Subscription:
    return await ada.shop.subscribe(ada.draft(id="sub_one"))


async def changing(ada: Subscriber) -> Subscription:
    return await ada.shop.change_plan(SubscriptionId("sub_one"), SILVER)


async def cancelling(ada: Subscriber) -> Subscription:
    return await ada.shop.cancel_subscription(SubscriptionId("sub_one"), NOW)


async def cancelling_later(ada: Subscriber) -> Subscription:
    return await ada.shop.cancel_subscription(SubscriptionId("sub_one"), AT_END)


STORIES: Final[dict[str, Callable[[Subscriber], Awaitable[Subscription]]]] = {
    "subscribe": subscribing,
    "change_plan": changing,
    "cancel": cancelling,
    "cancel at the end": cancelling_later,
}
ERRORS: Final = (
    Unavailable("refused"),
    OutcomeUnknown("lost"),
    OutcomeUnknown("error", key_is_spent=True),
    Died(),
)


def fits(story: str, subscription: Subscription) -> bool:
    match story:
        case "subscribe":
            return subscription.state is ACTIVE and subscription.terms.plan_id == GOLD
        case "change_plan":
            return subscription.terms.plan_id == SILVER
        case "cancel":
            return subscription.state is ENDED
        case _:
            return subscription.ends_at_period_end


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{type(error).__name__} {vars(error)}")
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["itself", "retrieve_subscription", "find_subscription", "invoices"])
@pytest.mark.parametrize("story", STORIES)
async def test_whatever_is_lost_it_happens_once_in_the_end(
    ada: Subscriber, story: str, call: str, moment: Moment, error: PortError
) -> None:
    if story != "subscribe":
        await subscribing(ada)
    operation = story.partition(" ")[0] if call == "itself" else call
    if call == "find_subscription":
        ada.shop.faults.planned.append(("subscribe", "before", OutcomeUnknown("lost")))
    ada.shop.faults.planned.append((operation, moment, error))
    with suppress(Died):
        await STORIES[story](ada)
    subscription = await ada.only()
    for _ in range(8):
        ada.shop.clock.advance(timedelta(minutes=1))
        swept = await ada.shop.sweep()
        assert all(isinstance(failure, Died) for failure in swept.failures)
    after = await ada.known(subscription.id)
    assert fits(story, after)
    await ada.agrees(after)


@pytest.mark.parametrize("story", STORIES)
async def test_a_no_is_final_and_changes_nothing_else(ada: Subscriber, story: str) -> None:
    if story != "subscribe":
        await subscribing(ada)
    ada.shop.faults.planned.append((story.partition(" ")[0], "before", Rejected("card_declined")))
    refused = await STORIES[story](ada)
    assert (refused.refusal, refused.wish) == ("card_declined", None)
    assert refused.state is (SubscriptionState.REFUSED if story == "subscribe" else ACTIVE)
    assert await ada.later(refused) == await ada.known(refused.id)
    assert ada.shop.faults.asked.count(story.partition(" ")[0]) == 1


async def test_a_subscription_that_was_refused_leaves_room_for_another(ada: Subscriber) -> None:
    ada.shop.faults.planned.append(("subscribe", "before", Rejected("no_such_payment_method")))
    await ada.subscribes()
    assert (await ada.subscribes()).state is ACTIVE


async def test_a_change_of_plan_is_billed_by_the_new_terms(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    changed = await ada.shop.change_plan(gold.id, YEARLY)
    assert (changed.terms.plan_id, changed.state) == (YEARLY, ACTIVE)
    await ada.agrees(changed)
    assert len(changed.invoices) == 2
    assert await ada.shop.change_plan(gold.id, YEARLY) == await ada.known(gold.id)


async def test_what_can_not_be_changed_is_said(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    await ada.sells(a_plan("dear", 5000))
    with pytest.raises(UnknownSubscription):
        await ada.shop.change_plan(SubscriptionId("sub_none"), SILVER)
    with pytest.raises(UnknownSubscription):
        await ada.shop.cancel_subscription(SubscriptionId("sub_none"), NOW)
    with pytest.raises(UnknownPlan):
        await ada.shop.change_plan(gold.id, PlanId("bronze"))
    ada.shop.faults.planned.append(("change_plan", "after", OutcomeUnknown("lost")))
    await ada.shop.change_plan(gold.id, SILVER)
    for plan in (GOLD, PlanId("dear")):
        with pytest.raises(SubscriptionBusy):
            await ada.shop.change_plan(gold.id, plan)
    with pytest.raises(SubscriptionBusy):
        await ada.shop.cancel_subscription(gold.id, NOW)
    await ada.later(gold)
    await ada.shop.cancel_subscription(gold.id, NOW)
    with pytest.raises(SubscriptionOver):
        await ada.shop.change_plan(gold.id, GOLD)


async def test_a_change_stays_in_the_subscription_s_currency(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    await ada.sells(a_plan("dollars", prices=(Money.of(2100, "USD"),)))
    with pytest.raises(PlanNotSoldIn):
        await ada.shop.change_plan(gold.id, PlanId("dollars"))


async def test_a_cancellation_now_ends_it_and_says_so(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    over = await ada.shop.cancel_subscription(gold.id, NOW)
    assert (over.state, over.entitlement) == (ENDED, Entitlement.NONE)
    await ada.later(over)
    (mail,) = ada.shop.mail.sent
    assert mail.subject == "Your plan Gold has ended"
    assert mail.to == "ada@example.com"
    assert await ada.shop.cancel_subscription(gold.id, NOW) == await ada.known(gold.id)
    await ada.agrees(over)


async def test_a_cancellation_at_the_end_leaves_what_is_paid_for(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    ending = await ada.shop.cancel_subscription(gold.id, AT_END)
    assert (ending.state, ending.entitlement, ending.ends_at_period_end) == (ACTIVE, Entitlement.FULL, True)
    ada.shop.billing.bill_next_period(reference_of(gold))
    over = await ada.hears(gold)
    assert (over.state, over.entitlement) == (ENDED, Entitlement.NONE)
    await ada.agrees(over)


async def test_one_that_never_reached_the_provider_is_cancelled_without_it(ada: Subscriber) -> None:
    ada.shop.faults.planned.append(("subscribe", "before", Unavailable("refused")))
    waiting = await ada.subscribes()
    assert waiting.state is SubscriptionState.NEW
    with pytest.raises(SubscriptionBusy):
        await ada.shop.cancel_subscription(waiting.id, NOW)
    ada.shop.clock.advance(timedelta(minutes=6))
    assert (await ada.shop.cancel_subscription(waiting.id, NOW)).state is ENDED
    assert ada.shop.billing.everything() == ()
    await ada.later(waiting)
    assert ada.shop.billing.everything() == ()


async def test_a_failed_payment_is_told_once_a_try_and_the_plan_goes_when_the_grace_is_over(
    ada: Subscriber,
) -> None:
    owing = await ada.owing()
    assert (owing.state, owing.entitlement) == (PAST_DUE, Entitlement.GRACE)
    await ada.later(owing)
    await ada.hears(owing)
    await ada.later(owing)
    (first,) = ada.shop.mail.sent
    assert first.subject == "Your payment for Gold did not go through"
    assert "To be paid: 19.00 EUR" in first.text
    assert "Your plan stays until" in first.text
    ada.shop.billing.retry(reference_of(owing))
    await ada.hears(owing)
    kept = await ada.later(owing)
    assert (len(ada.shop.mail.sent), kept.entitlement) == (2, Entitlement.GRACE)
    down = await ada.later(owing, GRACE)
    assert (down.state, down.entitlement) == (PAST_DUE, Entitlement.NONE)
    await ada.later(owing, timedelta(minutes=1))
    assert [mail.subject for mail in ada.shop.mail.sent][2:] == ["Your plan Gold has ended"]
    await ada.agrees(down)


async def test_a_payment_within_the_grace_keeps_the_plan(ada: Subscriber) -> None:
    owing = await ada.owing()
    ada.shop.billing.pay_open(reference_of(owing))
    # No webhook comes: the provider is asked once more before anything is taken away.
    kept = await ada.later(owing, GRACE)
    assert (kept.state, kept.entitlement, kept.grace_until) == (ACTIVE, Entitlement.FULL, None)
    await ada.agrees(kept)


async def test_a_payment_after_the_grace_gives_the_plan_back(ada: Subscriber) -> None:
    owing = await ada.owing()
    assert (await ada.later(owing, GRACE)).entitlement is Entitlement.NONE
    ada.shop.billing.pay_open(reference_of(owing))
    assert (await ada.hears(owing)).entitlement is Entitlement.FULL


async def test_a_provider_that_is_away_at_the_grace_s_end_is_waited_for(ada: Subscriber) -> None:
    owing = await ada.owing()
    ada.shop.billing.pay_open(reference_of(owing))
    ada.shop.faults.planned.append(("retrieve_subscription", "before", Unavailable("breaker_open")))
    assert (await ada.later(owing, GRACE)).entitlement is Entitlement.GRACE
    assert (await ada.later(owing, timedelta(minutes=2))).entitlement is Entitlement.FULL


async def test_a_provider_that_gives_up_takes_the_plan_with_it(ada: Subscriber) -> None:
    owing = await ada.owing()
    ada.shop.billing.give_up(reference_of(owing))
    over = await ada.hears(owing)
    assert (over.state, over.entitlement) == (ENDED, Entitlement.NONE)
    await ada.later(over)
    assert len(ada.shop.mail.sent) == 2


async def test_without_any_webhook_renewals_are_found_and_booked(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    for _ in range(3):
        present = await ada.known(gold.id)
        assert present.period is not None
        ada.shop.billing.bill_next_period(reference_of(gold))
        for _ in range(6):
            await ada.later(gold, 6 * DAY)
    assert (await ada.balances(gold))["provider"] == 4 * 1900
    await ada.agrees(gold)


async def test_an_old_reading_is_never_written_over_a_newer_one(ada: Subscriber) -> None:
    owing = await ada.owing()
    read, billing = ada.shop.billing.invoices, ada.shop.billing
    calls = 0

    async def slow(reference: str) -> list[InvoiceSnapshot]:
        """While the first reader's answer is on its way, the customer pays, and somebody reads that."""
        nonlocal calls
        calls += 1
        old = list(await read(reference))
        if calls == 1:
            billing.pay_open(reference)
            assert (await ada.hears(owing)).state is ACTIVE
        return old

    billing.invoices = slow  # type: ignore[method-assign]  # a provider that is slow
    after = await ada.hears(owing)
    assert (after.state, after.entitlement) == (ACTIVE, Entitlement.FULL)
    await ada.agrees(after)


async def test_an_answer_that_comes_after_somebody_else_took_over_changes_nothing(ada: Subscriber) -> None:
    make, billing = ada.shop.billing.subscribe, ada.shop.billing

    async def slow(request: SubscriptionRequest, key: AttemptId) -> str:
        """It is made at once; until the first runner hears anything its lease is over, and the sweeper has
        found it.
        """
        await make(request, key)
        found = await ada.later(await ada.only(), timedelta(minutes=1))
        assert found.state is ACTIVE
        raise Rejected("too_late")

    billing.subscribe = slow  # type: ignore[method-assign]  # a provider that is slow
    after = await ada.subscribes()
    assert (after.state, after.refusal) == (ACTIVE, None)
    await ada.agrees(after)


async def test_a_defect_is_tried_again_rarely_and_reported(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    ada.shop.faults.planned.append(("invoices", "before", Died()))
    ada.shop.clock.advance(8 * DAY)
    (failure,) = (await ada.shop.sweep()).failures
    assert isinstance(failure, Died)
    assert failure.__notes__ == [gold.id]


async def test_a_letter_to_somebody_who_was_deleted_is_not_sent(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    await ada.shop.cancel_subscription(gold.id, NOW)
    async with ada.shop.unit_of_work() as uow:
        customer = await uow.customers.get(ada.customer_id)
        assert customer is not None
        await uow.customers.save(replace(customer, email=None, version=customer.version + 1), None)
        await uow.commit()
    await ada.later(gold)
    assert not ada.shop.mail.sent
    assert all(work.due_at is None for work in ada.shop.storage.outbox.values())


async def test_a_letter_says_where_to_go(ada: Subscriber) -> None:
    owing = await ada.owing()
    mail = InMemoryEmailSender()
    tell = EmailSubscriber(mail, ada.shop.unit_of_work, "https://shop.example")
    letter = WaitingLetter(
        id="msg_1",
        kind=LetterKind.INVOICE_UNPAID,
        subscription_id=owing.id,
        about=owing.invoices[-1].id,
        tries=1,
    )
    await tell(letter)
    assert "You can see to it at https://shop.example" in mail.sent[0].text


async def test_what_the_provider_does_not_know_any_more_is_asked_for_rarely(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    ada.shop.billing._held.clear()
    await ada.hears(gold)
    asked = ada.shop.faults.asked.count("retrieve_subscription")
    for _ in range(30):
        await ada.later(gold, timedelta(minutes=1))
    assert ada.shop.faults.asked.count("retrieve_subscription") == asked
    await ada.later(gold, timedelta(minutes=31))
    assert ada.shop.faults.asked.count("retrieve_subscription") == asked + 1


async def test_a_letter_that_is_refused_is_parked_and_may_be_sent_again(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    await ada.shop.cancel_subscription(gold.id, NOW)
    ada.shop.faults.planned.append(("send", "before", Rejected("bad_recipient")))
    await ada.later(gold)
    (parked,) = await ada.shop.queries.parked(None, 10)
    assert (parked.because, parked.order_id) == ("bad_recipient", None)
    await ada.shop.replay_parked_work(parked.id, "eva", "address corrected")
    await ada.later(gold)
    assert len(ada.shop.mail.sent) == 1
