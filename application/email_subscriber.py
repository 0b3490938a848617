"""Story: a subscriber reads that a payment failed, or that their plan has ended."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.letter import LetterKind
from domain.subscription import Subscription
from ports.email import Email, EmailSender
from ports.unit_of_work import UnitOfWorkFactory, WaitingLetter

_WORDS: Final[Mapping[LetterKind, tuple[str, str]]] = {
    LetterKind.INVOICE_UNPAID: (
        "Your payment for {} did not go through",
        "We could not collect what your subscription costs. See to your card or your bank; we try again.",
    ),
    LetterKind.DOWNGRADED: (
        "Your subscription to {} has ended",
        "What your plan gave you is no longer available to you.",
    ),
}


class EmailSubscriber:
    """Tells by e-mail; who has been deleted since is told nothing."""

    waits: Final = tuple(timedelta(seconds=s) for s in (60, 300, 900))

    def __init__(self, email: EmailSender, unit_of_work: UnitOfWorkFactory) -> None:
        self._email = email
        self._unit_of_work = unit_of_work

    async def __call__(self, letter: WaitingLetter) -> None:
        async with self._unit_of_work() as uow:
            subscription = await uow.subscriptions.get(letter.subscription_id)
            customer = await uow.customers.get(subscription.customer_id) if subscription else None
        if subscription is not None and customer is not None and customer.email is not None:
            await self._email.send(_worded(letter, subscription, customer.email))


def _worded(letter: WaitingLetter, subscription: Subscription, to: str) -> Email:
    subject, text = _WORDS[letter.kind]
    rows = [text, "", f"Plan: {subscription.terms.title}"]
    invoice = next((each for each in subscription.invoices if each.id == letter.about), None)
    if invoice is not None:
        rows.append(f"To be paid: {invoice.said.total}")
    if letter.kind is LetterKind.INVOICE_UNPAID and subscription.grace_until is not None:
        rows.append(f"Your plan stays until {subscription.grace_until:%Y-%m-%d %H:%M} UTC.")
    return Email(
        message_id=letter.id,
        to=to,
        subject=subject.format(subscription.terms.title),
        text="\n".join(rows),
    )
