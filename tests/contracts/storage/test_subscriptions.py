"""Plans and subscriptions in both storages: nothing is lost, nothing is written over unseen, lists turn."""

from datetime import timedelta

import pytest

from domain.attempt import AttemptState, Operation
from domain.customer import Customer, CustomerState
from domain.events import EventKind
from domain.identifiers import CustomerId, InvoiceId, PlanId, SubscriptionId
from domain.invoice import InvoiceState
from domain.journal import Account
from domain.letter import LetterKind
from domain.money import Money
from domain.payment import NextAction, NextActionKind
from domain.plan import BillingInterval, ProviderPrice
from domain.standing import Entitlement, SubscriptionState
from domain.subscription import Subscription
from domain.values import replace
from domain.wish import Wish
from ports.errors import ConcurrentChange
from ports.queries import Box
from ports.subscriptions import SubscriptionChoice
from ports.unit_of_work import WaitingLetter
from tests.builders import NOW, new_id
from tests.contracts.storage.conftest import Storage
from tests.subscribers import (
    GRACE,
    REFERENCE,
    a_new_subscription,
    a_plan,
    a_subscription,
    an_attempt,
    invoiced,
    said,
    terms,
)

LEASE = timedelta(seconds=25)


async def keep(storage: Storage, subscription: Subscription, *, due: bool = False) -> Subscription:
    """Adds it, with its customer, and reads it back."""
    customer = Customer(id=subscription.customer_id, state=CustomerState.ACTIVE, created_at=NOW, email=None)
    async with storage.unit_of_work() as uow:
        if await uow.customers.get(customer.id) is None:
            await uow.customers.add(customer, None)
        await uow.subscriptions.add(subscription, NOW if due else None)
        await uow.commit()
    return await load(storage, subscription.id)


async def load(storage: Storage, subscription_id: SubscriptionId) -> Subscription:
    async with storage.unit_of_work() as uow:
        found = await uow.subscriptions.get(subscription_id)
    assert found is not None
    return found


async def save(storage: Storage, before: Subscription, after: Subscription) -> Subscription:
    async with storage.unit_of_work() as uow:
        await uow.subscriptions.save(before, after, None)
        await uow.commit()
    return await load(storage, before.id)


async def test_a_plan_comes_back_as_it_was_put_and_is_replaced_by_id(storage: Storage) -> None:
    gold = a_plan(
        prices=(Money.of(1900, "EUR"), Money.of(2900, "JPY")),
        interval=BillingInterval.WEEK,
        interval_count=2,
        provider_prices=(ProviderPrice(provider="stripe", currency="EUR", reference="price_1"),),
    )
    off = a_plan("silver", active=False)
    async with storage.unit_of_work() as uow:
        await uow.plans.put([a_plan(), off, gold])
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert await uow.plans.get(gold.id) == gold
        assert await uow.plans.get(PlanId("none")) is None
        assert list(await uow.plans.page(None, 10)) == [gold, off]
        assert list(await uow.plans.page(None, 1)) == [gold]
        assert list(await uow.plans.page(gold.id, 10)) == [off]


WHOLE = replace(
    a_subscription(SubscriptionState.PAST_DUE),
    wish=Wish(
        operation=Operation.CHANGE_PLAN,
        asked_at=NOW,
        terms=terms("silver", 900),
        attempt=an_attempt(Operation.CHANGE_PLAN, AttemptState.UNKNOWN, detail="deadline"),
    ),
    ends_at_period_end=True,
    stale=True,
    next_action=NextAction(kind=NextActionKind.IN_PAGE, provider="stripe", payload="secret"),
    refusal="card_declined",
)


@pytest.mark.parametrize(
    "subscription", [a_new_subscription(), WHOLE, a_subscription(SubscriptionState.ENDED)]
)
async def test_a_subscription_comes_back_as_it_was_added(
    storage: Storage, subscription: Subscription
) -> None:
    assert await keep(storage, subscription) == subscription.as_stored(1)


async def test_a_change_is_written_with_its_invoices_log_journal_and_letters(storage: Storage) -> None:
    before = await keep(storage, a_subscription())
    invoice = invoiced(
        InvoiceState.OPEN,
        2,
        tries=1,
        created_at=NOW + LEASE,
        bills_from=NOW,
        bills_until=NOW + GRACE,
        next_try_at=NOW,
    )
    seen = before.observed(said(SubscriptionState.PAST_DUE), [invoiced(), invoice], GRACE, NOW)
    after = await save(storage, before, seen)
    assert after == seen.as_stored(2)
    paid = after.observed(said(), [invoiced(number=2, tries=1)], GRACE, NOW)
    again = await save(storage, after, paid)
    assert sorted(each.said.reference for each in again.invoices if each.is_paid) == ["in_1", "in_2"]
    balances = {each.account: each.minor for each in await storage.subscription_lists.balances(before.id)}
    assert balances == {Account.PROVIDER: 3800, Account.SUBSCRIPTIONS: -3800}
    timeline = await storage.subscription_lists.timeline(before.id)
    assert [event.kind for event in timeline][-1] is EventKind.ENTITLEMENT_CHANGED
    assert EventKind.INVOICE_UNPAID in [event.kind for event in timeline]
    async with storage.unit_of_work() as uow:
        waiting = await uow.outbox.take_due(NOW, NOW + LEASE, 10)
        await uow.commit()
    (letter,) = waiting
    assert letter == WaitingLetter(
        id=letter.id,
        kind=LetterKind.INVOICE_UNPAID,
        subscription_id=before.id,
        about=next(each.id for each in after.invoices if each.said.reference == "in_2"),
        tries=1,
    )


async def test_a_letter_that_is_parked_is_seen_by_an_operator(storage: Storage) -> None:
    before = await keep(storage, a_subscription())
    await save(storage, before, before.observed(said(SubscriptionState.ENDED), [], GRACE, NOW))
    async with storage.unit_of_work() as uow:
        (letter,) = await uow.outbox.take_due(NOW, NOW + LEASE, 10)
        await uow.outbox.park(letter.id, "recipient_refused", NOW)
        await uow.commit()
    (parked,) = await storage.queries.parked(None, 10)
    assert (parked.id, parked.box, parked.kind) == (letter.id, Box.OUTBOX, "downgraded")
    assert (parked.order_id, parked.because) == (None, "recipient_refused")
    assert await storage.queries.parked_work(letter.id) == parked


async def test_an_outdated_change_is_refused_and_leaves_nothing(storage: Storage) -> None:
    before = await keep(storage, a_subscription())
    await save(storage, before, before.heard_of("x.y", NOW))
    with pytest.raises(ConcurrentChange):
        await save(storage, before, before.observed(said(), [invoiced()], GRACE, NOW))
    assert (await load(storage, before.id)).invoices == ()
    assert list(await storage.subscription_lists.balances(before.id)) == []


async def test_a_second_one_with_the_same_id_or_reference_is_refused(storage: Storage) -> None:
    first = await keep(storage, a_subscription())
    with pytest.raises(ConcurrentChange):
        await keep(storage, replace(a_new_subscription(), id=first.id))
    other = await keep(storage, a_new_subscription())
    with pytest.raises(ConcurrentChange):
        await save(storage, other, replace(other, reference=REFERENCE))


async def test_it_is_found_by_the_providers_reference(storage: Storage) -> None:
    kept = await keep(storage, a_subscription())
    async with storage.unit_of_work() as uow:
        assert await uow.subscriptions.id_of_reference("stripe", REFERENCE) == kept.id
        assert await uow.subscriptions.id_of_reference("simulated", REFERENCE) is None
        assert await uow.subscriptions.id_of_reference("stripe", "sub_other") is None
        assert await uow.subscriptions.get(SubscriptionId("sub_none")) is None


async def test_a_plan_is_claimed_unless_the_customer_has_it_or_is_about_to(storage: Storage) -> None:
    kept = await keep(storage, a_subscription())
    going = replace(kept, wish=Wish(operation=Operation.CHANGE_PLAN, asked_at=NOW, terms=terms("silver")))
    going = await save(storage, kept, going)
    gold, silver, somebody = PlanId("gold"), PlanId("silver"), CustomerId("cus_other")

    async def is_free(customer: CustomerId, plan: PlanId, but_for: SubscriptionId | None = None) -> bool:
        async with storage.unit_of_work() as uow:
            return await uow.subscriptions.claim_plan(customer, plan, but_for=but_for)

    assert not await is_free(kept.customer_id, gold)
    assert not await is_free(kept.customer_id, silver)
    assert await is_free(kept.customer_id, PlanId("bronze"))
    assert await is_free(kept.customer_id, gold, kept.id)
    assert await is_free(somebody, gold)
    await save(storage, going, going.observed(said(SubscriptionState.ENDED), [], GRACE, NOW))
    assert await is_free(kept.customer_id, gold)


async def test_what_is_due_is_in_one_pair_of_hands_until_the_lease_ends(storage: Storage) -> None:
    ids = [(await keep(storage, a_new_subscription(), due=True)).id for _ in range(2)]
    async with storage.unit_of_work() as uow:
        assert len(await uow.subscriptions.due(NOW, NOW + LEASE, 1)) == 1
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert len(await uow.subscriptions.due(NOW, NOW + LEASE, 10)) == 1
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.subscriptions.due(NOW, NOW + LEASE, 10)) == []
        assert set(await uow.subscriptions.due(NOW + LEASE, NOW + 2 * LEASE, 10)) == set(ids)
        await uow.commit()


async def test_what_is_put_off_is_not_looked_at_before(storage: Storage) -> None:
    kept = await keep(storage, a_new_subscription(), due=True)
    async with storage.unit_of_work() as uow:
        await uow.subscriptions.put_off(kept.id, NOW + GRACE)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.subscriptions.due(NOW + LEASE, NOW + GRACE, 10)) == []
        assert list(await uow.subscriptions.due(NOW + GRACE, NOW + GRACE + LEASE, 10)) == [kept.id]


async def test_what_was_changed_meanwhile_is_due_when_that_says(storage: Storage) -> None:
    kept = await keep(storage, a_subscription())
    async with storage.unit_of_work() as uow:
        await uow.subscriptions.save(kept, kept.heard_of("invoice.paid", NOW), NOW)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        await uow.subscriptions.put_off(kept.id, NOW + GRACE, kept.version)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.subscriptions.due(NOW, NOW + LEASE, 10)) == [kept.id]
        await uow.subscriptions.put_off(kept.id, NOW + GRACE, kept.version + 1)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert list(await uow.subscriptions.due(NOW + LEASE, NOW + GRACE, 10)) == []


async def test_lists_are_newest_first_and_turn_pages(storage: Storage) -> None:
    customer = CustomerId(new_id("cus"))
    kept = [
        await keep(
            storage,
            a_subscription(
                state, reference=f"sub_{number}", customer_id=customer, created_at=NOW + number * LEASE
            ),
        )
        for number, state in enumerate(
            (SubscriptionState.ACTIVE, SubscriptionState.ENDED, SubscriptionState.PAST_DUE)
        )
    ]
    lists, everything = storage.subscription_lists, SubscriptionChoice()
    newest_first = [each.id for each in reversed(kept)]
    found = await lists.subscriptions(None, 10, everything)
    assert [each.id for each in found] == newest_first
    page = await lists.subscriptions(None, 2, everything)
    rest = await lists.subscriptions(page[-1].id, 2, everything)
    assert [each.id for each in (*page, *rest)] == newest_first
    assert list(await lists.subscriptions(SubscriptionId("sub_none"), 2, everything)) == []
    for choice, count in (
        (SubscriptionChoice(customer_id=customer), 3),
        (SubscriptionChoice(customer_id=CustomerId("cus_other")), 0),
        (SubscriptionChoice(plan_id=PlanId("gold"), state=SubscriptionState.ENDED), 1),
        (SubscriptionChoice(entitlement=Entitlement.GRACE), 1),
        (SubscriptionChoice(plan_id=PlanId("silver")), 0),
    ):
        assert len(await lists.subscriptions(None, 10, choice)) == count


async def test_invoices_are_listed_newest_first_and_turn_pages(storage: Storage) -> None:
    before = await keep(storage, a_subscription())
    told = [invoiced(number=number, created_at=NOW + number * LEASE) for number in range(3)]
    await save(storage, before, before.observed(said(), told, GRACE, NOW))
    found = await storage.subscription_lists.invoices(before.id, None, 10)
    assert [each.said for each in found] == told[::-1]
    page = await storage.subscription_lists.invoices(before.id, None, 2)
    rest = await storage.subscription_lists.invoices(before.id, page[-1].id, 2)
    assert [*page, *rest] == list(found)
    assert list(await storage.subscription_lists.invoices(before.id, InvoiceId("inv_none"), 2)) == []
    assert list(await storage.subscription_lists.invoices(SubscriptionId("sub_none"), None, 2)) == []


async def test_what_was_not_committed_is_forgotten(storage: Storage) -> None:
    kept = await keep(storage, a_subscription())
    async with storage.unit_of_work() as uow:
        await uow.subscriptions.save(kept, kept.heard_of("x.y", NOW), None)
    assert await load(storage, kept.id) == kept
