"""The gateways under contract, each with somebody who plays the shopper's bank."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.late_payment_gateway import LateInMemoryPaymentGateway
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.stripe.payment_gateway import StripePaymentGateway
from domain.dispute import DisputeState
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import PaymentSnapshot
from domain.refund import RefundSnapshot, RefundState
from ports.errors import Rejected
from ports.payment_ledger import PaymentProvider
from tests.contracts.payments.adyen import adyen_at
from tests.contracts.payments.requests import key
from tests.sandbox.server import RunningSandbox

_VERDICTS = {DisputeState.WON: "win", DisputeState.LOST: "lose"}


class Bank(Protocol):
    """What only the shopper and the bank can do."""

    async def agrees(self, reference: str) -> None: ...

    async def refuses(self, reference: str) -> None: ...

    async def agrees_too_late(self, reference: str) -> None: ...

    async def pays(self, reference: str) -> None: ...

    async def bounces(self, reference: str) -> None: ...

    async def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None: ...

    async def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None: ...

    async def disputes(self, reference: str, state: DisputeState) -> None: ...

    # at the provider's own desk

    async def refunds_by_hand(self, reference: str, amount: Money) -> str: ...

    async def charges_for_another(self, amount: Money) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`postman` brings what the provider has to tell later, where it does."""

    gateway: PaymentProvider
    bank: Bank
    postman: "Postman | None" = None

    async def outcome(self, snapshot: PaymentSnapshot) -> PaymentSnapshot:
        """What has become of a capture or a void: told with its answer, or later."""
        if self.postman is None:
            assert not snapshot.is_changing
            return snapshot
        await self.postman.everything_is_carried_out()
        return await self.gateway.retrieve(snapshot.reference)

    async def outcome_of_refund(
        self, reference: str, refund_id: RefundId, told: RefundSnapshot
    ) -> RefundSnapshot:
        if self.postman is None:
            return told
        await self.postman.everything_is_carried_out()
        found = await self.gateway.find_refund(reference, refund_id)
        assert found is not None
        return found

    async def turns_down_capture(self, reference: str, amount: Money) -> bool:
        """At once, or later."""
        try:
            told = await self.gateway.capture(reference, amount, key())
        except Rejected:
            return True
        return (await self.outcome(told)).received.minor == 0

    async def turns_down_refund(self, reference: str, refund_id: str, amount: Money) -> bool:
        """At once, or later."""
        try:
            told = await self.gateway.refund(reference, RefundId(refund_id), amount, key())
        except Rejected:
            return True
        outcome = await self.outcome_of_refund(reference, RefundId(refund_id), told)
        return outcome.state is RefundState.FAILED


class Postman(Protocol):
    async def everything_is_carried_out(self) -> None: ...


class FakeBank:
    def __init__(self, gateway: InMemoryPaymentGateway) -> None:
        self._gateway = gateway

    async def agrees(self, reference: str) -> None:
        self._gateway.complete_authentication(reference)

    async def refuses(self, reference: str) -> None:
        self._gateway.fail_authentication(reference)

    async def agrees_too_late(self, reference: str) -> None:
        self._gateway.complete_authentication(reference)

    async def pays(self, reference: str) -> None:
        self._gateway.settle(reference)

    async def bounces(self, reference: str) -> None:
        self._gateway.bounce(reference)

    async def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._gateway.end_refund(reference, refund_id, RefundState.SUCCEEDED)

    async def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._gateway.end_refund(reference, refund_id, RefundState.FAILED)

    async def disputes(self, reference: str, state: DisputeState) -> None:
        self._gateway.dispute(reference, state)

    async def refunds_by_hand(self, reference: str, amount: Money) -> str:
        return self._gateway.refund_by_hand(reference, amount).reference

    async def charges_for_another(self, amount: Money) -> None:
        self._gateway.charge_for_another(amount)


class SandboxBank:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    async def agrees(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/complete_authentication")

    async def refuses(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/fail_authentication")

    async def agrees_too_late(self, reference: str) -> None:
        answer = self._sandbox.control.post(f"/_control/stripe/payments/{reference}/complete_authentication")
        assert answer.is_client_error, "the page of a payment that is over takes no answer"

    async def pays(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/settle")

    async def bounces(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/fail_processing")

    async def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._sandbox.do(f"refunds/{refund_reference}/settle")

    async def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._sandbox.do(f"refunds/{refund_reference}/fail")

    async def disputes(self, reference: str, state: DisputeState) -> None:
        match state:
            case DisputeState.INQUIRY:
                self._sandbox.do(f"payments/{reference}/inquire")
            case DisputeState.OPEN:
                self._sandbox.do(f"payments/{reference}/dispute")
            case _:
                self._sandbox.do(f"disputes/{self._dispute_of(reference)}/{_VERDICTS[state]}")

    async def refunds_by_hand(self, reference: str, amount: Money) -> str:
        form = {"payment_intent": reference, "amount": str(amount.minor)}
        return str(self._sandbox.post("/refunds", form).raise_for_status().json()["id"])

    async def charges_for_another(self, amount: Money) -> None:
        form = {"amount": str(amount.minor), "currency": amount.currency.code.lower()}
        self._sandbox.post("/payment_intents", {**form, "metadata[cart]": "7"}).raise_for_status()

    def _dispute_of(self, reference: str) -> str:
        disputes = self._sandbox.control.get("/_control/state").json()["stripe"]["disputes"]
        return next(str(dispute["id"]) for dispute in disputes if dispute["payment_intent"] == reference)


class LateFakesPostman:
    def __init__(self, gateway: LateInMemoryPaymentGateway) -> None:
        self._gateway = gateway

    async def everything_is_carried_out(self) -> None:
        while self._gateway.waiting:
            self._gateway.carry_out()


@pytest.fixture(params=["fake", "fake that tells later", "stripe", "adyen"])
async def provider(
    request: pytest.FixtureRequest, stripe_gateway: StripePaymentGateway, vendors: RunningSandbox
) -> AsyncIterator[Provider]:
    match request.param:
        case "stripe":
            yield Provider(gateway=stripe_gateway, bank=SandboxBank(vendors))
        case "adyen":
            async with adyen_at(vendors) as (gateway, bank):
                yield Provider(gateway=gateway, bank=bank, postman=bank)
        case "fake that tells later":
            late = LateInMemoryPaymentGateway(ManualClock())
            yield Provider(gateway=late, bank=FakeBank(late), postman=LateFakesPostman(late))
        case _:
            fake = InMemoryPaymentGateway(ManualClock())
            yield Provider(gateway=fake, bank=FakeBank(fake))
