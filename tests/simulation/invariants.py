"""What must hold once the faults have stopped and quiet has returned: the promise of the design, to the cent.

Each invariant names what contradicts it; an empty list means that it holds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from adapters.in_memory.held_payments import HeldPayment
from adapters.in_memory.storage import OrderRecord
from domain import journal
from domain.attempt import AttemptState
from domain.events import MessageKind
from domain.holding import was_refused_goods
from domain.identifiers import OrderId, Sku
from domain.journal import Account
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState
from domain.reservation import ReservationState
from domain.shop import StockKeeper
from tests.simulation.watch import MAY_BECOME
from tests.simulation.world import World

_OVER_AT_PROVIDER: Final = frozenset({PaymentState.CAPTURED, PaymentState.VOIDED})
_WITHOUT_OUTCOME: Final = frozenset({AttemptState.IN_FLIGHT, AttemptState.UNKNOWN})

Invariant = Callable[[World], Iterator[str]]


def _has_case(facts: OrderFacts) -> bool:
    return any(case.resolution is None for case in facts.cases)


def _payments_of(world: World, facts: OrderFacts) -> list[HeldPayment]:
    ours = {payment.id for payment in facts.payments}
    return [held for held in world.provider.everything() if held.payment_id in ours]


def _kept(payment: HeldPayment) -> int:
    return payment.snapshot.received.minor - payment.refunded_minor - payment.disputed_minor


def every_order_is_settled(world: World) -> Iterator[str]:
    for record in world.storage.orders.values():
        order = record.facts.order
        if (record.due_at is not None or order.state is OrderState.OPEN) and not _has_case(record.facts):
            yield f"{order.id} is {order.state.value}, due at {record.due_at}, and has no case"


def money_agrees(world: World) -> Iterator[str]:
    """Captured − refunded at the provider = the journal = the order."""
    for record in world.storage.orders.values():
        facts = record.facts
        provider = sum(_kept(payment) for payment in _payments_of(world, facts))
        booked = journal.balance(record.entries, Account.PROVIDER)
        known = sum(payment.captured.minor for payment in facts.payments)
        known -= sum(r.amount.minor for r in facts.refunds if r.state is RefundState.SUCCEEDED)
        known -= sum(dispute.amount.minor for dispute in facts.disputes if dispute.withdrawn)
        if not provider == booked == known:
            yield f"{facts.order.id}: provider {provider}, journal {booked}, order {known}"
        lost = sum(payment.given_up.minor for payment in facts.payments)
        lost += sum(dispute.amount.minor for dispute in facts.disputes if dispute.is_written_off)
        if lost != (written_off := journal.balance(record.entries, Account.WRITTEN_OFF)):
            yield f"{facts.order.id}: {written_off} is written off, {lost} was lost"


def money_is_where_it_belongs(world: World) -> Iterator[str]:
    """A completed order was paid as agreed, and no shopper owes or is owed anything; or a person was told.
    What they gave up was owed.
    """
    for record in world.storage.orders.values():
        facts = record.facts
        owed = journal.balance(record.entries, Account.SHOPPER)
        collected = sum(payment.captured.minor for payment in facts.payments)
        completed = facts.order.state is OrderState.COMPLETED
        as_agreed = collected == facts.sale.amount_due.minor if completed else True
        if not facts.cases and (owed or not as_agreed):
            state = facts.order.state.value
            yield f"{facts.order.id} is {state}: collected {collected}, the shopper owes {owed}"
        if owed < 0 and any(payment.forgone for payment in facts.payments):
            yield f"{facts.order.id}: {-owed} more was given up than was owed"


def nobody_paid_twice(world: World) -> Iterator[str]:
    """At most one captured payment an order, and at most one order a checkout: beside those that ended
    because their goods could not be had, and gave the checkout back (decision 16).
    """
    for record in world.storage.orders.values():
        captured = [p for p in _payments_of(world, record.facts) if p.snapshot.received.minor]
        if len(captured) > 1:
            yield f"{record.facts.order.id}: {', '.join(p.snapshot.reference for p in captured)}"
    placed = [r.facts for r in world.storage.orders.values() if not was_refused_goods(r.facts)]
    orders = Counter(facts.order.checkout_id for facts in placed)
    yield from (f"{checkout_id} made {count} orders" for checkout_id, count in orders.items() if count > 1)


def no_payment_is_forgotten(world: World) -> Iterator[str]:
    """Whatever the provider has belongs to a payment that we know, and nothing can still come of it when its
    order is over; nothing is held that nothing goes by.
    """
    known = {p.reference: (r.facts, p) for r in world.storage.orders.values() for p in r.facts.payments}
    for held in world.provider.everything():
        reference, state = held.snapshot.reference, held.snapshot.state
        if reference not in known:
            if state is not PaymentState.VOIDED:
                yield f"{reference} is {state.value}, and no order knows it"
            continue
        facts, payment = known[reference]
        # What is held after a capture failed is a person's, who can capture it again.
        over = state in _OVER_AT_PROVIDER or payment.has_fallen_through
        if held.snapshot.holds_stray and not _has_case(facts):
            yield f"{reference} of {facts.order.id} holds what nothing goes by"
        if not (facts.order.state is OrderState.OPEN or over or _has_case(facts)):
            yield f"{reference} is {state.value}, though {facts.order.id} is {facts.order.state.value}"


def stock_adds_up(world: World) -> Iterator[str]:
    """Held + sold + free = what was there, and every piece that isn't free has its order."""
    held: Counter[Sku] = Counter()
    sold: Counter[Sku] = Counter()
    there = _pieces_that_came(world)
    for record in world.storage.orders.values():
        if record.facts.order.stock_keeper is StockKeeper.BUILT_IN:
            _count_pieces(record, held, sold, there)
    for sku, level in world.storage.stock.items():
        if level.received != there[sku] or level.free < 0:
            yield f"{sku}: {level.received} received, {there[sku]} came; {level.free} are free"
        if (level.held, level.sold) != (held[sku], sold[sku]):
            yield (
                f"{sku}: {level.held} held, {level.sold} sold; orders hold {held[sku]} and took {sold[sku]}"
            )


def the_service_sold_what_orders_took(world: World) -> Iterator[str]:
    """Where an inventory service keeps the goods: each hold that it sold is an order's, and the other way
    round, and nothing is held when all is over.
    """
    holds = [record.facts.reservation for record in world.storage.orders.values()]
    taken = {h.service.reference for h in holds if h and h.service and h.state is ReservationState.CONFIRMED}
    sold = {h.reference for h in world.inventory.holds() if h.state is ReservationState.CONFIRMED}
    yield from (f"{reference} was sold, and no order took it" for reference in sorted(sold - taken))
    yield from (f"{reference} was taken, and is not sold" for reference in sorted(map(str, taken - sold)))
    for sku in world.first_pieces:
        if held := world.inventory.held(sku):
            yield f"{sku}: {held} are still held"


def _pieces_that_came(world: World) -> Counter[Sku]:
    there = Counter(world.first_pieces)
    for receipt in world.storage.stock_receipts.values():
        there[receipt.sku] += receipt.quantity
    return there


def _count_pieces(record: OrderRecord, held: Counter[Sku], sold: Counter[Sku], there: Counter[Sku]) -> None:
    facts, hold = record.facts, record.facts.reservation
    if hold is not None and hold.state is ReservationState.HELD:
        held.update({good.sku: good.quantity for good in facts.sale.goods()})
    if hold is not None and hold.state is ReservationState.CONFIRMED:
        out = facts.order.goods_of(facts.sale.pieces_out())
        sold.update({good.sku: good.quantity for good in out})
    for shortage in facts.shortages:
        if shortage.written_off and shortage.pieces:
            gone = facts.order.goods_of({piece.line_id: piece.quantity for piece in shortage.pieces})
            there.subtract({good.sku: good.quantity for good in gone})


def every_confirmation_is_sent(world: World) -> Iterator[str]:
    """Recorded once with the completion, and sent at least once."""
    sent = {mail.message_id for mail in world.mailbox.sent}
    recorded: dict[str, list[str]] = {}
    for message_id, work in world.storage.outbox.items():
        if work.content.kind is not MessageKind.ORDER_CONFIRMATION:
            continue
        recorded.setdefault(work.content.order_id, []).append(message_id)
        if message_id not in sent:
            yield f"{message_id} of {work.content.order_id} was never sent"
    for order_id, record in world.storage.orders.items():
        wanted = 1 if record.facts.order.state is OrderState.COMPLETED else 0
        if len(recorded.get(order_id, [])) != wanted:
            yield f"{order_id}: {len(recorded.get(order_id, []))} confirmations are recorded, not {wanted}"


def every_attempt_has_an_outcome(world: World) -> Iterator[str]:
    for record in world.storage.orders.values():
        for attempt in record.facts.attempts:
            if attempt.state in _WITHOUT_OUTCOME and not _has_case(record.facts):
                yield f"{attempt.id} ({attempt.operation.value}) is {attempt.state.value}"


def every_webhook_is_stored_once(world: World) -> Iterator[str]:
    """What was acknowledged is stored, once, and has been handled."""
    stored = Counter(work.content.event_id for work in world.storage.inbox.values())
    for event_id in sorted(world.deliveries.acknowledged):
        if stored[event_id] != 1:
            yield f"{event_id} was acknowledged, and is stored {stored[event_id]} times"
    for webhook_id, work in world.storage.inbox.items():
        if work.due_at is not None or work.parked_because is not None:
            yield f"{webhook_id} ({work.content.event_type}) was not handled: {work.parked_because}"


def every_promise_was_kept(world: World) -> Iterator[str]:
    """What a clear answer said of an order is still true, or has gone on as orders do."""
    for client in world.clients:
        for order_id, state in client.told:
            record = world.storage.orders.get(OrderId(order_id))
            if record is None:
                yield f"{client.name} was told of {order_id}, which is not there"
            elif record.facts.order.state not in MAY_BECOME[state]:
                yield f"{client.name} was told that {order_id} is {state.value}"


INVARIANTS: Final[Mapping[str, Invariant]] = {
    "no order is unsettled without a case": every_order_is_settled,
    "captured − refunded at the provider = the journal = the order": money_agrees,
    "money is where it belongs": money_is_where_it_belongs,
    "nobody was charged twice": nobody_paid_twice,
    "no payment is forgotten at the provider": no_payment_is_forgotten,
    "stock held + sold + free = what was there": stock_adds_up,
    "the inventory service sold what orders took": the_service_sold_what_orders_took,
    "each confirmation is recorded once and sent": every_confirmation_is_sent,
    "no attempt is without an outcome": every_attempt_has_an_outcome,
    "each webhook is stored once and handled": every_webhook_is_stored_once,
    "what a client was told is still true": every_promise_was_kept,
}


def violations(world: World) -> dict[str, list[str]]:
    """All that was broken, at some moment or at the end, by invariant; empty when the promise was kept."""
    found = {name: list(invariant(world)) for name, invariant in INVARIANTS.items()}
    return {name: broken for name, broken in (world.watch.violations | found).items() if broken}
