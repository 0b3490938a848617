"""Payment: one attempt to collect an order's total, and what the provider last said of it.

Facts about a payment may arrive late, twice or out of order; `observed` takes only those that move it
forward.
"""

from datetime import datetime
from enum import Enum
from typing import Final

from domain.identifiers import OrderId, PaymentId, ReturnId
from domain.money import Money
from domain.payment_method import LONGEST_WAY, PaymentMethod
from domain.values import replace, value


class PaymentState(Enum):
    """Neutral words for what a provider may say.

    A status that nobody knows is PROCESSING: pending, never failed.
    """

    NEW = "new"
    AWAITING_METHOD = "awaiting_method"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    AWAITING_ACTION = "awaiting_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUSED = "refused"


# A payment never goes back to a lower phase. Within phase 1 a decline leads back to the shopper, so all may
# follow all.
_PHASE: Final = {
    PaymentState.NEW: 0,
    PaymentState.AWAITING_METHOD: 1,
    PaymentState.AWAITING_CONFIRMATION: 1,
    PaymentState.AWAITING_ACTION: 1,
    PaymentState.PROCESSING: 1,
    PaymentState.AUTHORIZED: 2,
    PaymentState.CAPTURED: 3,
    PaymentState.VOIDED: 3,
    PaymentState.REFUSED: 3,
}

# Tuples of states are looked through many times a checkout: as constants they are there already.
_OVER: Final = (PaymentState.VOIDED, PaymentState.REFUSED)
_OPEN: Final = tuple(state for state, phase in _PHASE.items() if phase == 1)
_ENDED: Final = tuple(state for state, phase in _PHASE.items() if phase == 3)

# How far a payment has come towards money; one that the provider doesn't know yet is behind all others.
PROGRESS: Final = {
    PaymentState.NEW: 0,
    PaymentState.AWAITING_METHOD: 1,
    PaymentState.AWAITING_CONFIRMATION: 1,
    PaymentState.AWAITING_ACTION: 1,
    PaymentState.PROCESSING: 2,
    PaymentState.AUTHORIZED: 3,
    PaymentState.CAPTURED: 4,
}


class DeclineReason(Enum):
    """Families of declines: enough for a shopper to know what to try, too little for a thief to learn
    from.
    """

    INSUFFICIENT_FUNDS = "insufficient_funds"
    INSTRUMENT_EXPIRED = "instrument_expired"
    DETAILS_INCORRECT = "details_incorrect"
    AUTHENTICATION_FAILED = "authentication_failed"
    TRY_AGAIN = "try_again"
    NOT_ACCEPTED = "not_accepted"


@value
class Decline:
    """`code` is the provider's, for operators; shoppers are told the reason only."""

    reason: DeclineReason
    code: str


class NextActionKind(Enum):
    """What the shopper's client does next: go to a URL, show the provider's element in the page, or wait."""

    REDIRECT = "redirect"
    IN_PAGE = "in_page"
    WAIT = "wait"


@value
class NextAction:
    """`url` for a redirect; `provider` and `payload` (an opaque token, such as a client secret) for in
    page.
    """

    kind: NextActionKind
    url: str | None = None
    provider: str | None = None
    payload: str | None = None


@value
class Instrument:
    """What the shopper pays with: the provider's opaque token, never card data."""

    token: str


@value
class PaymentSnapshot:
    """What the provider says of a payment at one moment. `received` is what was captured so far, without what
    `failed` of it after it had been told as captured; `method` is what the shopper pays with, None where it
    doesn't say. `is_changing`: it has taken on to capture or void it, and tells later what came of that.
    `holds_stray`: another try was authorized beside the money, or after the payment had been given up.
    """

    reference: str
    state: PaymentState
    amount: Money
    received: Money
    client_secret: str | None = None
    next_action: NextAction | None = None
    decline: Decline | None = None
    method: PaymentMethod | None = None
    is_changing: bool = False
    failed: Money | None = None
    holds_stray: bool = False


@value
class Payment:
    """`reference` is the provider's own id, known once it answered. `offered` waits to be submitted to it.

    `return_id` is the unguessable part of our own address that a bank sends the shopper back to, on the way
    to `return_url`. It is kept as it is, unlike other tokens: a call that is repeated under its key has to
    name the same address, and all that it opens is that way. `returned_at` is when it was used for the try
    of the moment. `expected_by` is when money that is on its way is there at the latest, by the nature of its
    `method`. `was_over`: it had ended when the provider turned out to hold its money after all, so nothing
    goes by it any more. `captured` is without what `failed` after it had been told as captured. `forgone` is
    what a person does without of its money, and the journal has as a loss. `holds_stray` is what its provider
    said of that last.
    """

    id: PaymentId
    order_id: OrderId
    provider: str
    state: PaymentState
    amount: Money
    captured: Money
    created_at: datetime
    reference: str | None = None
    client_secret: str | None = None
    next_action: NextAction | None = None
    decline: Decline | None = None
    offered: Instrument | None = None
    return_url: str | None = None
    return_id: ReturnId | None = None
    returned_at: datetime | None = None
    seen_at: datetime | None = None
    was_over: bool = False
    method: PaymentMethod | None = None
    expected_by: datetime | None = None
    failed: Money | None = None
    forgone: Money | None = None
    holds_stray: bool = False

    @property
    def given_up(self) -> Money:
        """What a person does without of its money."""
        return Money.zero(self.amount.currency) if self.forgone is None else self.forgone

    @property
    def ever_captured(self) -> Money:
        """All that was ever told as captured, whether or not it failed later."""
        return self.captured if self.failed is None else self.captured + self.failed

    @property
    def has_fallen_through(self) -> bool:
        """It was taken for captured, and none of the money came."""
        return self.state is PaymentState.CAPTURED and self.failed is not None and not self.captured

    @property
    def has_collected(self) -> bool:
        """Its money is there, or some of it, as far as is known."""
        return self.state is PaymentState.CAPTURED and not self.has_fallen_through

    @property
    def is_over(self) -> bool:
        """Nothing can come of it any more: it was voided, or the provider never took it on."""
        return self.state in _OVER

    @property
    def has_ended(self) -> bool:
        """Voided, refused or captured: there is nothing left to do to it."""
        return self.state in _ENDED

    @property
    def has_stray_hold(self) -> bool:
        """It has ended, and yet something is held of the shopper's money that nothing goes by."""
        return self.holds_stray and self.has_ended

    @property
    def is_open(self) -> bool:
        """Exists at the provider, has collected nothing yet, and could still."""
        return self.state in _OPEN

    @property
    def takes_instruments(self) -> bool:
        """Whether the shopper may offer a card now: it is their turn, and no other card is being tried."""
        return self.is_open and self.state is not PaymentState.PROCESSING and self.offered is None

    @property
    def arrives_by(self) -> datetime | None:
        """When its money is there at the latest; None while the shopper has not said yes to it."""
        if self.expected_by is None and self.state is PaymentState.PROCESSING:
            return self.created_at + LONGEST_WAY
        return self.expected_by

    def offering(
        self, instrument: Instrument, return_url: str | None, return_id: ReturnId | None
    ) -> "Payment":
        """A try with this instrument begins. A bank is given the address of an earlier try once more, so that
        no shopper stands before a dead one.
        """
        back = (self.return_id or return_id) if return_url is not None else None
        return replace(self, offered=instrument, return_url=return_url, return_id=back, returned_at=None)

    def observed(self, snapshot: PaymentSnapshot, now: datetime) -> "Payment":
        """Itself after a fact: a stale one, of an earlier phase or against a final state, changes nothing.

        But money that the provider holds is a fact, whatever was said before; and so is money that failed.
        """
        before, after = _PHASE[self.state], _PHASE[snapshot.state]
        after_all = self.is_over and snapshot.state is PaymentState.CAPTURED
        if after < before or (before == 3 and snapshot.state is not self.state and not after_all):
            return replace(self._without(snapshot.failed), seen_at=now, holds_stray=snapshot.holds_stray)
        method = snapshot.method or self.method
        observed = replace(
            self,
            state=snapshot.state,
            method=method,
            expected_by=self._expected_by(snapshot.state, method, now) if after == 1 else None,
            reference=snapshot.reference,
            captured=max(self.captured, self._received(snapshot)),
            client_secret=snapshot.client_secret or self.client_secret,
            next_action=snapshot.next_action,
            decline=snapshot.decline,
            seen_at=now,
            was_over=self.was_over or after_all,
            holds_stray=snapshot.holds_stray,
        )
        observed = observed._without(snapshot.failed)
        return observed if self.forgone is None else observed.recovering(observed.captured - self.captured)

    def forgoing(self, missing: Money) -> "Payment":
        """A person does without so much more of its money; nothing changes if nothing is missing."""
        return replace(self, forgone=self.given_up + missing) if missing.minor > 0 else self

    def recovering(self, came: Money) -> "Payment":
        """Money that comes after all makes up for what was given up, before anything else."""
        if self.forgone is None or came.minor <= 0:
            return self
        return replace(self, forgone=(self.forgone - min(self.forgone, came)) or None)

    def _received(self, snapshot: PaymentSnapshot) -> Money:
        """What the provider knows as captured, less what is known here to have failed: it may say later what
        it has said of that before.
        """
        ever = snapshot.received if snapshot.failed is None else snapshot.received + snapshot.failed
        return ever if self.failed is None else ever - self.failed

    def _without(self, failed: Money | None) -> "Payment":
        """Less so much of what was captured; what failed once stays failed."""
        if failed is None or failed <= (known := self.ever_captured - self.captured):
            return self
        more = min(failed - known, self.captured)
        return replace(self, captured=self.captured - more, failed=known + more) if more else self

    def _expected_by(
        self, state: PaymentState, method: PaymentMethod | None, now: datetime
    ) -> datetime | None:
        """Counted from when it was first seen on its way, with this method."""
        promised = state is PaymentState.AWAITING_ACTION and method is not None and method.paid_elsewhere
        if state is not PaymentState.PROCESSING and not promised:
            return None
        if self.expected_by is not None and method == self.method:
            return self.expected_by
        return now + (method.arrives_within if method is not None else LONGEST_WAY)

    def refused(self, now: datetime) -> "Payment":
        """The provider would not take it on at all.

        It only follows NEW: anything later is the provider's to say.
        """
        return (
            replace(self, state=PaymentState.REFUSED, offered=None, seen_at=now)
            if self.state is PaymentState.NEW
            else self
        )
