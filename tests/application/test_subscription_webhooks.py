"""Every event type that Stripe sends about a subscription, at every state of one: late, twice, out of order,
or about somebody else's. What counts is what the provider says when it is read.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest

from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.in_memory.subscription_billing import InMemorySubscriptionBilling
from domain.standing import CancellationTime, Entitlement, SubscriptionState
from domain.subscription import Subscription
from ports.errors import OutcomeUnknown, Unavailable
from tests.application.shop import Shop
from tests.application.subscribing import FAILS, SILVER, WORKS, Subscriber, reference_of
from tests.application.test_webhooks import Post

_numbers = count(1)
OF_SUBSCRIPTIONS: Final = tuple(
    f"customer.subscription.{name}"
    for name in (
        *("created", "updated", "deleted", "paused", "resumed", "trial_will_end"),
        *("pending_update_applied", "pending_update_expired", "of_a_future_kind"),
    )
)
OF_INVOICES: Final = tuple(
    f"invoice.{name}"
    for name in (
        *("created", "finalized", "paid", "payment_succeeded", "payment_failed"),
        *("payment_action_required", "marked_uncollectible", "voided", "updated", "of_a_future_kind"),
    )
)
EVERY_TYPE: Final = (*OF_SUBSCRIPTIONS, *OF_INVOICES)


def event(kind: str, reference: str) -> bytes:
    """What Stripe would send; what it says of the subscription's state is not to be believed."""
    about: dict[str, Any] = {"id": reference, "object": "subscription", "status": "whatever_it_was_then"}
    if kind in OF_INVOICES:
        about = {"id": "in_1", "object": "invoice", "subscription": reference, "payment_intent": "pi_1"}
    body = {"id": f"evt_s{next(_numbers)}", "object": "event", "type": kind, "data": {"object": about}}
    return json.dumps(body).encode()


class Letterbox(Post):
    """The shop with a letter box for Stripe's events, and a subscriber."""

    def __init__(self, shop: Shop, ada: Subscriber) -> None:
        super().__init__(shop)
        self.ada = ada

    @property
    def reference(self) -> str:
        """What the provider calls the one subscription that it has."""
        (held,) = self.shop.billing.everything()
        return held.reference

    async def settles(self) -> Subscription:
        """What has become of it when everything that was due within some minutes is done."""
        subscription = await self.ada.only()
        for _ in range(4):
            subscription = await self.ada.later(subscription, timedelta(seconds=30))
        return subscription


@pytest.fixture
async def box(monkeypatch: pytest.MonkeyPatch) -> Letterbox:
    # The simulated provider under Stripe's name, so that genuine bodies and signatures lead to it.
    for simulated in (InMemorySubscriptionBilling, InMemoryCustomerVault):
        monkeypatch.setattr(simulated, "provider", "stripe")
    shop = await Shop().stocked()
    return Letterbox(shop, await Subscriber(shop).registered())


async def answer_lost(ada: Subscriber) -> None:
    """The provider has it, and we don't know yet."""
    ada.shop.faults.planned.append(("subscribe", "after", OutcomeUnknown("lost")))
    await ada.subscribes()


async def incomplete(ada: Subscriber) -> None:
    await ada.subscribes(token=None)


async def active(ada: Subscriber) -> None:
    await ada.subscribes()


async def ending(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    await ada.shop.cancel_subscription(gold.id, CancellationTime.PERIOD_END)


async def owing(ada: Subscriber) -> None:
    await ada.owing()


async def downgraded(ada: Subscriber) -> None:
    await ada.later(await ada.owing(), ada.shop.rules.dunning_grace)


async def ended(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    await ada.shop.cancel_subscription(gold.id, CancellationTime.NOW)


async def change_in_doubt(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    ada.shop.faults.planned.append(("change_plan", "after", OutcomeUnknown("lost")))
    await ada.shop.change_plan(gold.id, SILVER)


async def cancellation_in_doubt(ada: Subscriber) -> None:
    gold = await ada.subscribes()
    ada.shop.faults.planned.append(("cancel", "before", OutcomeUnknown("lost")))
    await ada.shop.cancel_subscription(gold.id, CancellationTime.NOW)


STATES: Final[tuple[Callable[[Subscriber], Awaitable[None]], ...]] = (
    *(answer_lost, incomplete, active, ending, owing, downgraded, ended),
    *(change_in_doubt, cancellation_in_doubt),
)


def nothing(billing: InMemorySubscriptionBilling, reference: str) -> None: ...


def renewed(billing: InMemorySubscriptionBilling, reference: str) -> None:
    billing.use_method(reference, WORKS)
    billing.bill_next_period(reference)


def renewed_in_vain(billing: InMemorySubscriptionBilling, reference: str) -> None:
    billing.use_method(reference, FAILS)
    billing.bill_next_period(reference)


def paid(billing: InMemorySubscriptionBilling, reference: str) -> None:
    billing.pay_open(reference)


def given_up(billing: InMemorySubscriptionBilling, reference: str) -> None:
    billing.give_up(reference)


HAPPENINGS: Final = (nothing, renewed, renewed_in_vain, paid, given_up)


def name_of(row: object) -> str:
    return getattr(row, "__name__", "")


@pytest.mark.parametrize("happens", HAPPENINGS, ids=name_of)
@pytest.mark.parametrize("state", STATES, ids=name_of)
@pytest.mark.parametrize("kind", EVERY_TYPE)
async def test_an_event_leads_to_what_the_provider_says_now(
    box: Letterbox,
    kind: str,
    state: Callable[[Subscriber], Awaitable[None]],
    happens: Callable[[InMemorySubscriptionBilling, str], None],
) -> None:
    await state(box.ada)
    happens(box.shop.billing, box.reference)
    body = event(kind, box.reference)
    await box.handles(body)
    # The same event again, and older ones that come late.
    await box.handles(body)
    for late in ("customer.subscription.created", "invoice.payment_failed", "invoice.paid"):
        await box.handles(event(late, box.reference))
    after = await box.settles()
    assert (box.waiting, box.parked) == (0, [])
    await box.ada.agrees(after)
    had = after.entitlement
    match after.state:
        case SubscriptionState.ACTIVE:
            assert had is Entitlement.FULL
        case SubscriptionState.PAST_DUE:
            assert had is (Entitlement.NONE if state is downgraded else Entitlement.GRACE)
        case _:
            assert had is Entitlement.NONE


@pytest.mark.parametrize("kind", EVERY_TYPE)
async def test_an_event_about_somebody_else_s_subscription_changes_nothing(box: Letterbox, kind: str) -> None:
    before = await box.ada.subscribes()
    await box.handles(event(kind, "sub_of_somebody_else"))
    assert (len(box.shop.storage.inbox), box.waiting, box.parked) == (1, 0, [])
    assert await box.ada.known(before.id) == before


async def test_one_that_carries_an_id_we_do_not_have_is_looked_for_again_and_then_let_be(
    box: Letterbox,
) -> None:
    await box.ada.subscribes()
    reference = box.reference
    box.shop.storage.subscriptions.clear()
    await box.handles(event("invoice.paid", reference))
    assert box.waiting == 1
    for _ in range(8):
        box.shop.clock.advance(timedelta(minutes=5))
        assert not (await box.shop.sweep()).failures
    assert (box.waiting, box.parked) == (0, [])


async def test_a_provider_that_is_away_when_the_event_comes_is_asked_later(box: Letterbox) -> None:
    gold = await box.ada.subscribes()
    renewed_in_vain(box.shop.billing, reference_of(gold))
    box.shop.faults.planned.append(("retrieve_subscription", "before", Unavailable("breaker_open")))
    await box.handles(event("invoice.payment_failed", box.reference))
    assert (await box.ada.known(gold.id)).state is SubscriptionState.ACTIVE
    after = await box.settles()
    assert after.state is SubscriptionState.PAST_DUE


async def test_an_event_that_overtakes_the_answer_is_read_by_our_own_id(box: Letterbox) -> None:
    await answer_lost(box.ada)
    box.shop.faults.planned.append(("retrieve_subscription", "before", Unavailable("refused")))
    await box.handles(event("customer.subscription.created", box.reference))
    assert box.waiting == 1
    after = await box.settles()
    assert (after.state, box.waiting) == (SubscriptionState.ACTIVE, 0)


async def test_an_event_is_acted_on_once_however_often_it_comes(box: Letterbox) -> None:
    await box.ada.subscribes()
    body = event("invoice.paid", box.reference)
    for _ in range(3):
        await box.receives(body)
    assert (len(box.shop.storage.inbox), len(box.arrived)) == (1, 1)
