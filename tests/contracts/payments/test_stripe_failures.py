"""What Stripe's failures mean: nothing happened, or nobody knows."""

from datetime import UTC, datetime

import pytest
import stripe

from adapters.stripe.errors import meaning
from adapters.stripe.payment_gateway import StripePaymentGateway
from domain.payment import PaymentState
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contracts.payments.requests import asking, key
from tests.sandbox.server import RunningSandbox

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "expected"), [("429", Unavailable), ("500", OutcomeUnknown)])
async def test_a_failing_stripe_is_told_apart(
    stripe_gateway: StripePaymentGateway, stripe_sandbox: RunningSandbox, kind: str, expected: type[PortError]
) -> None:
    stripe_sandbox.fault("payment_intents.create", kind, times=None)
    with pytest.raises(expected):
        await stripe_gateway.create(asking("pm_card_visa"), key())


async def test_a_lost_answer_is_asked_for_again_and_there_is_one_payment(
    stripe_gateway: StripePaymentGateway, stripe_sandbox: RunningSandbox
) -> None:
    request = asking("pm_card_visa")
    stripe_sandbox.fault("payment_intents.create", "lost", times=1)
    created = await stripe_gateway.create(request, key())
    found = await stripe_gateway.find(request.payment_id, LONG_AGO)
    assert found is not None
    assert (found.reference, found.state) == (created.reference, PaymentState.AUTHORIZED)
    state = stripe_sandbox.control.get("/_control/state").json()
    assert len(state["stripe"]["payments"]) == 1


@pytest.mark.parametrize(("fault", "is_spent"), [("500", True), ("500_after", True), ("invalid", False)])
async def test_a_key_is_spent_when_stripe_itself_reports_a_failure(
    stripe_gateway: StripePaymentGateway, stripe_sandbox: RunningSandbox, fault: str, is_spent: bool
) -> None:
    request, once = asking("pm_card_visa"), key()
    stripe_sandbox.fault("payment_intents.create", fault, times=1 if is_spent else 2)
    with pytest.raises(OutcomeUnknown) as first:
        await stripe_gateway.create(request, once)
    assert first.value.key_is_spent is is_spent
    if is_spent:
        with pytest.raises(OutcomeUnknown):
            await stripe_gateway.create(request, once)


def _errors_of_the_sdk() -> list[type[stripe.StripeError]]:
    found, waiting = [], [stripe.StripeError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.append(kind)
    return found


@pytest.mark.parametrize("kind", _errors_of_the_sdk(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("writing", [True, False])
def test_every_error_of_the_sdk_has_a_meaning(kind: type[stripe.StripeError], writing: bool) -> None:
    error = kind.__new__(kind)
    stripe.StripeError.__init__(error, "told to nobody")
    error.code = None
    translated = meaning(error, writing=writing)
    assert isinstance(translated, (Rejected, Unavailable, OutcomeUnknown))
    assert "told to nobody" not in str(translated)
