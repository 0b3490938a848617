"""Customer: somebody whom the shop knows again, by their e-mail address and by an id at each provider."""

from dataclasses import field
from datetime import datetime
from enum import Enum
from unicodedata import normalize

from domain.attempt import Attempt, AttemptState, Operation
from domain.identifiers import AttemptId, CustomerId
from domain.values import replace, value


class CustomerState(Enum):
    """LEAVING: a deletion was asked for, and goes on until nothing personal is left."""

    ACTIVE = "active"
    LEAVING = "leaving"
    DELETED = "deleted"


class AccountState(Enum):
    """How a customer stands with one provider.

    REGISTERING: it does not know them yet, as far as we know. REFUSED: it doesn't take them. LEAVING: it is
    asked to forget them.
    """

    REGISTERING = "registering"
    REGISTERED = "registered"
    REFUSED = "refused"
    LEAVING = "leaving"
    REMOVED = "removed"


@value
class ProviderAccount:
    """A customer at one provider. `reference` is the provider's own id, once it answered.

    `attempt` is what was last asked of it; None before anything was.
    """

    provider: str
    reference: str | None = None
    attempt: Attempt | None = None

    @property
    def state(self) -> AccountState:
        match self.attempt:
            case Attempt(operation=Operation.REMOVE_CUSTOMER, state=AttemptState.SUCCEEDED):
                return AccountState.REMOVED
            case Attempt(operation=Operation.REMOVE_CUSTOMER):
                return AccountState.LEAVING
            case Attempt(state=AttemptState.SUCCEEDED):
                return AccountState.REGISTERED
            case Attempt(state=AttemptState.REJECTED):
                return AccountState.REFUSED
            case _:
                return AccountState.REGISTERING

    def registered_as(self, reference: str, attempt: Attempt) -> "ProviderAccount":
        return replace(self, reference=reference, attempt=attempt.succeeded())

    def after(self, attempt: Attempt) -> "ProviderAccount":
        return replace(self, attempt=attempt)


@value
class SavedMethod:
    """What a customer saved to pay with. `token` is the provider's, and pays like any other instrument.

    `kind` is what it is in the provider's words, such as `card`. `ending` is as much of its number as may be
    shown; `expires` is year and month.
    """

    token: str
    kind: str
    brand: str | None = None
    ending: str | None = None
    expires: tuple[int, int] | None = None


@value
class Payer:
    """The customer who pays an order, as they were known when it was placed. `reference` is the id that the
    order's provider has for them, if it knew them by then; only then can it keep the method.
    """

    customer_id: CustomerId
    user_id: str | None = field(default=None, repr=False)
    reference: str | None = None
    saves_method: bool = False


@value
class Customer:
    """`user_id` is what the merchant's own system calls them. `version` counts changes, from 1.

    The password's hash is in no text that is made of a customer.
    """

    id: CustomerId
    state: CustomerState
    created_at: datetime
    email: str | None = field(repr=False)
    name: str | None = field(default=None, repr=False)
    user_id: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    accounts: tuple[ProviderAccount, ...] = ()
    version: int = 1

    def account_at(self, provider: str) -> ProviderAccount | None:
        return next((account for account in self.accounts if account.provider == provider), None)

    def payer_at(self, provider: str, *, saves_method: bool) -> Payer:
        account = self.account_at(provider)
        is_known = account is not None and account.state is AccountState.REGISTERED
        reference = account.reference if account is not None and is_known else None
        saves = saves_method and reference is not None
        return Payer(customer_id=self.id, user_id=self.user_id, reference=reference, saves_method=saves)

    def with_account(self, account: ProviderAccount) -> "Customer":
        """In place of the one at the same provider; otherwise beside the others."""
        if self.account_at(account.provider) is None:
            return replace(self, accounts=(*self.accounts, account))
        kept = (account if each.provider == account.provider else each for each in self.accounts)
        return replace(self, accounts=tuple(kept))

    def holds_lease(self, provider: str, attempt_id: AttemptId, tries: int) -> bool:
        """Whether this try of the attempt is still the last one."""
        account = self.account_at(provider)
        attempt = account.attempt if account is not None else None
        return attempt is not None and (attempt.id, attempt.tries) == (attempt_id, tries)


def mailbox(email: str) -> str:
    """What two spellings of one mailbox have in common: customers are told apart by it.

    Upper and lower case count as the same, also before the `@`, where RFC 5321 (2.4) leaves it to the host
    but advises against a difference; nothing else does. Dots and what follows a `+` name another mailbox at
    many hosts, so they are left alone.
    """
    return normalize("NFC", email).lower()
