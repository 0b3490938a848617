"""Story: a shopper reads what became of their order."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.events import MessageKind
from domain.order_facts import OrderFacts
from ports.email import Email, EmailSender
from ports.unit_of_work import WaitingMessage

_WORDS: Final[Mapping[MessageKind, tuple[str, str]]] = {
    MessageKind.ORDER_CONFIRMATION: ("Your order {}", "Thank you. We have received your payment."),
    MessageKind.PAYMENT_DECLINED: (
        "Your payment for order {} did not go through",
        "Nothing was charged. You can try another card until your order expires.",
    ),
}
_WAITS: Final = tuple(timedelta(seconds=s) for s in (60, 300, 900))


class EmailShopper:
    """Tells by e-mail; who left no address is told nothing."""

    kinds: Final = frozenset(_WORDS)
    waits: Final = _WAITS

    def __init__(self, email: EmailSender) -> None:
        self._email = email

    async def __call__(self, message: WaitingMessage, facts: OrderFacts) -> None:
        if facts.order.email is not None:
            await self._email.send(_worded(message, facts, facts.order.email))


def _worded(message: WaitingMessage, facts: OrderFacts, to: str) -> Email:
    order = facts.order
    subject, text = _WORDS[message.kind]
    rows = [f"{line.quantity} x {line.title}: {line.subtotal}" for line in order.lines]
    rows += [f"{entry.label}: {entry.amount}" for entry in order.totals.entries()]
    rows += [f"Could not be shipped: {-shortage.amount}" for shortage in facts.shortages]
    rows += [f"Charged: {facts.sale.amount_due}"] if facts.shortages else []
    return Email(
        message_id=message.id, to=to, subject=subject.format(order.id), text=text + "\n\n" + "\n".join(rows)
    )
