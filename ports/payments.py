"""Collecting money and giving it back, in neutral words: one verb set for every provider.

Every write takes the id of its persisted attempt as the idempotency key: repeating a call with the same key
and the same arguments has one effect, and answers as it did then. Other arguments under a key that was used
have no effect and raise OutcomeUnknown: what the first ones did is to be looked up. All raise Rejected,
Unavailable or OutcomeUnknown, and nothing else. A decline is no error: it is the `decline` of the snapshot
that comes back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol

from domain.customer import Payer
from domain.dispute import DisputeSnapshot
from domain.identifiers import AttemptId, OrderId, PaymentId, RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot
from domain.period import Period
from domain.refund import RefundSnapshot
from domain.shop import CaptureMethod
from domain.values import value


@value
class PaymentRequest:
    """With an `instrument` the payment is created and confirmed in one call.

    The provider has to know a `payer` by the reference that it names; what it is to save, it saves once the
    payment succeeds. None: a guest.
    """

    payment_id: PaymentId
    order_id: OrderId
    amount: Money
    capture_method: CaptureMethod
    instrument: Instrument | None
    return_url: str | None
    payer: Payer | None = None


class PaymentGateway(Protocol):
    @property
    def provider(self) -> str:
        """The provider's name as it stands in the records, such as `stripe`."""

    @property
    def can_be_asked(self) -> bool:
        """Whether it says how a payment stands. Of one that doesn't, `retrieve` and its like tell what it has
        told us so far, in answers and webhooks; whether a write happened is found out by repeating it under
        its key.
        """

    def bank_said(self, query: Mapping[str, str]) -> Instrument | None:
        """What a bank gave the shopper along on the way back to us, to be confirmed like an instrument; None
        where it is enough to read the payment.
        """

    async def behind(self, named: str) -> str:
        """The reference of the payment that a webhook names in whatever way. Itself, where we know no
        other.
        """

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        """Raises Rejected for an amount, a payer or an instrument that the provider doesn't take: what one
        customer saved pays for no other.
        """

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        """Tries to pay with the instrument, for clients that don't confirm with the provider themselves.

        Answers with the present state when the payment is past that.
        """

    async def capture(self, reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        """Takes the authorized money, or a part of it: then the rest is released.

        Answers with the present state when it was captured or given up already; one that `is_changing` tells
        later what came of it. Raises Rejected for more than was authorized.
        """

    async def void(self, reference: str, key: AttemptId) -> PaymentSnapshot:
        """Gives the payment up; of one that is over or captured, a hold that nothing goes by.

        Answers with the present state when it is over or captured already: read it. As with `capture`, the
        answer may be that it `is_changing`.
        """

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        """The present state. Raises Rejected when there is no such payment."""

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        """The payment that carries our id among those that the provider made within this period, or None when
        there is none: for a create whose answer was lost. It may cost a look at all payments of the period.
        """

    async def refund(
        self, reference: str, refund_id: RefundId, amount: Money, key: AttemptId
    ) -> RefundSnapshot:
        """Gives captured money back, in as many parts as are wanted. Raises Rejected for nothing at all, for
        more than is left, and while a bank has taken the money; where the provider tells that later, the
        refund fails.
        """

    async def find_refund(self, reference: str, refund_id: RefundId) -> RefundSnapshot | None:
        """The payment's refund that carries our id, among all its pages; None when there is none."""

    async def refunds(self, reference: str) -> Mapping[RefundId, RefundSnapshot]:
        """The payment's refunds that carry an id of ours, among all its pages."""

    async def disputes(self, reference: str) -> Sequence[DisputeSnapshot]:
        """All that the payment's bank has raised about it, open and closed."""


class Subject(Enum):
    """What has to be read again: the payment itself, what became of it afterwards as well, or a subscription
    with its invoices.
    """

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    SUBSCRIPTION = "subscription"


@value
class WebhookNotice:
    """A verified webhook: which event it is, and which payment or subscription to read again.

    None: nothing of ours to read. `kept` is for a provider that can't be asked: what its adapter will read of
    the event from then on (`ports.provider_records`), and nothing about a person.
    """

    provider: str
    event_id: str
    event_type: str
    payment_reference: str | None
    about: Subject = Subject.PAYMENT
    subscription_reference: str | None = None
    kept: bytes | None = None


class PaymentWebhooks(Protocol):
    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[WebhookNotice]:
        """Verifies the provider's signature, and its age where it has one, and reads what it tells. Raises
        SignatureInvalid.

        Header names are lower case. An event of an unknown type is a notice too.
        """
