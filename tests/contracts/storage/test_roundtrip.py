"""Whatever the domain can say of an order comes back word for word, after adding it and after changing it
into another.
"""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from domain.order_facts import OrderFacts
from tests.builders import any_facts
from tests.contracts.storage.conftest import Storage

# The storage stays the same through all examples: every order has ids of its own.
settings.register_profile("storage", max_examples=25, deadline=None)
FEW = settings(
    settings.get_profile("storage"),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(facts=any_facts())
async def test_any_order_comes_back(storage: Storage, facts: OrderFacts) -> None:
    assert await storage.keep(facts) == facts.as_stored(1)


@FEW
@given(facts=any_facts(), other=any_facts())
async def test_any_change_comes_back(storage: Storage, facts: OrderFacts, other: OrderFacts) -> None:
    before = await storage.keep(facts)
    changed = tuple(
        replace(theirs, id=ours.id, order_id=ours.order_id, amount=ours.amount, created_at=ours.created_at)
        for ours, theirs in zip(before.payments, other.payments, strict=False)
    )
    added = (replace(payment, order_id=before.order.id) for payment in other.payments[len(changed) :])
    hold = replace(other.reservation, order_id=before.order.id) if other.reservation else before.reservation
    after = replace(
        before,
        order=replace(before.order, state=other.order.state, pay_until=other.order.pay_until),
        payments=(*changed, *before.payments[len(changed) :], *added),
        attempts=(*before.attempts, *other.attempts),
        reservation=hold,
        cases=(*before.cases, *other.cases),
    )
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, None)
        await uow.commit()
    assert await storage.load(facts.order.id) == after.as_stored(2)
