"""A provider that takes on what it is asked for and tells later what came of it. Even money that it has told
as captured may turn out not to come, and a shopper may pay once more when nothing can go by it.
"""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from adapters.in_memory.held_payments import HeldPayment
from adapters.in_memory.late_payment_gateway import LateInMemoryPaymentGateway
from domain.money import Money
from domain.payment import PaymentState
from tests.simulation.faults import Fault, Place

if TYPE_CHECKING:
    from tests.simulation.world import World

_ENDED: Final = (PaymentState.CAPTURED, PaymentState.VOIDED)
_CARRIED_OUT_WITHIN_SECONDS: Final = (0.1, 900.0)
_FAILS_WITHIN_SECONDS: Final = (1.0, 7_200.0)
_PAYS_AGAIN_WITHIN_SECONDS: Final = (1.0, 1_800.0)
_CAPTURES_THAT_FAIL_WHOLLY: Final = 0.7


def late_provider(world: "World") -> LateInMemoryPaymentGateway:
    """One whose shoppers, banks and schemes do as the world's faults have it."""

    def taken_on() -> None:
        world.begin(carried_out())

    async def carried_out() -> None:
        await world.wait(*_CARRIED_OUT_WITHIN_SECONDS)
        fault = world.faults.at(Place.MODIFICATION, "payments.carry_out")
        reference = provider.carry_out(fails=fault is Fault.MODIFICATION_FAILS)
        for story in aftermath(reference):
            world.begin(story)

    def aftermath(reference: str) -> list[Coroutine[Any, Any, None]]:
        stories = []
        state = held(reference).snapshot.state
        if state is PaymentState.CAPTURED and world.faults.at(Place.CAPTURED, "payments.captured"):
            stories.append(fails(reference))
        if state in _ENDED and world.faults.at(Place.ENDED, "payments.ended"):
            stories.append(pays_again(reference))
        return stories

    async def fails(reference: str) -> None:
        """All of it, or some. What a bank has taken up, the scheme leaves to it."""
        await world.wait(*_FAILS_WITHIN_SECONDS)
        payment, received = held(reference), held(reference).snapshot.received
        if received and payment.dispute is None:
            part = Money(minor=world.random.randint(1, received.minor), currency=received.currency)
            wholly = world.random.random() < _CAPTURES_THAT_FAIL_WHOLLY
            provider.fail_capture(reference, None if wholly else part)

    async def pays_again(reference: str) -> None:
        await world.wait(*_PAYS_AGAIN_WITHIN_SECONDS)
        snapshot = held(reference).snapshot
        if snapshot.state in _ENDED and not snapshot.holds_stray:
            provider.authorize_besides(reference)

    def held(reference: str) -> HeldPayment:
        return next(each for each in provider.everything() if each.snapshot.reference == reference)

    tell = world.deliveries.provider_tells
    provider = LateInMemoryPaymentGateway(world.clock, tell=tell, taken_on=taken_on)
    return provider
