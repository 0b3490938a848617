"""An order's payment as it is shown: what to do next, and why a card was declined."""

from datetime import datetime
from typing import Final

import msgspec

from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import Decline, DeclineReason, NextActionKind, Payment, PaymentState
from domain.payment_method import CARD, PaymentMethod
from entrypoints.http.structs.standing import is_at_work
from entrypoints.http.structs.values import MoneyStruct, money_shown
from ports.api_keys import Role

DECLINED: Final = "payment_declined"
DECLINE_SENTENCES: Final = {
    DeclineReason.INSUFFICIENT_FUNDS: "The card lacks the funds for this purchase. Try another card.",
    DeclineReason.INSTRUMENT_EXPIRED: "The card has expired. Try another card.",
    DeclineReason.DETAILS_INCORRECT: "The card's details are not right. Check them and try again.",
    DeclineReason.AUTHENTICATION_FAILED: "Your bank did not confirm the payment. Try again, or another card.",
    DeclineReason.TRY_AGAIN: "The payment could not be processed. Try again in a moment.",
    DeclineReason.NOT_ACCEPTED: "The card was not accepted. Try another card.",
}
# The same for whatever else they pay with.
OTHER_SENTENCES: Final = {
    DeclineReason.INSUFFICIENT_FUNDS: "The account lacks the funds for this. Try another way to pay.",
    DeclineReason.INSTRUMENT_EXPIRED: "This way to pay has expired. Try another one.",
    DeclineReason.DETAILS_INCORRECT: "The details are not right. Check them and try again.",
    DeclineReason.AUTHENTICATION_FAILED: "The payment was not confirmed. Try again, or another way to pay.",
    DeclineReason.TRY_AGAIN: "The payment could not be processed. Try again in a moment.",
    DeclineReason.NOT_ACCEPTED: "The payment was not accepted. Try another way to pay.",
}


class NextActionShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the shopper's client does next. `kind` is one of

    - `redirect`: go to `url`;
    - `in_page`: show the `provider`'s element with `payload`;
    - `wait`: read the order again in a moment.
    """

    kind: str
    url: str | None = None
    provider: str | None = None
    payload: str | None = None


class DeclineShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """`code` is always `payment_declined`, and `reason` the family that it belongs to: `insufficient_funds`,
    `instrument_expired`, `details_incorrect`, `authentication_failed`, `try_again` or `not_accepted`.

    `text` may be shown to the shopper. `provider_code` is told to operators only.
    """

    code: str
    reason: str
    text: str
    provider_code: str | None = None


class PaymentShown(msgspec.Struct, frozen=True, kw_only=True):
    """The payment that the order goes by. `client_secret` is for the provider's form in the shopper's page.

    `method` is what it is paid with, once that is known, such as `card`, `sepa_debit` or `ideal`, and
    `expected_by` when money that is on its way is there at the latest.

    Operators see neither the secret nor the payload of a next action.
    """

    id: str
    status: str
    amount: MoneyStruct
    captured: MoneyStruct
    provider: str
    client_secret: str | None
    next_action: NextActionShown | None
    decline: DeclineShown | None
    method: str | None
    expected_by: datetime | None


_WAIT: Final = NextActionShown(NextActionKind.WAIT.value)


def payment_shown(facts: OrderFacts, role: Role) -> PaymentShown | None:
    payment = facts.live_payment or (facts.payments[-1] if facts.payments else None)
    if payment is None:
        return None
    may_pay = facts.order.state is OrderState.OPEN and role is not Role.OPERATOR
    return PaymentShown(
        id=payment.id,
        status=payment.state.value,
        amount=money_shown(payment.amount),
        captured=money_shown(payment.captured),
        provider=payment.provider,
        client_secret=payment.client_secret if may_pay else None,
        next_action=_next_action(facts, payment) if may_pay else None,
        decline=decline_shown(payment.decline, role, payment.method) if payment.decline else None,
        method=payment.method.name if payment.method else None,
        expected_by=payment.arrives_by,
    )


def _next_action(facts: OrderFacts, payment: Payment) -> NextActionShown | None:
    if is_at_work(facts) or payment.state is PaymentState.NEW:
        return _WAIT
    action = payment.next_action
    if action is None:
        return None if payment.is_open else _WAIT
    return NextActionShown(action.kind.value, action.url, action.provider, action.payload)


def decline_shown(decline: Decline, role: Role, method: PaymentMethod | None = None) -> DeclineShown:
    """The provider's own code is told to operators alone."""
    code = decline.code if role is Role.OPERATOR else None
    return DeclineShown(DECLINED, decline.reason.value, decline_sentence(decline.reason, method), code)


def decline_sentence(reason: DeclineReason, method: PaymentMethod | None) -> str:
    """What a shopper is told who has tried to pay with this; a card, unless it is known as something else."""
    sentences = DECLINE_SENTENCES if method in (None, CARD) else OTHER_SENTENCES
    return sentences[reason]
