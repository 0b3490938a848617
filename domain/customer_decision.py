"""What is to be done next about a customer: a pure function, as `decide` is for orders."""

from datetime import datetime
from typing import Final

from domain.attempt import Attempt, AttemptState, Operation
from domain.customer import Customer, CustomerState, ProviderAccount
from domain.steps import Settled, WaitUntil
from domain.values import value

_REASON: Final = "provider_is_asked_again"


@value
class RegisterAccount:
    """Have the provider know the customer, under the key of the account's attempt."""

    account: ProviderAccount


@value
class FindAccount:
    """An earlier registration may have happened: look for it by our id."""

    account: ProviderAccount


@value
class RemoveAccount:
    """Have the provider forget the customer; asking twice does no harm."""

    account: ProviderAccount


@value
class Forget:
    """No provider knows the customer any more: what we hold of the person goes."""


AccountStep = RegisterAccount | FindAccount | RemoveAccount
CustomerStep = AccountStep | Forget | WaitUntil | Settled


def decide_for(customer: Customer, now: datetime) -> CustomerStep:
    """The first account that something can be done about; otherwise when to look again, and at the end of
    leaving what is our own.
    """
    is_leaving = customer.state is not CustomerState.ACTIVE
    steps = [_about(account, now, is_leaving=is_leaving) for account in customer.accounts]
    for step in steps:
        if not isinstance(step, WaitUntil | Settled):
            return step
    waits = [step.at for step in steps if isinstance(step, WaitUntil)]
    if waits:
        return WaitUntil(at=min(waits), reason=_REASON)
    return Forget() if customer.state is CustomerState.LEAVING else Settled()


def _about(account: ProviderAccount, now: datetime, *, is_leaving: bool) -> CustomerStep:
    attempt = account.attempt
    if attempt is None:
        return Settled() if is_leaving else RegisterAccount(account=account)
    if not attempt.is_settled and now < attempt.due_at:
        return WaitUntil(at=attempt.due_at, reason=_REASON)
    if attempt.operation is Operation.REMOVE_CUSTOMER:
        return Settled() if attempt.is_settled else RemoveAccount(account=account)
    if attempt.is_doubtful:
        return FindAccount(account=account)
    if is_leaving:
        return _leaving(account, attempt, now)
    return Settled() if attempt.is_settled else RegisterAccount(account=account)


def _leaving(account: ProviderAccount, attempt: Attempt, now: datetime) -> CustomerStep:
    """Of a registration that came to nothing no request may be left on its way."""
    if attempt.state is AttemptState.SUCCEEDED:
        return RemoveAccount(account=account)
    if not attempt.may_arrive_unseen:
        return Settled()
    if now < attempt.may_arrive_until:
        return WaitUntil(at=attempt.may_arrive_until, reason=_REASON)
    return FindAccount(account=account)
