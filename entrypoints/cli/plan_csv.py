"""Plans from a CSV file: every line is checked before anything is kept, and each mistake is told by its line.

Columns: `id`, `title`, `interval` (day, week, month or year), optionally `interval_count`, one `price_XXX`
for each currency, and for each price the id that a provider keeps it under, such as `stripe_price_EUR`.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from typing import Final

from domain.errors import FieldRefused
from domain.identifiers import PlanId
from domain.money import Currency
from domain.plan import BillingInterval, Plan, ProviderPrice
from entrypoints.cli.csv_rows import (
    FileRefused,
    LineProblem,
    Mistake,
    Row,
    currency_of,
    missing_columns,
    money_in,
    number_in,
    repeated_columns,
    text_in,
)

_NEEDED: Final = ("id", "title", "interval")
_KNOWN: Final = {*_NEEDED, "interval_count"}
_PRICE: Final = re.compile(r"(?:(?P<provider>[a-z]+)_)?price_(?P<currency>[A-Z]{3})")
_LONGEST_REFERENCE: Final = 120


def read_plans(lines: Iterable[str]) -> tuple[Plan, ...]:
    """Raises FileRefused with every mistake in the file."""
    rows = csv.DictReader(lines, strict=True)
    plans: dict[PlanId, Plan] = {}
    problems: list[LineProblem] = []
    try:
        names = list(rows.fieldnames or ())
        columns, problems = _price_columns(names)
        problems += [*repeated_columns(names), *missing_columns(names, *_NEEDED)]
        for row in rows:
            try:
                plan = _plan(row, columns)
                if plan.id in plans:
                    raise Mistake(f"plan {plan.id} stands in the file twice")
                plans[plan.id] = plan
            except Mistake as mistake:
                problems.append(LineProblem(line=rows.line_num, problem=str(mistake)))
    except csv.Error as error:
        problems.append(LineProblem(line=rows.line_num + 1, problem=f"this is no CSV from here on ({error})"))
    if not problems and not plans:
        problems.append(LineProblem(line=max(rows.line_num, 1), problem="there is no plan in the file"))
    if problems:
        raise FileRefused(tuple(problems))
    return tuple(plans.values())


# By column: the provider, None for the plan's own price, and the currency.
_Columns = Mapping[str, tuple[str | None, Currency]]


def _price_columns(names: Iterable[str]) -> tuple[_Columns, list[LineProblem]]:
    columns: dict[str, tuple[str | None, Currency]] = {}
    problems = []
    for name in dict.fromkeys(names):
        match = _PRICE.fullmatch(name)
        try:
            if match is not None:
                columns[name] = (match["provider"], currency_of(name, match["currency"]))
            elif name not in _KNOWN:
                raise Mistake(f"column {name} is not known")
        except Mistake as mistake:
            problems.append(LineProblem(line=1, problem=str(mistake)))
    return columns, problems


def _plan(row: Row, columns: _Columns) -> Plan:
    if None in row:
        raise Mistake("there are more values than columns")
    plan_id, title = text_in(row, "id", most=64), text_in(row, "title", most=500)
    prices, at_providers = [], []
    for name, (provider, currency) in columns.items():
        if provider is None:
            if (price := money_in(row, name, currency)) is not None:
                prices.append(price)
        elif (row.get(name) or "").strip():
            reference = text_in(row, name, most=_LONGEST_REFERENCE)
            at_providers.append(ProviderPrice(provider=provider, currency=currency.code, reference=reference))
    try:
        return Plan(
            id=PlanId(plan_id),
            title=title,
            prices=tuple(prices),
            interval=_interval(row),
            interval_count=number_in(row, "interval_count", otherwise=1),
            provider_prices=tuple(at_providers),
        )
    except FieldRefused as refused:
        raise Mistake(f"{refused.path.strip('/')} must be {refused.rule}") from None


def _interval(row: Row) -> BillingInterval:
    try:
        return BillingInterval((row.get("interval") or "").strip())
    except ValueError:
        words = ", ".join(interval.value for interval in BillingInterval)
        raise Mistake(f"interval must be one of {words}") from None
