"""The question that a tax service is asked, and an answer that is checked before anybody is charged by it."""

from domain.address import Address
from domain.errors import TotalsDoNotAddUp
from domain.identifiers import LineId
from domain.money import Money, total_of
from domain.values import value


@value
class TaxableLine:
    line_id: LineId
    tax_code: str
    amount: Money


@value
class TaxQuestion:
    """Net amounts, discounts already taken off; asked after the delivery price is known."""

    destination: Address
    lines: tuple[TaxableLine, ...]
    delivery: Money


@value
class TaxPart:
    """What one tax adds, by name and rate. `rate_ppm` is parts per million: 190000 is 19 %."""

    name: str
    rate_ppm: int
    amount: Money


@value
class TaxAnswer:
    """Taxes in the order of the question's lines; `estimated` when the service had to fall back on known
    rates.
    """

    lines: tuple[Money, ...]
    delivery: Money
    parts: tuple[TaxPart, ...]
    estimated: bool = False

    def total(self) -> Money:
        return total_of(self.lines, self.delivery.currency) + self.delivery

    def checked_against(self, question: TaxQuestion) -> "TaxAnswer":
        """Itself, if it can be charged. Raises TotalsDoNotAddUp for a missing, negative or absurd tax."""
        currency = question.delivery.currency
        amounts = (*self.lines, self.delivery)
        bases = (*(line.amount for line in question.lines), question.delivery)
        if len(amounts) != len(bases) or any(amount.currency != currency for amount in amounts):
            raise TotalsDoNotAddUp(what="tax lines")
        if any(tax.minor < 0 or tax.minor > base.minor for tax, base in zip(amounts, bases, strict=True)):
            raise TotalsDoNotAddUp(what="tax amounts")
        if total_of((part.amount for part in self.parts), currency) != self.total():
            raise TotalsDoNotAddUp(what="tax parts")
        return self
