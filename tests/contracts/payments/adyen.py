"""Adyen under contract: its gateway on the sandbox, the same test cards as for the others, and a postman who
brings its webhooks before anybody looks.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.settings import AdyenSettings
from adapters.adyen.webhooks import AdyenPaymentWebhooks
from adapters.adyen.wire import token
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.in_memory.provider_records import InMemoryProviderRecords
from adapters.resilience.policies import ADYEN
from adapters.system_clock import SystemClock
from domain.dispute import DisputeSnapshot, DisputeState
from domain.identifiers import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot
from domain.period import Period
from domain.refund import RefundSnapshot
from entrypoints.sandbox.settings import SandboxSettings
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund, ListPage
from ports.payments import PaymentRequest
from tests.contracts.payments.requests import asking, key
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

_SANDBOX: Final = SandboxSettings()
_STEPS: Final = {
    DisputeState.INQUIRY: ("REQUEST_FOR_INFORMATION",),
    DisputeState.OPEN: ("CHARGEBACK",),
    DisputeState.WON: ("CHARGEBACK_REVERSED", "PREARBITRATION_WON"),
    DisputeState.LOST: ("DISPUTE_DEFENSE_PERIOD_ENDED",),
}


def settings_at(url: str) -> AdyenSettings:
    return AdyenSettings(
        api_key="AQE_sandbox",
        merchant_account=_SANDBOX.adyen_merchant_account,
        client_key="test_client",
        hmac_keys=(_SANDBOX.adyen_hmac_key,),
        base_url=f"{url}/adyen/v71",
    )


def card(holder: str = "", number: str = "test_4111111111111111") -> Instrument:
    """What Adyen's form gives the shop's page for a test card: https://docs.adyen.com/development-resources/"""
    method = {"type": "scheme", "encryptedCardNumber": number, "holderName": holder}
    return Instrument(token=token({"paymentMethod": method}))


CARDS: Final = {
    "pm_card_visa": card(),
    "pm_card_pendingRefund": card(),
    "pm_card_refundFail": card(),
    "pm_card_threeDSecure2Required": card(number="test_4212345678910006"),
    "pm_card_visa_chargeDeclined": card("DECLINED"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": card("NOT_ENOUGH_BALANCE"),
    "pm_card_visa_chargeDeclinedLostCard": card("BLOCK_CARD"),
    "pm_card_visa_chargeDeclinedStolenCard": card("ACQUIRER_FRAUD"),
    "pm_card_chargeDeclinedExpiredCard": card("CARD_EXPIRED"),
    "pm_card_chargeDeclinedIncorrectCvc": card("CVC_DECLINED"),
    "pm_card_chargeDeclinedProcessingError": card("ERROR"),
}


class AdyenBank:
    """The shopper's bank, the Customer Area and the postman at once. Modifications wait for them."""

    def __init__(self, sandbox: RunningSandbox, settings: AdyenSettings) -> None:
        self._sandbox = sandbox
        self._webhooks = AdyenPaymentWebhooks(settings)
        self.records = InMemoryProviderRecords()
        self.gateway: AdyenPaymentGateway | None = None
        sandbox.control.put("/_control/adyen/modifications", json={"hold": True}).raise_for_status()

    def deliver(self) -> None:
        """All that was told so far, verified as our own endpoint does it."""
        now = SystemClock().now()
        for body in self._sandbox.control.get("/_control/adyen/notifications").json():
            for notice in self._webhooks.read(body.encode(), {}, now):
                self.records.deliver(notice, now)

    async def everything_is_carried_out(self) -> None:
        self._do("modifications/carry_out")
        self.deliver()

    async def agrees(self, reference: str) -> None:
        await self._answers(reference, "approve")

    async def refuses(self, reference: str) -> None:
        await self._answers(reference, "refuse")

    async def agrees_too_late(self, reference: str) -> None:
        """The shopper never comes back with what the bank gave them."""
        self._do(f"payments/{self._psp_reference(reference)}/approve")

    async def pays(self, reference: str) -> None:
        self._do(f"payments/{self._psp_reference(reference)}/settle")

    async def bounces(self, reference: str) -> None:
        self._do(f"payments/{self._psp_reference(reference)}/bounce")

    async def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        await self.everything_is_carried_out()

    async def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        await self.everything_is_carried_out()
        self._do(f"refunds/{refund_reference}/send_back")

    async def disputes(self, reference: str, state: DisputeState) -> None:
        for step in _STEPS[state]:
            self._do(f"payments/{self._psp_reference(reference)}/disputes/{step}")

    async def captures_fail(self, reference: str) -> None:
        """The card scheme turns down what had been captured."""
        self.capture_fails(self._psp_reference(reference))

    def capture_fails(self, psp_reference: str) -> None:
        """Of one of its tries."""
        self._do(f"payments/{psp_reference}/fail_capture")
        self.deliver()

    async def refunds_by_hand(self, reference: str, amount: Money) -> str:
        told = self._do(f"payments/{self._psp_reference(reference)}/refund", {"value": amount.minor})
        return str(told["psp_reference"])

    async def charges_for_another(self, amount: Money) -> None:
        self._do("charges", {"value": amount.minor, "currency": amount.currency.code})

    async def _answers(self, reference: str, answer: str) -> None:
        """The shopper comes back with what the bank gave them along, and we send it on."""
        told = self._do(f"payments/{self._psp_reference(reference)}/{answer}")
        assert self.gateway is not None
        said = self.gateway.bank_said({"redirectResult": str(told["redirect_result"])})
        assert said is not None
        await self.gateway.confirm(reference, said, None, key())

    def tries(self, reference: str) -> list[str]:
        """What Adyen calls them, the earliest first."""
        payments = self._sandbox.control.get("/_control/adyen/payments").json()
        return [str(each["psp_reference"]) for each in payments if each["payment_id"] == reference]

    def _psp_reference(self, reference: str) -> str:
        return self.tries(reference)[-1]

    def _do(self, path: str, body: object = None) -> dict[str, Any]:
        answer = self._sandbox.control.post(f"/_control/adyen/{path}", json=body).raise_for_status()
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told


class WithPostman(AdyenPaymentGateway):
    """Takes the test cards by the names that the suite has for them; its webhooks are there in time."""

    bank: AdyenBank

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        if request.instrument is not None:
            known = CARDS.get(request.instrument.token, request.instrument)
            request = replace(request, instrument=known)
        return await super().create(request, key)

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        known = CARDS.get(instrument.token, instrument)
        return await super().confirm(reference, known, return_url, key)

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        self.bank.deliver()
        return await super().retrieve(reference)

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        self.bank.deliver()
        return await super().find(payment_id, created)

    async def refunds(self, reference: str) -> Mapping[RefundId, RefundSnapshot]:
        self.bank.deliver()
        return await super().refunds(reference)

    async def disputes(self, reference: str) -> tuple[DisputeSnapshot, ...]:
        self.bank.deliver()
        return await super().disputes(reference)

    def payments_created(self, period: Period) -> AsyncIterator[ListPage[ListedPayment]]:
        self.bank.deliver()
        return super().payments_created(period)

    def disputes_created(self, period: Period) -> AsyncIterator[ListPage[ListedDispute]]:
        self.bank.deliver()
        return super().disputes_created(period)

    def refunds_created(self, period: Period) -> AsyncIterator[ListPage[ListedRefund]]:
        self.bank.deliver()
        return super().refunds_created(period)


@asynccontextmanager
async def adyen_at(sandbox: RunningSandbox) -> AsyncIterator[tuple[AdyenPaymentGateway, AdyenBank]]:
    settings, clock = settings_at(sandbox.url), SystemClock()
    bank = AdyenBank(sandbox, settings)
    async with client_under(ADYEN) as http:
        gateway = WithPostman(http, settings, bank.records, clock, InMemoryErrorReports())
        gateway.bank = bank
        bank.gateway = gateway
        yield gateway, bank


async def captured_by(gateway: AdyenPaymentGateway, bank: AdyenBank) -> PaymentSnapshot:
    """A payment by card, as it stands when its capture has been carried out."""
    request = asking("pm_card_visa")
    paid = await gateway.create(request, key())
    await gateway.capture(paid.reference, request.amount, key())
    await bank.everything_is_carried_out()
    return await gateway.retrieve(paid.reference)
