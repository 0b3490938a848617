"""Totals from lines, discount, delivery and tax, and the sums that must hold before anybody is shown a
price.
"""

from collections.abc import Sequence
from functools import cache

from domain.catalog import DiscountCode, Parcel
from domain.delivery import DeliveryOption
from domain.errors import TotalsDoNotAddUp
from domain.identifiers import LineId, Sku
from domain.money import Currency, Money, allocate, minor_total, total_of
from domain.tax import TaxableLine, TaxAnswer, TaxPart
from domain.values import replace, value


@value
class CartLine:
    """What the shopper put in, with the product's facts of the moment.

    `priced_by_merchant`: the price came with a secret key and is kept when the catalog's changes. `free` is
    how many pieces could be had when the line was last looked at, None where nobody could say.
    """

    id: LineId
    sku: Sku
    title: str
    quantity: int
    unit_price: Money
    tax_code: str
    parcel: Parcel = Parcel()
    priced_by_merchant: bool = False
    free: int | None = None


@value
class PricedLine:
    """A line with its share of everything: `total = subtotal - discount + tax`.

    The discount is a magnitude.
    """

    id: LineId
    sku: Sku
    title: str
    quantity: int
    unit_price: Money
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    tax_code: str
    weight_grams: int


@value
class TotalEntry:
    """One row of the sum that a shopper is shown; a discount is a magnitude that is taken off."""

    type: str
    label: str
    amount: Money


@value
class Totals:
    """What everything costs: `total = subtotal - discount + delivery + tax`.

    `tax_service` names who wants to be told of the sale, None where the taxes are from a table of our own.
    """

    subtotal: Money
    discount: Money
    delivery: Money
    tax: Money
    delivery_tax: Money
    total: Money
    taxes: tuple[TaxPart, ...]
    discount_label: str | None = None
    delivery_label: str | None = None
    tax_estimated: bool = False
    tax_service: str | None = None

    def __post_init__(self) -> None:
        currency = self.total.currency
        added = minor_total((self.subtotal, self.delivery, self.tax), currency)
        if added - minor_total((self.discount,), currency) != self.total.minor:
            raise TotalsDoNotAddUp(what="totals")
        if minor_total([part.amount for part in self.taxes], currency) != self.tax.minor:
            raise TotalsDoNotAddUp(what="taxes by name")

    def entries(self) -> tuple[TotalEntry, ...]:
        """In the order in which a shopper reads them; rows that don't apply are left out."""
        rows = [TotalEntry(type="subtotal", label="Subtotal", amount=self.subtotal)]
        if self.discount:
            rows.append(
                TotalEntry(type="discount", label=self.discount_label or "Discount", amount=self.discount)
            )
        if self.delivery_label is not None:
            rows.append(TotalEntry(type="delivery", label=self.delivery_label, amount=self.delivery))
        rows += [TotalEntry(type="tax", label=self._label(part), amount=part.amount) for part in self.taxes]
        return (*rows, TotalEntry(type="total", label="Total", amount=self.total))

    def _label(self, part: TaxPart) -> str:
        whole, rest = divmod(part.rate_ppm, 10_000)
        decimals = f".{rest:04d}".rstrip("0") if rest else ""
        return f"{part.name} {whole}{decimals} %{' (estimated)' if self.tax_estimated else ''}"


@value
class Pricing:
    """Priced lines and their totals: the quote that a shopper accepts."""

    lines: tuple[PricedLine, ...]
    totals: Totals

    def __post_init__(self) -> None:
        totals, lines = self.totals, self.lines
        currency, delivery_tax = totals.total.currency, totals.delivery_tax
        if minor_total([line.subtotal for line in lines], currency) != totals.subtotal.minor:
            raise TotalsDoNotAddUp(what="line subtotals")
        if minor_total([line.discount for line in lines], currency) != totals.discount.minor:
            raise TotalsDoNotAddUp(what="line discounts")
        if minor_total([delivery_tax, *[line.tax for line in lines]], currency) != totals.tax.minor:
            raise TotalsDoNotAddUp(what="line taxes")
        whole = [totals.delivery, delivery_tax, *[line.total for line in lines]]
        if minor_total(whole, currency) != totals.total.minor:
            raise TotalsDoNotAddUp(what="line totals")

    def costs_the_same_as(self, accepted: "Pricing") -> bool:
        """Whether a shopper who agreed to the other agreed to this: whether its tax is an estimate, and by
        whom, is no part of a price.
        """
        if self == accepted:
            return True
        estimated, service = accepted.totals.tax_estimated, accepted.totals.tax_service
        totals = replace(self.totals, tax_estimated=estimated, tax_service=service)
        return self.lines == accepted.lines and totals == accepted.totals


def discount_shares(
    lines: Sequence[CartLine], code: DiscountCode | None, currency: Currency
) -> tuple[Money, ...]:
    """What the code takes off each line, in proportion to its subtotal, so that the shares sum to the
    discount.
    """
    if code is None or not lines:
        return tuple(Money.zero(currency) for _ in lines)
    subtotals = [line.unit_price * line.quantity for line in lines]
    discount = code.magnitude_for(total_of(subtotals, currency))
    return allocate(discount, [subtotal.minor for subtotal in subtotals])


def taxable_lines(lines: Sequence[CartLine], discounts: Sequence[Money]) -> tuple[TaxableLine, ...]:
    """The lines as a tax service is asked about them: net, with their discount taken off."""
    return tuple(
        TaxableLine(
            line_id=line.id,
            tax_code=line.tax_code,
            amount=line.unit_price * line.quantity - discount,
            quantity=line.quantity,
            discount=discount,
        )
        for line, discount in zip(lines, discounts, strict=True)
    )


def price(
    lines: Sequence[CartLine],
    discounts: Sequence[Money],
    delivery: DeliveryOption | None,
    tax: TaxAnswer | None,
    currency: Currency,
    *,
    discount_label: str | None = None,
) -> Pricing:
    """The quote for these lines. Without a delivery choice or a tax answer those count as zero for now."""
    zero = Money.zero(currency)
    line_taxes = tax.lines if tax else tuple(zero for _ in lines)
    priced = tuple(
        _priced(line, discount, line_tax)
        for line, discount, line_tax in zip(lines, discounts, line_taxes, strict=True)
    )
    subtotal = total_of((line.subtotal for line in priced), currency)
    discount = total_of(discounts, currency)
    delivery_amount = delivery.amount if delivery else zero
    tax_total = tax.total() if tax else zero
    totals = Totals(
        subtotal=subtotal,
        discount=discount,
        delivery=delivery_amount,
        tax=tax_total,
        delivery_tax=tax.delivery if tax else zero,
        total=subtotal - discount + delivery_amount + tax_total,
        taxes=tax.parts if tax else (),
        discount_label=discount_label,
        delivery_label=delivery.title if delivery else None,
        tax_estimated=tax.estimated if tax else False,
        tax_service=tax.service if tax else None,
    )
    return Pricing(lines=priced, totals=totals)


@cache
def nothing_priced(currency: Currency) -> Pricing:
    """The quote for a cart that nothing is in yet."""
    return price((), (), None, None, currency)


def _priced(line: CartLine, discount: Money, tax: Money) -> PricedLine:
    subtotal = line.unit_price * line.quantity
    return PricedLine(
        id=line.id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        subtotal=subtotal,
        discount=discount,
        tax=tax,
        total=subtotal - discount + tax,
        tax_code=line.tax_code,
        weight_grams=line.parcel.weight_grams,
    )
