"""Story: a subscriber reads that a payment failed, or that their plan has ended."""

from collections.abc import Iterator, Mapping
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
        "Your plan {} has ended",
        "What it gave you is no longer available to you.",
    ),
}


class EmailSubscriber:
    """Tells by e-mail; who has been deleted since is told nothing."""

    waits: Final = tuple(timedelta(seconds=s) for s in (60, 300, 900))

    def __init__(
        self, email: EmailSender, unit_of_work: UnitOfWorkFactory, storefront_url: str | None = None
    ) -> None:
        """`storefront_url`: where a customer can do something about it."""
        self._email = email
        self._unit_of_work = unit_of_work
        self._storefront_url = storefront_url

    async def __call__(self, letter: WaitingLetter) -> None:
        async with self._unit_of_work() as uow:
            subscription = await uow.subscriptions.get(letter.subscription_id)
            customer = await uow.customers.get(subscription.customer_id) if subscription else None
        if subscription is not None and customer is not None and customer.email is not None:
            await self._email.send(self._worded(letter, subscription, customer.email))

    def _worded(self, letter: WaitingLetter, subscription: Subscription, to: str) -> Email:
        subject, text = _WORDS[letter.kind]
        rows = [text, "", f"Plan: {subscription.terms.title}", *_about(letter, subscription)]
        if self._storefront_url is not None:
            rows.append(f"You can see to it at {self._storefront_url}")
        subject = subject.format(subscription.terms.title)
        return Email(message_id=letter.id, to=to, subject=subject, text="\n".join(rows))


def _about(letter: WaitingLetter, subscription: Subscription) -> Iterator[str]:
    """What is owed, and until when the plan stays, where a payment failed."""
    invoice = next((each for each in subscription.invoices if each.id == letter.about), None)
    if invoice is not None:
        yield f"To be paid: {invoice.said.total}"
        if subscription.grace_until is not None:
            yield f"Your plan stays until {subscription.grace_until:%Y-%m-%d %H:%M} UTC."
