"""Taxes of a request, broken down as TaxJar does it: each level of government rounds by itself, each line
does, and so does the whole, so that the parts may differ from it by a cent.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from entrypoints.sandbox.taxjar.rates import Rates, rates_at
from entrypoints.sandbox.taxjar.requests import Line, TaxesWanted

_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal("0.0")
# How TaxJar calls rate and amount of a level within a line; within the whole, amounts are `…_collectable`.
_WORDS: Final = {
    "state": ("state_sales_tax_rate", "state_amount"),
    "county": ("county_tax_rate", "county_amount"),
    "city": ("city_tax_rate", "city_amount"),
    "special": ("special_tax_rate", "special_district_amount"),
    "country": ("country_tax_rate", "country_tax_collectable"),
    "gst": ("gst_tax_rate", "gst"),
    "pst": ("pst_tax_rate", "pst"),
    "qst": ("qst_tax_rate", "qst"),
}


def tax_for(wanted: TaxesWanted) -> dict[str, Any]:
    """The value of `tax` in the answer."""
    shipping = wanted.shipping or _NOTHING
    rates = rates_at(wanted.to_country, wanted.to_state.upper(), wanted.to_zip)
    goods = sum((line.net for line in wanted.line_items), _NOTHING)
    told: dict[str, Any] = {
        "order_total_amount": (goods if wanted.line_items else wanted.amount or _NOTHING) + shipping,
        "shipping": shipping,
        "has_nexus": rates is not None,
        "freight_taxable": rates.taxes_freight if rates else False,
        "tax_source": "destination" if rates else None,
        "exemption_type": wanted.exemption_type,
    }
    if rates is None or wanted.is_exempt:
        nothing = {"taxable_amount": _NOTHING, "amount_to_collect": _NOTHING, "rate": _NOTHING}
        return {**told, **nothing, "jurisdictions": {"country": wanted.to_country}}
    return {**told, **_collected(wanted, rates, shipping)}


def _collected(wanted: TaxesWanted, rates: Rates, shipping: Decimal) -> dict[str, Any]:
    lines = [_line(line, rates, wanted.to_country) for line in wanted.line_items]
    freight = shipping if rates.taxes_freight else _NOTHING
    on_freight = _taxed(freight, rates.levels, wanted.to_country)
    exact = sum((line.net * _combined(line, rates) for line in wanted.line_items), _NOTHING)
    if not lines:
        exact = (wanted.amount or _NOTHING) * rates.combined
    total = _rounded(exact + freight * rates.combined)
    taxable = sum((line["taxable_amount"] for line in lines), freight)
    told: dict[str, Any] = {
        "taxable_amount": taxable,
        "amount_to_collect": total,
        "rate": rates.combined,
        "jurisdictions": {"country": wanted.to_country, "state": wanted.to_state},
    }
    if lines:
        whole = {"taxable_amount": taxable, "tax_collectable": total, "combined_tax_rate": rates.combined}
        told["breakdown"] = {**whole, "line_items": lines, "shipping": on_freight}
    return told


def _line(line: Line, rates: Rates, country: str) -> dict[str, Any]:
    special = rates.of_goods.get(line.product_tax_code or "")
    if special is None:
        return {"id": str(line.id), **_taxed(line.net, rates.levels, country)}
    # A reduced rate is a matter of one level; the others then don't tax at all.
    first = next(iter(rates.levels))
    levels = {level: special if level == first else _NOTHING for level in rates.levels}
    return {"id": str(line.id), **_taxed(line.net if special else _NOTHING, levels, country)}


def _combined(line: Line, rates: Rates) -> Decimal:
    special = rates.of_goods.get(line.product_tax_code or "")
    return rates.combined if special is None else special


def _taxed(amount: Decimal, levels: Mapping[str, Decimal], country: str) -> dict[str, Any]:
    combined = sum(levels.values(), _NOTHING)
    told: dict[str, Any] = {"taxable_amount": amount, "tax_collectable": _rounded(amount * combined)}
    if country in ("US", "CA"):
        told["combined_tax_rate"] = combined
    for level, rate in levels.items():
        its_rate, its_amount = _WORDS[level]
        told[its_rate] = rate
        told[its_amount] = _rounded(amount * rate)
    return told


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
