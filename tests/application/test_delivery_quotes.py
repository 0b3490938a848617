"""A delivery price that was shown is kept for the stated time, through choosing and placing; afterwards a
higher one has to be accepted anew.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from application.cart_draft import CartPatch
from application.change_checkout import CheckoutChange
from application.place_order import Placement
from application.quote_delivery import QuoteDelivery
from domain.address import Address
from domain.checkout import Checkout
from domain.delivery import DeliveryOffers
from domain.errors import QuoteChanged
from domain.events import EventKind
from domain.identifiers import CheckoutId
from domain.order_facts import OrderFacts
from domain.shop import ShopRules
from ports.delivery_rates import DeliveryRates
from ports.errors import Unavailable
from ports.flags import Flag
from tests.application.carriers import HELD_FOR, asking
from tests.application.shop import EUR, Shop, draft


class CarrierShop(Shop):
    """Delivers by UPS; `asked` counts how often UPS was asked. Nobody is home while `away`."""

    rules = ShopRules(delivery_quotes_hold=HELD_FOR)

    def delivery_rates(self) -> DeliveryRates:
        self.asked = 0
        self.away = False

        def counted(operation: str, moment: str) -> None:
            self.asked += 1
            if self.away:
                raise Unavailable("http_503")

        self.ups = InMemoryDeliveryRates(fault=counted, carrier="ups")
        return asking({Flag.UPS: self.ups}, clock=self.clock)

    async def opened(self) -> CheckoutId:
        """A cart that only its delivery is not chosen for."""
        opened = await self.open(EUR, replace(draft(), delivery_option_id=None))
        return opened.checkout.id

    async def shown(self, checkout_id: CheckoutId) -> DeliveryOffers:
        quote = QuoteDelivery(self.unit_of_work, self.rates, self.clock, self.rules)
        return await quote(checkout_id, None)

    async def changed(self, checkout_id: CheckoutId, patch: CartPatch) -> Checkout:
        return await self.change(CheckoutChange(checkout_id=checkout_id, content=patch))

    async def chosen(self, checkout_id: CheckoutId, option_id: str = "ups_standard") -> Checkout:
        return await self.changed(checkout_id, CartPatch(delivery_option_id=option_id))

    async def buys(self, checkout: Checkout) -> OrderFacts:
        return await self.place_order(
            Placement(
                checkout_id=checkout.id,
                version=checkout.version,
                accepted_total_minor=checkout.pricing.totals.total.minor,
            )
        )

    async def now(self, checkout_id: CheckoutId) -> Checkout:
        async with self.unit_of_work() as uow:
            checkout = await uow.checkouts.get(checkout_id)
        assert checkout is not None
        return checkout


@pytest.fixture
async def shop() -> CarrierShop:
    shop = CarrierShop()
    await shop.stocked()
    return shop


async def test_what_was_shown_is_what_choosing_it_costs(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    (standard, _) = (await shop.shown(checkout_id)).options
    shop.ups.percent = 200
    assert (await shop.chosen(checkout_id)).delivery == standard
    assert shop.asked == 1


async def test_an_order_is_placed_at_the_promised_price_and_asks_no_carrier(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    await shop.shown(checkout_id)
    checkout = await shop.chosen(checkout_id)
    shop.ups.percent = 200
    shop.away = True
    shop.clock.advance(HELD_FOR - timedelta(seconds=1))
    order = (await shop.buys(checkout)).order
    assert (order.delivery.amount.minor, order.total) == (500, checkout.pricing.totals.total)
    assert shop.asked == 1


async def test_a_higher_price_after_that_has_to_be_accepted_anew(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    checkout = await shop.chosen(checkout_id)
    shop.ups.percent = 200
    shop.clock.advance(HELD_FOR)
    with pytest.raises(QuoteChanged):
        await shop.buys(checkout)
    dearer = await shop.now(checkout_id)
    assert dearer.delivery is not None
    assert dearer.delivery.amount.minor == 1000
    assert dearer.delivery.quoted_until == shop.clock.now() + HELD_FOR
    asked = shop.asked
    order = (await shop.buys(dearer)).order
    assert order.delivery.amount.minor == 1000
    assert shop.asked == asked


async def test_a_lower_price_is_shown_too_before_anybody_pays_it(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    checkout = await shop.chosen(checkout_id)
    shop.ups.percent = 50
    shop.clock.advance(HELD_FOR)
    with pytest.raises(QuoteChanged):
        await shop.buys(checkout)
    assert (await shop.buys(await shop.now(checkout_id))).order.delivery.amount.minor == 250


async def test_the_same_price_after_that_needs_no_further_word(shop: CarrierShop) -> None:
    checkout = await shop.chosen(await shop.opened())
    shop.clock.advance(HELD_FOR)
    await shop.buys(checkout)
    assert shop.asked == 2


async def test_another_address_or_quantity_asks_anew_and_an_e_mail_address_does_not(
    shop: CarrierShop,
) -> None:
    checkout_id = await shop.opened()
    await shop.chosen(checkout_id)
    shop.ups.percent = 200
    kept = await shop.changed(checkout_id, CartPatch(email="other@example.com"))
    assert kept.delivery is not None
    assert (kept.delivery.amount.minor, shop.asked) == (500, 1)
    moved = await shop.changed(
        checkout_id,
        CartPatch(shipping_address=Address(country="DE", line1="Weg 2", city="Bonn", postcode="53111")),
    )
    assert moved.delivery is not None
    assert (moved.delivery.amount.minor, shop.asked) == (1000, 2)
    shop.ups.percent = 300
    more = await shop.changed(checkout_id, CartPatch(lines=draft(quantity=2).lines))
    assert more.delivery is not None
    assert (more.delivery.amount.minor, shop.asked) == (1500, 3)


async def test_looking_again_asks_nobody_while_the_quotes_hold(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    first = await shop.shown(checkout_id)
    shop.ups.percent = 200
    assert await shop.shown(checkout_id) == first
    assert shop.asked == 1
    shop.clock.advance(HELD_FOR)
    again = await shop.shown(checkout_id)
    assert [option.amount.minor for option in again.options] == [1000, 2000]
    assert [option.id for option in again.options] == [option.id for option in first.options]


async def test_a_carrier_that_was_silent_is_asked_again(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    shop.away = True
    assert (await shop.shown(checkout_id)).silent == ("ups",)
    shop.away = False
    offers = await shop.shown(checkout_id)
    assert (offers.silent, [option.id for option in offers.options]) == ((), ["ups_standard", "ups_express"])


async def test_a_flat_rate_is_kept_for_whoever_was_shown_it(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    shop.away = True
    await shop.shown(checkout_id)
    shop.away = False
    await shop.shown(checkout_id)
    checkout = await shop.chosen(checkout_id, "standard")
    facts = await shop.buys(checkout)
    assert facts.order.delivery.estimated


async def test_an_order_with_a_flat_rate_in_a_carriers_place_says_so(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    shop.away = True
    await shop.buys(await shop.chosen(checkout_id, "standard"))
    (record,) = shop.storage.orders.values()
    told = [event for event in record.events if event.kind is EventKind.DELIVERY_ESTIMATED]
    assert [(event.subject_id, event.detail) for event in told] == [(record.facts.order.id, "standard")]


async def test_a_carriers_own_rate_is_no_estimate(shop: CarrierShop) -> None:
    await shop.buys(await shop.chosen(await shop.opened()))
    (record,) = shop.storage.orders.values()
    assert EventKind.DELIVERY_ESTIMATED not in {event.kind for event in record.events}


async def test_an_order_tells_which_carriers_were_silent_when_its_delivery_was_offered(
    shop: CarrierShop,
) -> None:
    checkout_id = await shop.opened()
    shop.away = True
    await shop.shown(checkout_id)
    shop.away = False
    await shop.buys(await shop.chosen(checkout_id, "standard"))
    (record,) = shop.storage.orders.values()
    told = [event for event in record.events if event.kind is EventKind.CARRIER_SILENT]
    assert [(event.subject_id, event.detail) for event in told] == [(record.facts.order.id, "ups")]


async def test_a_carrier_that_came_back_before_the_choice_is_not_told_as_silent(shop: CarrierShop) -> None:
    checkout_id = await shop.opened()
    shop.away = True
    await shop.shown(checkout_id)
    shop.away = False
    await shop.shown(checkout_id)
    await shop.buys(await shop.chosen(checkout_id))
    (record,) = shop.storage.orders.values()
    assert EventKind.CARRIER_SILENT not in {event.kind for event in record.events}
