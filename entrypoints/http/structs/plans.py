"""Plans as they travel."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.identifiers import PlanId
from domain.money import Money
from domain.plan import BillingInterval, Plan, ProviderPrice
from entrypoints.http.structs.values import (
    CurrencyCode,
    MoneyStruct,
    Name,
    PriceStruct,
    Title,
    currency_at,
    money_shown,
)

IntervalWord = Literal["day", "week", "month", "year"]


class ProviderPriceStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id under which a payment provider, such as `stripe`, keeps the plan's price in a currency."""

    provider: Name
    currency: CurrencyCode
    reference: Name


class PlanRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Paid for every `interval_count` intervals, a year ahead at the most. Prices are net of tax, one for
    each currency. What is not `active` can't be subscribed to; who has it keeps it.
    """

    title: Title
    prices: Annotated[list[PriceStruct], Meta(min_length=1, max_length=50)]
    interval: IntervalWord
    interval_count: Annotated[int, Meta(ge=1, le=365)] = 1
    provider_prices: Annotated[list[ProviderPriceStruct], Meta(max_length=50)] = []
    active: bool = True


class PlanShown(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    prices: list[MoneyStruct]
    interval: str
    interval_count: int
    provider_prices: list[ProviderPriceStruct]
    active: bool


class PlansPage(msgspec.Struct, frozen=True):
    """By id. `next` goes into `after` for the next page; null on the last."""

    items: list[PlanShown]
    next: str | None


def plan_of_request(plan_id: PlanId, request: PlanRequest) -> Plan:
    """Raises FieldRefused."""
    prices = tuple(
        Money(minor=price.minor, currency=currency_at(price.currency, f"/prices/{index}/currency"))
        for index, price in enumerate(request.prices)
    )
    at_providers = tuple(
        ProviderPrice(
            provider=each.provider,
            currency=currency_at(each.currency, f"/provider_prices/{index}/currency").code,
            reference=each.reference,
        )
        for index, each in enumerate(request.provider_prices)
    )
    return Plan(
        id=plan_id,
        title=request.title,
        prices=prices,
        interval=BillingInterval(request.interval),
        interval_count=request.interval_count,
        provider_prices=at_providers,
        active=request.active,
    )


def plan_shown(plan: Plan, *, to_merchant: bool) -> PlanShown:
    """Browsers aren't told what providers call the prices."""
    at_providers = plan.provider_prices if to_merchant else ()
    return PlanShown(
        id=plan.id,
        title=plan.title,
        prices=[money_shown(price) for price in plan.prices],
        interval=plan.interval.value,
        interval_count=plan.interval_count,
        provider_prices=[
            ProviderPriceStruct(each.provider, each.currency, each.reference) for each in at_providers
        ],
        active=plan.active,
    )
