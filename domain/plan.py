"""What can be subscribed to: plans with a price for each currency and the interval that it pays for."""

from calendar import monthrange
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from domain.errors import FieldRefused, PlanNotSoldIn
from domain.identifiers import PlanId
from domain.money import Money, require_chargeable
from domain.values import value


class BillingInterval(Enum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    def after(self, start: datetime, count: int) -> datetime:
        """So many intervals later; the last day of a month that is too short for the day."""
        if self is BillingInterval.DAY or self is BillingInterval.WEEK:
            return start + count * timedelta(days=1 if self is BillingInterval.DAY else 7)
        months = start.month - 1 + count * (1 if self is BillingInterval.MONTH else 12)
        year, month = start.year + months // 12, months % 12 + 1
        return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


# Providers bill a year ahead at the most.
MOST_INTERVALS: Final = {
    BillingInterval.DAY: 365,
    BillingInterval.WEEK: 52,
    BillingInterval.MONTH: 12,
    BillingInterval.YEAR: 1,
}


@value
class ProviderPrice:
    """The id under which a provider keeps the plan's price in a currency."""

    provider: str
    currency: str
    reference: str


@value
class PlanTerms:
    """What a subscriber agrees to; it stays as it is when the plan changes in the catalog.

    `price_reference` is the provider's id of the price.
    """

    plan_id: PlanId
    title: str
    price: Money
    interval: BillingInterval
    interval_count: int
    price_reference: str


@value
class Plan:
    """One plan on sale, paid for every `interval_count` intervals. Prices are net of tax, one a currency.

    Raises FieldRefused for prices that nobody could pay, or an interval that nobody bills.
    """

    id: PlanId
    title: str
    prices: tuple[Money, ...]
    interval: BillingInterval
    interval_count: int = 1
    provider_prices: tuple[ProviderPrice, ...] = ()
    active: bool = True

    def __post_init__(self) -> None:
        if not self.prices:
            raise FieldRefused(path="/prices", rule="at least one price")
        for index, price in enumerate(self.prices):
            if price.minor <= 0:
                raise FieldRefused(path=f"/prices/{index}", rule="more than nothing")
            require_chargeable(price, f"/prices/{index}/minor")
        if len({price.currency.code for price in self.prices}) < len(self.prices):
            raise FieldRefused(path="/prices", rule="one price a currency")
        keys = [(each.provider, each.currency) for each in self.provider_prices]
        if len(set(keys)) < len(keys):
            raise FieldRefused(path="/provider_prices", rule="one price a provider and currency")
        if not 1 <= self.interval_count <= MOST_INTERVALS[self.interval]:
            raise FieldRefused(
                path="/interval_count", rule=f"1 to {MOST_INTERVALS[self.interval]} of {self.interval.value}"
            )

    def terms(self, currency_code: str, provider: str) -> PlanTerms:
        """Its terms in this currency at this provider. Raises PlanNotSoldIn.

        Where the merchant gave no id for the price there, the plan's own id stands for it.
        """
        for price in self.prices:
            if price.currency.code == currency_code:
                return PlanTerms(
                    plan_id=self.id,
                    title=self.title,
                    price=price,
                    interval=self.interval,
                    interval_count=self.interval_count,
                    price_reference=self._price_reference(currency_code, provider),
                )
        raise PlanNotSoldIn(plan_id=self.id, currency=currency_code)

    def _price_reference(self, currency_code: str, provider: str) -> str:
        for each in self.provider_prices:
            if (each.provider, each.currency) == (provider, currency_code):
                return each.reference
        return self.id
