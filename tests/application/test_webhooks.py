"""Every event type at every order: each changes nothing, or lets the order go on as it should."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from application.cancel_order import Cancellation
from application.receive_webhook import HandleWebhook, ReceiveWebhook
from domain.attempt import AttemptState
from domain.identifiers import OrderId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from ports.errors import OutcomeUnknown, PortError, Rejected, SignatureInvalid, Unavailable
from tests.application.shop import ASKS_BANK, LACKS_FUNDS, TOTAL_MINOR, Shop
from tests.application.webhooks import ABOUT_NOTHING_OF_OURS, ABOUT_PAYMENTS, READER, event, signed

AT_ANOTHER_PAGE: Final = Instrument(token="pm_ideal")
CAN_BE_STOPPED: Final = Instrument(token="pm_usBankAccount_success")
CAN_NOT_BE_STOPPED: Final = Instrument(token="pm_sepaDebit")
A_MOMENT: Final = timedelta(seconds=30)


class Post:
    """The shop with a letter box for Stripe's events, and the worker that empties it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.arrived: list[str] = []
        self._receive = ReceiveWebhook(shop.unit_of_work, READER, shop.clock, self)

    async def order_is_due(self, order_id: str) -> None:
        raise AssertionError("a webhook makes no order due")

    async def webhook_arrived(self, webhook_id: str) -> None:
        self.arrived.append(webhook_id)

    async def receives(self, body: bytes) -> None:
        await self._receive(body, signed(body, self.shop.clock.now()))

    async def handles(self, body: bytes) -> None:
        await self.receives(body)
        while self.arrived:
            await self.shop.handle_webhook(self.arrived.pop())

    async def rests(self, order_id: OrderId) -> OrderFacts:
        """What has become of the order when everything that was due within some minutes is done."""
        for _ in range(4):
            await self.shop.after(order_id, A_MOMENT)
        return await self.shop.facts(order_id)

    @property
    def waiting(self) -> int:
        return sum(record.due_at is not None for record in self.shop.storage.inbox.values())

    @property
    def parked(self) -> list[str | None]:
        return [r.parked_because for r in self.shop.storage.inbox.values() if r.parked_because is not None]


@pytest.fixture
async def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    # The simulated provider under Stripe's name, so that genuine bodies and signatures lead to it.
    monkeypatch.setattr(InMemoryPaymentGateway, "provider", "stripe")
    return Post(await Shop().stocked())


async def awaiting_method(shop: Shop) -> OrderFacts:
    return await shop.placed()


async def awaiting_bank(shop: Shop) -> OrderFacts:
    return await shop.tries(await shop.placed(), ASKS_BANK)


async def at_another_page(shop: Shop) -> OrderFacts:
    return await shop.tries(await shop.placed(), AT_ANOTHER_PAGE)


async def processing(shop: Shop) -> OrderFacts:
    return await shop.tries(await shop.placed(), CAN_BE_STOPPED)


async def called_off_too_late(shop: Shop) -> OrderFacts:
    """Its money is on its way, and nobody can stop that."""
    debited = await shop.tries(await shop.placed(), CAN_NOT_BE_STOPPED)
    return await shop.cancel(Cancellation(order_id=debited.order.id, reason=ClosingReason.SHOPPER))


async def declined(shop: Shop) -> OrderFacts:
    return await shop.tries(await shop.placed(), LACKS_FUNDS)


async def authorized(shop: Shop) -> OrderFacts:
    """The capture that follows could not be asked for yet."""
    placed = await shop.placed()
    shop.faults.planned.append(("capture", "before", Unavailable("refused")))
    shop.provider.complete_authentication(reference_of(placed))
    return await shop.advance.record(placed.order.id, await observed(shop, placed))


async def capture_in_doubt(shop: Shop) -> OrderFacts:
    placed = await shop.placed()
    shop.faults.planned.append(("capture", "after", OutcomeUnknown("timeout")))
    shop.provider.complete_authentication(reference_of(placed))
    return await shop.advance.record(placed.order.id, await observed(shop, placed))


async def completed(shop: Shop) -> OrderFacts:
    return await shop.bought()


async def cancelled(shop: Shop) -> OrderFacts:
    placed = await shop.placed()
    return await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))


async def expired(shop: Shop) -> OrderFacts:
    placed = await shop.placed()
    return await shop.after(placed.order.id, shop.rules.payment_window)


async def refunded(shop: Shop) -> OrderFacts:
    """It was paid in the moment in which it was called off: the money went back."""
    placed = await shop.placed()
    captures(shop, reference_of(placed))
    return await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))


async def observed(shop: Shop, facts: OrderFacts) -> Callable[[OrderFacts], OrderFacts]:
    snapshot = await shop.provider.retrieve(reference_of(facts))
    payment_id, now = facts.payments[0].id, shop.clock.now()
    return lambda latest: latest.payment_observed(payment_id, snapshot, now)


def reference_of(facts: OrderFacts) -> str:
    reference = facts.payments[0].reference
    assert reference is not None
    return reference


def pays(shop: Shop, reference: str) -> None:
    """The shopper's bank says yes, whatever the shop thinks of it by now."""
    shop.provider.complete_authentication(reference)


def captures(shop: Shop, reference: str) -> None:
    """Somebody takes the money in the provider's dashboard."""
    pays(shop, reference)
    held = shop.provider._held(reference)
    shop.provider._capture(reference, held.snapshot.amount)


def declines(shop: Shop, reference: str) -> None:
    shop.provider.fail_authentication(reference)


def sends_back(shop: Shop, reference: str) -> None:
    """The shopper's bank does not pay the debit."""
    shop.provider.bounce(reference)


def voids(shop: Shop, reference: str) -> None:
    """Somebody gives the payment up in the provider's dashboard."""
    shop.provider._void(reference)


def took_effect(shop: Shop, reference: str) -> None:
    """What the shop asked for and got no answer to was done."""


def nothing(shop: Shop, reference: str) -> None:
    """The event repeats what is known, or comes too late to matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An order, what happens to its payment at the provider, and how the order stands in the end.

    `held_minor` is what the provider holds in the end.
    """

    order: Callable[[Shop], Awaitable[OrderFacts]]
    happens: Callable[[Shop, str], None]
    ends: OrderState
    held_minor: int = 0
    cases: int = 0


OPEN, COMPLETED = OrderState.OPEN, OrderState.COMPLETED
CANCELLED, EXPIRED = OrderState.CANCELLED, OrderState.EXPIRED
TABLE: Final = (
    Row(order=awaiting_method, happens=nothing, ends=OPEN),
    Row(order=awaiting_method, happens=pays, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=awaiting_method, happens=captures, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=awaiting_method, happens=declines, ends=OPEN),
    Row(order=awaiting_method, happens=voids, ends=OPEN),
    Row(order=awaiting_bank, happens=nothing, ends=OPEN),
    Row(order=awaiting_bank, happens=pays, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=awaiting_bank, happens=captures, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=awaiting_bank, happens=declines, ends=OPEN),
    Row(order=awaiting_bank, happens=voids, ends=OPEN),
    Row(order=at_another_page, happens=nothing, ends=OPEN),
    Row(order=at_another_page, happens=pays, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=at_another_page, happens=declines, ends=OPEN),
    Row(order=at_another_page, happens=voids, ends=OPEN),
    Row(order=called_off_too_late, happens=pays, ends=CANCELLED, cases=1),
    Row(order=called_off_too_late, happens=sends_back, ends=CANCELLED),
    Row(order=processing, happens=nothing, ends=OPEN),
    Row(order=processing, happens=sends_back, ends=OPEN),
    Row(order=processing, happens=pays, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=processing, happens=declines, ends=OPEN),
    Row(order=processing, happens=voids, ends=OPEN),
    Row(order=declined, happens=nothing, ends=OPEN),
    Row(order=declined, happens=pays, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=declined, happens=voids, ends=OPEN),
    Row(order=authorized, happens=nothing, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=authorized, happens=captures, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=authorized, happens=voids, ends=OPEN),
    Row(order=capture_in_doubt, happens=took_effect, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=completed, happens=nothing, ends=COMPLETED, held_minor=TOTAL_MINOR),
    Row(order=cancelled, happens=nothing, ends=CANCELLED),
    Row(order=refunded, happens=nothing, ends=CANCELLED, cases=1),
    Row(order=expired, happens=nothing, ends=EXPIRED),
)


def name_of(value: object) -> str:
    return f"{value.order.__name__}-{value.happens.__name__}" if isinstance(value, Row) else str(value)


@pytest.mark.parametrize("row", TABLE, ids=name_of)
async def test_every_event_at_every_order(post: Post, row: Row) -> None:
    for kind in ABOUT_PAYMENTS:
        await comes(kind, row, Post(await Shop().stocked()))


async def comes(kind: str, row: Row, post: Post) -> None:
    """An event of this kind comes to a new order of this row; then time goes by."""
    shop = post.shop
    before = await row.order(shop)
    reference = reference_of(before)
    row.happens(shop, reference)
    body = event(kind, reference)
    await post.handles(body)
    told = await shop.facts(before.order.id)
    if row.happens is nothing:
        assert unlooked_at(told) == unlooked_at(before)
    # The same event again, and an older one that comes late.
    await post.handles(body)
    await post.handles(event("payment_intent.created", reference))
    assert (post.waiting, post.parked) == (0, [])
    after = await post.rests(before.order.id)
    assert after.order.state is row.ends
    assert shop.provider.held_minor(after.payments[0].id) == row.held_minor
    assert len(after.cases) == row.cases
    # An open order keeps its goods, even confirmed ones whose payment was taken back.
    assert shop.stock.free == (9 if row.ends in (OPEN, COMPLETED) else 10)
    assert shop.stock.held == 0 or row.ends is OPEN
    assert len(shop.mail.sent) <= 2


def unlooked_at(facts: OrderFacts) -> OrderFacts:
    """The facts without when they were looked at, and how often they were written."""

    def payment(payment: Payment) -> Payment:
        return replace(payment, seen_at=None)

    return replace(
        facts,
        order=replace(facts.order, version=0),
        payments=tuple(payment(each) for each in facts.payments),
    )


@pytest.mark.parametrize("kind", ABOUT_NOTHING_OF_OURS)
async def test_an_event_about_nothing_of_ours_is_stored_and_acknowledged(post: Post, kind: str) -> None:
    before = await post.shop.placed()
    await post.handles(event(kind, reference_of(before)))
    assert (len(post.shop.storage.inbox), post.waiting, post.parked) == (1, 0, [])
    assert await post.shop.facts(before.order.id) == before


@pytest.mark.parametrize("kind", ABOUT_PAYMENTS)
async def test_an_event_about_an_unknown_payment_is_stored_and_soon_let_be(post: Post, kind: str) -> None:
    await post.handles(event(kind, "pi_of_somebody_else"))
    assert post.waiting == 1
    for _ in range(6):
        post.shop.clock.advance(A_MOMENT)
        assert not (await post.shop.sweep()).failures
    assert (len(post.shop.storage.inbox), post.waiting, post.parked) == (1, 0, [])


async def test_an_event_that_overtakes_the_answer_to_its_payments_creation_is_tried_again(post: Post) -> None:
    shop = post.shop
    shop.faults.planned.append(("create", "after", OutcomeUnknown("timeout")))
    placed = await shop.placed()
    (held,) = shop.provider._payments.values()
    shop.provider.complete_authentication(held.snapshot.reference)
    await post.handles(event("payment_intent.amount_capturable_updated", held.snapshot.reference))
    assert post.waiting == 1
    after = await post.rests(placed.order.id)
    assert (after.order.state, post.waiting) == (OrderState.COMPLETED, 0)
    assert shop.collected(after) == TOTAL_MINOR


async def test_an_event_is_stored_once_however_often_it_comes(post: Post) -> None:
    body = event("payment_intent.succeeded", "pi_1")
    for _ in range(3):
        await post.receives(body)
    assert (len(post.shop.storage.inbox), len(post.arrived)) == (1, 1)


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_an_old_or_a_future_signature_leaves_no_row(post: Post, minutes: int) -> None:
    body, receive = event("payment_intent.succeeded", "pi_1"), post._receive
    with pytest.raises(SignatureInvalid):
        await receive(body, signed(body, post.shop.clock.now() + timedelta(minutes=minutes)))
    assert not post.shop.storage.inbox


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"id": "evt_1"}', b'{"id": 1, "type": 2, "data": 3}'])
async def test_a_body_that_is_no_event_leaves_no_row(post: Post, body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        await post.receives(body)
    assert not post.shop.storage.inbox


async def test_a_forged_signature_leaves_no_row(post: Post) -> None:
    body, now = event("payment_intent.succeeded", "pi_1"), post.shop.clock.now()
    with pytest.raises(SignatureInvalid):
        await post._receive(body, signed(body, now, "whsec_guessed"))
    assert not post.shop.storage.inbox


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Unavailable("refused"), "refused"), (OutcomeUnknown("reset"), "reset"), (Rejected("gone"), "gone")],
)
async def test_an_event_that_cannot_be_handled_is_parked_in_the_end_with_the_reason(
    post: Post, error: PortError, reason: str
) -> None:
    placed = await post.shop.placed()
    post.shop.faults.planned.extend(("retrieve", "before", error) for _ in range(10_000))
    await post.handles(event("payment_intent.succeeded", reference_of(placed)))
    assert post.waiting == 1
    for _ in range(30):
        post.shop.clock.advance(timedelta(hours=1))
        await post.shop.sweep()
    assert (post.waiting, post.parked) == (0, [reason])


async def test_a_provider_that_is_away_for_an_hour_parks_nothing(post: Post) -> None:
    placed = await post.shop.placed()
    pays(post.shop, reference_of(placed))
    for minute in range(60):
        if minute:
            post.shop.clock.advance(timedelta(minutes=1))
        post.shop.faults.planned = [("retrieve", "before", Unavailable("refused"))] * 100
        if minute:
            await post.shop.sweep()
        else:
            await post.handles(event("payment_intent.succeeded", reference_of(placed)))
    post.shop.faults.planned = []
    assert (post.waiting, post.parked) == (1, [])
    post.shop.clock.advance(timedelta(hours=1))
    await post.shop.sweep()
    assert post.waiting == 0
    assert (await post.shop.facts(placed.order.id)).order.state is OrderState.COMPLETED


async def test_a_defect_is_told_and_parks_the_event_in_the_end(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = await post.shop.placed()

    def defect(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(HandleWebhook, "_told", defect)
    with pytest.raises(ZeroDivisionError):
        await post.handles(event("payment_intent.succeeded", reference_of(placed)))
    assert post.waiting == 1
    failures: list[BaseException] = []
    for _ in range(6):
        post.shop.clock.advance(timedelta(minutes=2))
        failures += (await post.shop.sweep()).failures
    assert {type(failure) for failure in failures} == {ZeroDivisionError}
    assert all(failure.__notes__[0].startswith("whk_") for failure in failures)
    assert (post.waiting, post.parked) == (0, ["ZeroDivisionError"])


async def test_the_states_of_the_table_are_what_they_say(post: Post) -> None:
    assert (await authorized(post.shop)).attempts[0].state is AttemptState.UNAVAILABLE
    assert (await capture_in_doubt(post.shop)).attempts[0].state is AttemptState.UNKNOWN
    states = {
        awaiting_method: PaymentState.AWAITING_METHOD,
        awaiting_bank: PaymentState.AWAITING_ACTION,
        at_another_page: PaymentState.AWAITING_ACTION,
        processing: PaymentState.PROCESSING,
        called_off_too_late: PaymentState.PROCESSING,
        authorized: PaymentState.AUTHORIZED,
        completed: PaymentState.CAPTURED,
        cancelled: PaymentState.VOIDED,
        expired: PaymentState.VOIDED,
        refunded: PaymentState.CAPTURED,
    }
    for order, state in states.items():
        facts = await order(await Shop().stocked())
        assert facts.payments[0].state is state, order.__name__
    assert (await declined(post.shop)).payments[0].decline is not None
    assert len((await refunded(await Shop().stocked())).refunds) == 1
