"""The gateways under contract, each with somebody who plays the shopper's bank."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.stripe.payment_gateway import StripePaymentGateway
from domain.dispute import DisputeState
from domain.identifiers import RefundId
from domain.money import Money
from domain.refund import RefundState
from ports.payment_ledger import PaymentProvider
from tests.sandbox.server import RunningSandbox

_VERDICTS = {DisputeState.WON: "win", DisputeState.LOST: "lose"}


class Bank(Protocol):
    """What only the shopper and the bank can do."""

    def agrees(self, reference: str) -> None: ...

    def refuses(self, reference: str) -> None: ...

    def agrees_too_late(self, reference: str) -> None: ...

    def pays(self, reference: str) -> None: ...

    def bounces(self, reference: str) -> None: ...

    def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None: ...

    def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None: ...

    def disputes(self, reference: str, state: DisputeState) -> None: ...

    # at the provider's own desk

    def refunds_by_hand(self, reference: str, amount: Money) -> str: ...

    def charges_for_another(self, amount: Money) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    gateway: PaymentProvider
    bank: Bank


class FakeBank:
    def __init__(self, gateway: InMemoryPaymentGateway) -> None:
        self._gateway = gateway

    def agrees(self, reference: str) -> None:
        self._gateway.complete_authentication(reference)

    def refuses(self, reference: str) -> None:
        self._gateway.fail_authentication(reference)

    def agrees_too_late(self, reference: str) -> None:
        self._gateway.complete_authentication(reference)

    def pays(self, reference: str) -> None:
        self._gateway.settle(reference)

    def bounces(self, reference: str) -> None:
        self._gateway.bounce(reference)

    def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._gateway.end_refund(reference, refund_id, RefundState.SUCCEEDED)

    def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._gateway.end_refund(reference, refund_id, RefundState.FAILED)

    def disputes(self, reference: str, state: DisputeState) -> None:
        self._gateway.dispute(reference, state)

    def refunds_by_hand(self, reference: str, amount: Money) -> str:
        return self._gateway.refund_by_hand(reference, amount).reference

    def charges_for_another(self, amount: Money) -> None:
        self._gateway.charge_for_another(amount)


class SandboxBank:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    def agrees(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/complete_authentication")

    def refuses(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/fail_authentication")

    def agrees_too_late(self, reference: str) -> None:
        answer = self._sandbox.control.post(f"/_control/stripe/payments/{reference}/complete_authentication")
        assert answer.is_client_error, "the page of a payment that is over takes no answer"

    def pays(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/settle")

    def bounces(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/fail_processing")

    def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._sandbox.do(f"refunds/{refund_reference}/settle")

    def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        self._sandbox.do(f"refunds/{refund_reference}/fail")

    def disputes(self, reference: str, state: DisputeState) -> None:
        match state:
            case DisputeState.INQUIRY:
                self._sandbox.do(f"payments/{reference}/inquire")
            case DisputeState.OPEN:
                self._sandbox.do(f"payments/{reference}/dispute")
            case _:
                self._sandbox.do(f"disputes/{self._dispute_of(reference)}/{_VERDICTS[state]}")

    def refunds_by_hand(self, reference: str, amount: Money) -> str:
        form = {"payment_intent": reference, "amount": str(amount.minor)}
        return str(self._sandbox.post("/refunds", form).raise_for_status().json()["id"])

    def charges_for_another(self, amount: Money) -> None:
        form = {"amount": str(amount.minor), "currency": amount.currency.code.lower()}
        self._sandbox.post("/payment_intents", {**form, "metadata[cart]": "7"}).raise_for_status()

    def _dispute_of(self, reference: str) -> str:
        disputes = self._sandbox.control.get("/_control/state").json()["stripe"]["disputes"]
        return next(str(dispute["id"]) for dispute in disputes if dispute["payment_intent"] == reference)


@pytest.fixture(params=["fake", "stripe"])
def provider(
    request: pytest.FixtureRequest, stripe_gateway: StripePaymentGateway, vendors: RunningSandbox
) -> Provider:
    if request.param == "stripe":
        return Provider(gateway=stripe_gateway, bank=SandboxBank(vendors))
    fake = InMemoryPaymentGateway(ManualClock())
    return Provider(gateway=fake, bank=FakeBank(fake))
