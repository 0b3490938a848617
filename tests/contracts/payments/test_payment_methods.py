"""The contract of `ports.payments.PaymentGateway` beyond cards: money that takes days, other pages, no
capture. The fake and the Stripe adapter with automatic methods, side by side.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.stripe.settings import StripeSettings
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import Instrument, NextActionKind, PaymentState
from domain.payment_method import CARD, METHODS
from domain.refund import RefundState
from domain.shop import CaptureMethod
from tests.contracts.payments.conftest import FakeBank, Provider, SandboxBank
from tests.contracts.payments.requests import asking, key
from tests.contracts.vendor_calls import stripe_with
from tests.sandbox.server import RunningSandbox

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

DOLLARS, YEN = Money.of(2023, "USD"), Money.of(1900, "JPY")
BACK = "https://shop.example/thanks"
SEPA, ACH, VOUCHER = "pm_sepaDebit_success_de", "pm_usBankAccount_success", "pm_konbini"
REDIRECTS = ["ideal", "bancontact", "klarna"]


@pytest.fixture(params=["fake", "stripe"])
async def provider(request: pytest.FixtureRequest, vendors: RunningSandbox) -> AsyncIterator[Provider]:
    if request.param == "fake":
        fake = InMemoryPaymentGateway(ManualClock())
        yield Provider(gateway=fake, bank=FakeBank(fake))
        return
    gateway = stripe_with(
        StripeSettings(
            secret_key="sk_test_sandbox",
            webhook_secret="whsec_sandbox",
            base_url=f"{vendors.url}/stripe",
            cards_only=False,
        )
    )
    yield Provider(gateway=gateway, bank=SandboxBank(vendors))
    await gateway.close()


async def test_a_card_is_still_authorized_first(provider: Provider) -> None:
    authorized = await provider.gateway.create(asking("pm_card_visa"), key())
    assert (authorized.state, authorized.method) == (PaymentState.AUTHORIZED, CARD)
    captured = await provider.gateway.capture(authorized.reference, authorized.amount, key())
    assert (captured.state, captured.received) == (PaymentState.CAPTURED, authorized.amount)


async def test_a_card_is_captured_at_once_where_the_shop_wants_it(provider: Provider) -> None:
    request = asking("pm_card_visa", capture_method=CaptureMethod.AUTOMATIC)
    assert (await provider.gateway.create(request, key())).state is PaymentState.CAPTURED


async def test_who_names_no_way_back_pays_without_another_page(provider: Provider) -> None:
    request = replace(asking("pm_card_visa"), return_url=None)
    assert (await provider.gateway.create(request, key())).state is PaymentState.AUTHORIZED


@pytest.mark.parametrize(
    ("token", "name", "amount"), [(SEPA, "sepa_debit", None), (ACH, "ach_debit", DOLLARS)]
)
async def test_a_debit_is_processing_until_its_bank_has_paid(
    provider: Provider, token: str, name: str, amount: Money | None
) -> None:
    slow = await provider.gateway.create(asking(token, amount), key())
    assert (slow.state, slow.received.minor, slow.method) == (PaymentState.PROCESSING, 0, METHODS[name])
    assert slow.next_action is not None
    assert slow.next_action.kind is NextActionKind.WAIT
    await provider.bank.pays(slow.reference)
    paid = await provider.gateway.retrieve(slow.reference)
    assert (paid.state, paid.received, paid.method) == (PaymentState.CAPTURED, slow.amount, METHODS[name])


async def test_a_debit_that_fails_leads_back_to_the_shopper(provider: Provider) -> None:
    slow = await provider.gateway.create(asking(SEPA), key())
    await provider.bank.bounces(slow.reference)
    failed = await provider.gateway.retrieve(slow.reference)
    assert (failed.state, failed.received.minor) == (PaymentState.AWAITING_METHOD, 0)
    assert failed.decline is not None
    paid = await provider.gateway.confirm(failed.reference, Instrument(token="pm_card_visa"), BACK, key())
    assert (paid.state, paid.method) == (PaymentState.AUTHORIZED, CARD)


async def test_a_debit_that_its_bank_works_on_stays_as_it_is_when_it_is_voided(provider: Provider) -> None:
    slow = await provider.gateway.create(asking(SEPA), key())
    assert (await provider.gateway.void(slow.reference, key())).state is PaymentState.PROCESSING
    await provider.bank.bounces(slow.reference)
    assert (await provider.gateway.void(slow.reference, key())).state is PaymentState.VOIDED


async def test_some_debits_can_be_called_back(provider: Provider) -> None:
    slow = await provider.gateway.create(asking(ACH, DOLLARS), key())
    assert (await provider.gateway.void(slow.reference, key())).state is PaymentState.VOIDED


async def test_a_debit_that_arrived_can_be_given_back(provider: Provider) -> None:
    slow = await provider.gateway.create(asking(SEPA), key())
    await provider.bank.pays(slow.reference)
    refund = await provider.gateway.refund(slow.reference, RefundId("ref_debit"), slow.amount, key())
    assert (refund.state, refund.amount) == (RefundState.SUCCEEDED, slow.amount)


@pytest.mark.parametrize("name", REDIRECTS)
async def test_a_shopper_who_pays_at_another_page_is_sent_there_and_the_yes_takes_the_money(
    provider: Provider, name: str
) -> None:
    sent = await provider.gateway.create(asking(f"pm_{name}"), key())
    assert (sent.state, sent.method) == (PaymentState.AWAITING_ACTION, METHODS[name])
    assert sent.next_action is not None
    assert sent.next_action.kind is NextActionKind.REDIRECT
    assert sent.next_action.url
    await provider.bank.agrees(sent.reference)
    paid = await provider.gateway.retrieve(sent.reference)
    assert (paid.state, paid.received) == (PaymentState.CAPTURED, sent.amount)


async def test_a_shopper_who_says_no_at_another_page_can_take_another_way(provider: Provider) -> None:
    sent = await provider.gateway.create(asking("pm_ideal"), key())
    await provider.bank.refuses(sent.reference)
    refused = await provider.gateway.retrieve(sent.reference)
    assert (refused.state, refused.method) == (PaymentState.AWAITING_METHOD, None)
    again = await provider.gateway.confirm(sent.reference, Instrument(token="pm_bancontact"), BACK, key())
    assert (again.state, again.method) == (PaymentState.AWAITING_ACTION, METHODS["bancontact"])


async def test_a_page_that_nobody_answers_can_be_given_up(provider: Provider) -> None:
    sent = await provider.gateway.create(asking("pm_ideal"), key())
    assert (await provider.gateway.void(sent.reference, key())).state is PaymentState.VOIDED
    await provider.bank.agrees_too_late(sent.reference)
    assert (await provider.gateway.retrieve(sent.reference)).state is PaymentState.VOIDED


async def test_a_voucher_waits_for_its_shopper_and_its_payment_takes_the_money(provider: Provider) -> None:
    promised = await provider.gateway.create(asking(VOUCHER, YEN), key())
    assert (promised.state, promised.method) == (PaymentState.AWAITING_ACTION, METHODS["konbini"])
    await provider.bank.agrees(promised.reference)
    assert (await provider.gateway.retrieve(promised.reference)).state is PaymentState.CAPTURED
