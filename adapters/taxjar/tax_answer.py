"""From what TaxJar collects to what can be charged: checked, in whole minor units, every sum exact.

TaxJar rounds each line and the whole by themselves: three lines of 0.89, 0.89 and 1.78 come with 3.55 to
collect. The whole is what is filed, so it counts, and is shared out by largest remainder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.taxjar.amounts import NotAnAmount, minor_of, ppm_of
from adapters.taxjar.api import SERVICE
from adapters.taxjar.errors import nonsense
from adapters.taxjar.wire import Tax, Taxed, told
from domain.errors import TotalsDoNotAddUp
from domain.money import Currency, Money, allocate, portion
from domain.tax import TaxAnswer, TaxPart, TaxQuestion, TaxRate, TaxRates, untaxed
from domain.values import replace

_WHOLE_PPM: Final = 1_000_000
# Each line may be taxed by a state, a county, a city and a district, each rounded by itself.
_ROUNDING_STEPS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What is collected on one line or on the delivery, tax by tax: nominal rates and minor units."""

    taxes: tuple[tuple[TaxRate, int], ...]

    @property
    def minor(self) -> int:
        return sum(minor for _, minor in self.taxes)


def answer_to(question: TaxQuestion, body: bytes) -> TaxAnswer:
    """Raises Unavailable for an answer that can't be believed."""
    try:
        tax = told(body)
        answer = replace(_answer(question, tax), service=SERVICE)
        return answer.checked_against(question)
    except (
        msgspec.MsgspecError,
        UnicodeDecodeError,
        RecursionError,
        NotAnAmount,
        TotalsDoNotAddUp,
    ):
        raise nonsense() from None


def _answer(question: TaxQuestion, tax: Tax) -> TaxAnswer:
    currency = question.delivery.currency
    total = Money(minor=minor_of(tax.amount_to_collect, currency), currency=currency)
    shares = _shares(question, tax, currency)
    collected = sum(share.minor for share in shares)
    if total.minor < 0 or abs(collected - total.minor) > (len(shares) + 1) * currency.step:
        raise TotalsDoNotAddUp(what="tax total")
    bases = (*(line.amount for line in question.lines), question.delivery)
    if not total:
        return replace(untaxed(question), rates=_rates(shares, bases))
    amounts = allocate(total, [share.minor for share in shares])
    return TaxAnswer(
        lines=amounts[:-1],
        delivery=amounts[-1],
        parts=_parts(shares, amounts),
        rates=_rates(shares, bases),
    )


def _shares(question: TaxQuestion, tax: Tax, currency: Currency) -> tuple[_Share, ...]:
    """One for each line, and the delivery's. Raises TotalsDoNotAddUp for lines that weren't asked about."""
    country = question.destination.country
    nothing = _Share(taxes=())
    if tax.breakdown is None:
        if not question.lines:
            whole = Taxed(
                tax_collectable=tax.amount_to_collect,
                taxable_amount=tax.taxable_amount,
                combined_tax_rate=tax.rate,
            )
            return (_share(whole, country, question.delivery),)
        # Only an answer of nothing comes without its parts; any other fails for its sum.
        return (nothing,) * (len(question.lines) + 1)
    by_id = {taxed.id: taxed for taxed in tax.breakdown.line_items}
    wanted = {str(position) for position in range(len(question.lines))}
    if by_id.keys() != wanted or len(tax.breakdown.line_items) != len(wanted):
        raise TotalsDoNotAddUp(what="tax lines")
    lines = [
        _share(by_id[str(position)], country, line.amount) for position, line in enumerate(question.lines)
    ]
    shipping = tax.breakdown.shipping
    return (*lines, _share(shipping, country, question.delivery) if shipping is not None else nothing)


def _share(taxed: Taxed, country: str, base: Money) -> _Share:
    """Raises TotalsDoNotAddUp for a negative tax, and for one that its own rate doesn't make."""
    currency = base.currency
    minor = minor_of(taxed.tax_collectable, currency)
    if minor < 0:
        raise TotalsDoNotAddUp(what="tax amounts")
    if not minor_of(taxed.taxable_amount, currency) and minor == 0:
        return _Share(taxes=())
    named = _named(taxed, country, currency)
    rate_ppm = sum(rate.rate_ppm for rate, _ in named)
    if minor > portion(base, rate_ppm, _WHOLE_PPM).minor + _ROUNDING_STEPS * currency.step:
        raise TotalsDoNotAddUp(what="tax rate")
    whole = Money(minor=minor, currency=currency)
    amounts = allocate(whole, [weight for _, weight in named]) if len(named) > 1 else (whole,)
    return _Share(taxes=tuple((rate, amount.minor) for (rate, _), amount in zip(named, amounts, strict=True)))


def _named(taxed: Taxed, country: str, currency: Currency) -> Sequence[tuple[TaxRate, int]]:
    """The taxes by name as the country calls them, each with what it makes."""
    if country == "CA":
        provincial = (
            ("GST", taxed.gst_tax_rate, taxed.gst),
            ("PST", taxed.pst_tax_rate, taxed.pst),
            ("QST", taxed.qst_tax_rate, taxed.qst),
        )
        named = [
            (TaxRate(name=name, rate_ppm=ppm_of(rate)), max(0, minor_of(amount, currency)))
            for name, rate, amount in provincial
            if rate
        ]
        if any(weight for _, weight in named):
            return named
    name = {"US": "sales tax", "CA": "GST/HST", "AU": "GST"}.get(country, "VAT")
    rate = taxed.country_tax_rate or taxed.combined_tax_rate
    return [(TaxRate(name=name, rate_ppm=ppm_of(rate)), 1)]


def _parts(shares: Sequence[_Share], amounts: Sequence[Money]) -> tuple[TaxPart, ...]:
    """Each tax over all shares, of the amounts that were settled on."""
    sums: dict[TaxRate, Money] = {}
    for share, amount in zip(shares, amounts, strict=True):
        weights = [minor for _, minor in share.taxes]
        for (rate, _), part in zip(share.taxes, allocate(amount, weights) if weights else (), strict=True):
            sums[rate] = sums[rate] + part if rate in sums else part
    return tuple(
        TaxPart(name=rate.name, rate_ppm=rate.rate_ppm, amount=amount) for rate, amount in sums.items()
    )


def _rates(shares: Sequence[_Share], bases: Sequence[Money]) -> TaxRates:
    """The rates that would have given these taxes: where a part was exempt, lower than the nominal ones."""
    each = tuple(
        tuple(_effective(rate, minor, base) for rate, minor in share.taxes)
        for share, base in zip(shares, bases, strict=True)
    )
    return TaxRates(lines=each[:-1], delivery=each[-1])


def _effective(rate: TaxRate, minor: int, base: Money) -> TaxRate:
    if (
        base.minor
        and portion(base, rate.rate_ppm, _WHOLE_PPM).minor - minor > _ROUNDING_STEPS * base.currency.step
    ):
        return TaxRate(name=rate.name, rate_ppm=minor * _WHOLE_PPM // base.minor)
    return rate
