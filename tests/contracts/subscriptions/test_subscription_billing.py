"""The contract of `ports.subscription_billing.SubscriptionBilling`."""

from dataclasses import replace

import pytest

from domain.identifiers import SubscriptionId
from domain.invoice import InvoiceSnapshot, InvoiceState
from domain.money import Money
from domain.payment import Instrument, NextActionKind
from domain.plan import PlanTerms
from domain.standing import CancellationTime, SubscriptionState
from ports.errors import OutcomeUnknown, Rejected
from ports.subscription_billing import SubscriptionRequest
from tests.builders import new_id
from tests.contracts.payments.requests import key
from tests.contracts.subscriptions.conftest import Provider

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

WORKS, FAILS = "pm_card_visa", "pm_card_chargeCustomerFail"
ASKS = "pm_card_threeDSecure2Required"


def asking(provider: Provider, terms: PlanTerms, token: str | None = WORKS) -> SubscriptionRequest:
    customer = provider.desk.customer()
    card = provider.desk.card_of(customer, token) if token else None
    return SubscriptionRequest(
        subscription_id=SubscriptionId(new_id("sub")),
        customer_reference=customer,
        terms=terms,
        instrument=Instrument(token=card) if card else None,
    )


async def subscribed(provider: Provider, terms: PlanTerms | None = None, token: str | None = WORKS) -> str:
    request = asking(provider, terms or provider.plan("gold", 1900), token)
    return await provider.billing.subscribe(request, key())


async def states(provider: Provider, reference: str) -> list[InvoiceState]:
    return [invoice.state for invoice in await provider.billing.invoices(reference)]


async def last_invoice(provider: Provider, reference: str) -> InvoiceSnapshot:
    return (await provider.billing.invoices(reference))[-1]


@pytest.mark.parametrize(("minor", "currency"), [(1900, "EUR"), (1900, "JPY"), (4150, "KWD")])
async def test_a_card_that_works_pays_the_first_period(provider: Provider, minor: int, currency: str) -> None:
    terms = provider.plan("gold", minor, currency)
    request = asking(provider, terms)
    reference = await provider.billing.subscribe(request, key())
    snapshot = await provider.billing.retrieve(reference)
    assert (snapshot.reference, snapshot.state) == (reference, SubscriptionState.ACTIVE)
    assert snapshot.subscription_id == request.subscription_id
    assert (snapshot.price_reference, snapshot.price) == (terms.price_reference, terms.price)
    assert (snapshot.ends_at_period_end, snapshot.ended_at, snapshot.next_action) == (False, None, None)
    assert snapshot.period is not None
    (invoice,) = await provider.billing.invoices(reference)
    assert (invoice.state, invoice.total, invoice.paid) == (InvoiceState.PAID, terms.price, terms.price)
    assert (invoice.bills_from, invoice.bills_until) == (snapshot.period.since, snapshot.period.until)
    assert (invoice.failed_tries, invoice.tax.minor) == (0, 0)


@pytest.mark.parametrize(("token", "tries"), [(None, 0), (FAILS, 1), (ASKS, 1)])
async def test_a_first_period_that_is_not_paid_waits_for_the_customer(
    provider: Provider, token: str | None, tries: int
) -> None:
    reference = await subscribed(provider, token=token)
    snapshot = await provider.billing.retrieve(reference)
    assert snapshot.state is SubscriptionState.INCOMPLETE
    assert snapshot.next_action is not None
    assert snapshot.next_action.kind is NextActionKind.IN_PAGE
    invoice = await last_invoice(provider, reference)
    assert (invoice.state, invoice.paid.minor, invoice.failed_tries) == (InvoiceState.OPEN, 0, tries)


async def test_the_same_key_makes_one_subscription(provider: Provider) -> None:
    request, under = asking(provider, provider.plan("gold", 1900)), key()
    first = await provider.billing.subscribe(request, under)
    assert await provider.billing.subscribe(request, under) == first
    assert len(await provider.billing.invoices(first)) == 1


async def test_another_request_under_a_used_key_has_no_effect_that_is_known(provider: Provider) -> None:
    under, terms = key(), provider.plan("gold", 1900)
    await provider.billing.subscribe(asking(provider, terms), under)
    other = asking(provider, terms)
    with pytest.raises(OutcomeUnknown):
        await provider.billing.subscribe(other, under)
    assert await provider.billing.find(other.subscription_id, other.customer_reference) is None


async def test_a_subscription_is_found_by_our_id_among_all_of_its_customer(provider: Provider) -> None:
    request = asking(provider, provider.plan("gold", 1900))
    reference = await provider.billing.subscribe(request, key())
    other = replace(request, subscription_id=SubscriptionId(new_id("sub")))
    found = await provider.billing.find(request.subscription_id, request.customer_reference)
    assert found == reference
    assert await provider.billing.find(other.subscription_id, other.customer_reference) is None
    await provider.billing.cancel(reference, CancellationTime.NOW, key())
    assert await provider.billing.find(request.subscription_id, request.customer_reference) == reference


async def test_what_the_provider_does_not_know_is_refused(provider: Provider) -> None:
    request = asking(provider, provider.plan("gold", 1900))
    wrong = (
        replace(request, customer_reference="cus_nobody"),
        replace(request, terms=replace_price(request.terms, "price_none")),
        replace(request, instrument=Instrument(token="pm_none")),
    )
    for each in wrong:
        with pytest.raises(Rejected):
            await provider.billing.subscribe(each, key())
    with pytest.raises(Rejected):
        await provider.billing.retrieve("sub_none")
    assert await provider.billing.find(request.subscription_id, request.customer_reference) is None
    assert await provider.billing.invoices("sub_none") == []


async def test_each_period_is_billed_once_and_collected(provider: Provider) -> None:
    terms = provider.plan("gold", 1900)
    reference = await subscribed(provider, terms)
    first = await provider.billing.retrieve(reference)
    provider.desk.period_ends(reference)
    second = await provider.billing.retrieve(reference)
    assert first.period is not None
    assert second.period is not None
    assert second.period.since == first.period.until
    assert second.state is SubscriptionState.ACTIVE
    assert await states(provider, reference) == [InvoiceState.PAID, InvoiceState.PAID]
    assert (await last_invoice(provider, reference)).total == terms.price


async def test_a_payment_that_fails_is_told_try_by_try_until_it_is_made(provider: Provider) -> None:
    reference = await subscribed(provider)
    provider.desk.card_changes(reference, FAILS)
    provider.desk.period_ends(reference)
    assert (await provider.billing.retrieve(reference)).state is SubscriptionState.PAST_DUE
    invoice = await last_invoice(provider, reference)
    assert (invoice.state, invoice.failed_tries, invoice.paid.minor) == (InvoiceState.OPEN, 1, 0)
    provider.desk.tries_again(reference)
    assert (await last_invoice(provider, reference)).failed_tries == 2
    provider.desk.card_changes(reference, WORKS)
    provider.desk.tries_again(reference)
    assert (await provider.billing.retrieve(reference)).state is SubscriptionState.ACTIVE
    invoice = await last_invoice(provider, reference)
    assert (invoice.state, invoice.failed_tries, invoice.paid) == (InvoiceState.PAID, 2, invoice.total)


async def test_a_change_of_plan_is_billed_from_now_on_with_proration(provider: Provider) -> None:
    gold, silver = provider.plan("gold", 3000), provider.plan("silver", 1000)
    reference = await subscribed(provider, gold)
    under = key()
    await provider.billing.change_plan(reference, silver, under)
    await provider.billing.change_plan(reference, silver, under)
    snapshot = await provider.billing.retrieve(reference)
    assert snapshot.price_reference == silver.price_reference
    assert await states(provider, reference) == [InvoiceState.PAID]
    provider.desk.period_ends(reference)
    invoice = await last_invoice(provider, reference)
    assert invoice.state is InvoiceState.PAID
    # The whole first period was paid as gold, and used as silver; a moment had passed at most.
    assert -1000 <= invoice.total.minor <= -998
    assert invoice.paid == Money.of(max(invoice.total.minor, 0), "EUR")


async def test_a_plan_of_another_rhythm_begins_and_is_billed_at_once(provider: Provider) -> None:
    reference = await subscribed(provider, provider.plan("gold", 1000))
    yearly = provider.plan("yearly", 10_000, interval="year")
    await provider.billing.change_plan(reference, yearly, key())
    first, second = await provider.billing.invoices(reference)
    assert first.paid.minor == 1000
    assert 9000 <= second.paid.minor <= 9010


async def test_a_plan_in_another_currency_or_without_a_price_is_refused(provider: Provider) -> None:
    reference = await subscribed(provider)
    for terms in (
        provider.plan("dollars", 1900, "USD"),
        replace_price(provider.plan("x", 100), "price_none"),
    ):
        with pytest.raises(Rejected):
            await provider.billing.change_plan(reference, terms, key())


async def test_a_cancellation_at_the_period_s_end_bills_no_further_period(provider: Provider) -> None:
    reference = await subscribed(provider)
    await provider.billing.cancel(reference, CancellationTime.PERIOD_END, key())
    snapshot = await provider.billing.retrieve(reference)
    assert (snapshot.state, snapshot.ends_at_period_end) == (SubscriptionState.ACTIVE, True)
    provider.desk.period_ends(reference)
    over = await provider.billing.retrieve(reference)
    assert over.state is SubscriptionState.ENDED
    assert over.ended_at is not None
    assert len(await provider.billing.invoices(reference)) == 1


async def test_a_cancellation_now_is_over_at_once_and_may_be_repeated(provider: Provider) -> None:
    reference = await subscribed(provider)
    for _ in range(2):
        await provider.billing.cancel(reference, CancellationTime.NOW, key())
    assert (await provider.billing.retrieve(reference)).state is SubscriptionState.ENDED
    with pytest.raises(Rejected):
        await provider.billing.change_plan(reference, provider.plan("silver", 900), key())


async def test_a_subscription_may_be_ended_at_the_provider_s_own_desk(provider: Provider) -> None:
    reference = await subscribed(provider)
    provider.desk.ends(reference)
    assert (await provider.billing.retrieve(reference)).state is SubscriptionState.ENDED


def replace_price(terms: PlanTerms, reference: str) -> PlanTerms:
    return replace(terms, price_reference=reference)
