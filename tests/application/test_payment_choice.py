"""Where the payment of a new order begins when a flag decides: by customer, by share, by currency."""

from collections.abc import Callable
from typing import Final

import pytest

from adapters.flagged.payment_choice import FlaggedPaymentChoice
from adapters.flags.definitions import from_toml
from adapters.flags.feature_flags import OpenFeatureFlags
from adapters.in_memory.flags import FlagRule, InMemoryFlags
from application.payment_providers import PaymentChoice
from application.place_order import Placement
from application.register_customer import NewCustomer
from domain.customer import Customer, Payer
from domain.identifiers import CheckoutId, CustomerId
from domain.money import Money
from domain.order import Order
from domain.pricing import Totals
from domain.values import replace
from ports.flags import FeatureFlags, Flag
from tests.application.shop import EUR, TOTAL_MINOR, Shop, draft
from tests.builders import an_order

BOTH: Final = ("stripe", "adyen")
ADA: Final = CustomerId("cus_ada")
EVA: Final = CustomerId("cus_eva")
# The same rules as an operator writes them, and as the fake takes them.
RULES: Final[dict[str, tuple[str, FlagRule]]] = {
    "customers": (
        'customers = ["cus_ada"]\nvalue = "adyen"',
        FlagRule(value="adyen", customers=frozenset({ADA})),
    ),
    "currencies": (
        'currencies = ["EUR"]\nvalue = "adyen"',
        FlagRule(value="adyen", currencies=frozenset({"EUR"})),
    ),
    "share": ("shares = { adyen = 30 }", FlagRule(value="adyen", percent=30)),
}
NOTHING: Final = Money.of(0, "USD")
DOLLARS: Final = Money.of(2023, "USD")
IN_DOLLARS: Final = Totals(
    subtotal=DOLLARS,
    discount=NOTHING,
    delivery=NOTHING,
    tax=NOTHING,
    delivery_tax=NOTHING,
    total=DOLLARS,
    taxes=(),
)
ByRule = Callable[[str], PaymentChoice]


def in_file(rule: str) -> FeatureFlags:
    text = f'[payment_provider]\nvalue = "stripe"\n[[payment_provider.rules]]\n{RULES[rule][0]}\n'
    return OpenFeatureFlags({}, from_toml(text))


def in_memory(rule: str) -> FeatureFlags:
    flags = InMemoryFlags()
    flags.turn(Flag.PAYMENT_PROVIDER, "stripe", RULES[rule][1])
    return flags


@pytest.fixture(params=[in_file, in_memory], ids=["file", "fake"])
def by_rule(request: pytest.FixtureRequest) -> ByRule:
    return lambda rule: FlaggedPaymentChoice(request.param(rule), "stripe", BOTH)


def of(customer_id: CustomerId | None, checkout: int = 1) -> Order:
    payer = Payer(customer_id=customer_id) if customer_id is not None else None
    return an_order(checkout_id=CheckoutId(f"chk_{checkout}"), payer=payer)


def test_a_named_customer_begins_elsewhere_and_nobody_else(by_rule: ByRule) -> None:
    choose = by_rule("customers")
    assert (choose(of(ADA)), choose(of(EVA)), choose(of(None))) == ("adyen", "stripe", "stripe")


def test_an_orders_currency_decides(by_rule: ByRule) -> None:
    choose, order = by_rule("currencies"), of(None)
    assert (choose(order), choose(replace(order, totals=IN_DOLLARS))) == ("adyen", "stripe")


def test_a_share_of_the_customers_stays_with_its_provider_at_every_checkout(by_rule: ByRule) -> None:
    choose = by_rule("share")
    chosen = [{choose(of(CustomerId(f"cus_{n}"), 20 * n + m)) for m in range(5)} for n in range(400)]
    assert all(len(each) == 1 for each in chosen)
    assert abs(sum(each == {"adyen"} for each in chosen) - 120) <= 40


def test_a_share_of_the_guests_is_drawn_by_their_checkout(by_rule: ByRule) -> None:
    choose = by_rule("share")
    chosen = [choose(of(None, n)) for n in range(400)]
    assert chosen == [choose(of(None, n)) for n in range(400)]
    assert abs(chosen.count("adyen") - 120) <= 40


class FlaggedShop(Shop):
    """One customer is to begin elsewhere."""

    def payment_choice(self) -> PaymentChoice:
        self.payment_flags = InMemoryFlags()
        return FlaggedPaymentChoice(
            self.payment_flags, self.provider.provider, (self.provider.provider, "adyen")
        )

    def send_elsewhere(self, customer: Customer) -> None:
        self.payment_flags.turn(
            Flag.PAYMENT_PROVIDER, "stripe", FlagRule(value="adyen", customers=frozenset({customer.id}))
        )

    async def begins_at(self, customer: Customer | None) -> str:
        content = replace(draft(), customer_id=customer.id if customer is not None else None)
        checkout = (await self.open(EUR, content)).checkout
        facts = await self.place_order(
            Placement(checkout_id=checkout.id, version=checkout.version, accepted_total_minor=TOTAL_MINOR)
        )
        (payment,) = facts.payments
        return payment.provider


async def test_the_customer_whom_a_checkout_names_decides_when_its_order_is_placed() -> None:
    shop = await FlaggedShop().stocked()
    ada = await shop.register_customer(NewCustomer(email="ada@example.com"))
    eva = await shop.register_customer(NewCustomer(email="eva@example.com"))
    shop.send_elsewhere(ada)
    usual = shop.provider.provider
    assert [await shop.begins_at(who) for who in (ada, eva, None)] == ["adyen", usual, usual]
