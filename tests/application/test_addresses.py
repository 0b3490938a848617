"""Addresses are asked for once, when they are set; whoever can't be asked stops nobody."""

from dataclasses import replace

import pytest

from application.cart_draft import CartPatch
from application.change_checkout import CheckoutChange
from application.place_order import Placement
from domain.address import Address
from domain.address_check import AddressVerdict
from domain.checkout import Checkout
from domain.errors import UnknownDiscountCode
from domain.events import EventKind
from domain.identifiers import CheckoutId
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.flags import Flag
from tests.application.shop import EUR, Shop, draft

MARIENPLATZ = Address(country="DE", line1="Marienplatz 8", city="München", postcode="80331")
MISSPELLED = replace(MARIENPLATZ, line1="Marienplaz 8")


@pytest.fixture
async def checking(shop: Shop) -> Shop:
    shop.flags.turn(Flag.PLACES, "on")
    return shop


async def opened(shop: Shop, address: Address | None = MISSPELLED) -> Checkout:
    return (await shop.open(EUR, replace(draft(), shipping_address=address))).checkout


async def changed(shop: Shop, checkout_id: CheckoutId, **changes: Address | str | None) -> Checkout:
    patch = CartPatch(**changes)  # type: ignore[arg-type]  # fields of every kind
    return await shop.change(CheckoutChange(checkout_id=checkout_id, content=patch))


async def placed(shop: Shop, checkout: Checkout) -> list[tuple[EventKind, str | None]]:
    facts = await shop.place_order(
        Placement(
            checkout_id=checkout.id,
            version=checkout.version,
            accepted_total_minor=checkout.pricing.totals.total.minor,
        )
    )
    return [(event.kind, event.detail) for event in await shop.queries.timeline(facts.order.id)]


def verdict(checkout: Checkout) -> AddressVerdict | None:
    return checkout.address_check.finding.verdict if checkout.address_check else None


async def test_an_address_is_checked_when_a_checkout_is_opened_with_it(checking: Shop) -> None:
    checkout = await opened(checking)
    assert checkout.address_check is not None
    assert checkout.address_check.finding.suggestion == MARIENPLATZ
    assert checkout.address_check.checked_at == checking.clock.now()


async def test_an_address_is_checked_when_it_is_set_and_again_when_it_changes(checking: Shop) -> None:
    checkout = await opened(checking, None)
    assert (verdict(checkout), checking.places.asked) == (None, 0)
    checkout = await changed(checking, checkout.id, shipping_address=MISSPELLED)
    assert (verdict(checkout), checking.places.asked) == (AddressVerdict.CORRECTED, 1)
    nowhere = replace(MARIENPLATZ, line1="Nowhere 1", city="x", postcode="1")
    checkout = await changed(checking, checkout.id, shipping_address=nowhere)
    assert (verdict(checkout), checking.places.asked) == (AddressVerdict.UNVERIFIABLE, 2)
    checkout = await changed(checking, checkout.id, shipping_address=None)
    assert (verdict(checkout), checking.places.asked) == (None, 2)


async def test_the_same_place_is_asked_for_once(checking: Shop) -> None:
    checkout = await opened(checking)
    await changed(checking, checkout.id, email="other@example.com")
    await changed(checking, checkout.id, shipping_address=MISSPELLED)
    checkout = await changed(checking, checkout.id, shipping_address=replace(MISSPELLED, name="Ada"))
    assert (verdict(checkout), checking.places.asked) == (AddressVerdict.CORRECTED, 1)


async def test_a_suggestion_is_taken_by_sending_it(checking: Shop) -> None:
    checkout = await opened(checking)
    assert [m.code for m in checkout.messages(checking.rules)] == ["address_corrected"]
    checkout = await changed(checking, checkout.id, shipping_address=MARIENPLATZ)
    assert checkout.messages(checking.rules) == ()
    assert checking.places.asked == 1
    assert (EventKind.ADDRESS_CHECKED, "corrected") in await placed(checking, checkout)


async def test_placing_asks_nobody_and_the_timeline_tells(checking: Shop) -> None:
    checkout = await opened(checking)
    checking.faults.planned.append(("check", "before", Unavailable("breaker_open")))
    assert (EventKind.ADDRESS_CHECKED, "correction_not_taken") in await placed(checking, checkout)
    assert checking.places.asked == 1


@pytest.mark.parametrize(
    "error", [Unavailable("breaker_open"), OutcomeUnknown("timeout"), Rejected("google_400")], ids=repr
)
async def test_nobody_to_ask_stops_nobody(checking: Shop, error: PortError) -> None:
    checking.faults.planned.append(("check", "before", error))
    checkout = await opened(checking)
    assert checkout.shipping_address == MISSPELLED
    assert [m.code for m in checkout.messages(checking.rules)] == ["address_unverified"]
    assert (EventKind.ADDRESS_CHECKED, "unverified") in await placed(checking, checkout)


@pytest.mark.parametrize("missing", ["line1", "city", "postcode"])
async def test_an_address_that_names_no_place_yet_is_not_asked_for(checking: Shop, missing: str) -> None:
    incomplete = replace(MARIENPLATZ, **{missing: ""})
    checkout = await opened(checking, incomplete)
    assert (verdict(checkout), checking.places.asked) == (None, 0)
    check = await checking.check_address(incomplete)
    assert check is not None
    assert (check.finding.verdict, checking.places.asked) == (AddressVerdict.UNVERIFIABLE, 0)


async def test_where_it_is_switched_off_nobody_is_asked_and_nothing_is_said(shop: Shop) -> None:
    checkout = await opened(shop)
    assert (verdict(checkout), shop.places.asked) == (None, 0)
    assert await shop.check_address(MISSPELLED) is None
    assert EventKind.ADDRESS_CHECKED not in [kind for kind, _ in await placed(shop, checkout)]


async def test_it_can_be_switched_on_and_off_while_the_shop_is_open(shop: Shop) -> None:
    checkout = await opened(shop)
    shop.flags.turn(Flag.PLACES, "on")
    checkout = await changed(shop, checkout.id, email="other@example.com")
    assert verdict(checkout) is AddressVerdict.CORRECTED
    shop.flags.turn(Flag.PLACES, "off")
    checkout = await changed(shop, checkout.id, shipping_address=MARIENPLATZ)
    assert verdict(checkout) is AddressVerdict.CORRECTED, "what was known still holds"
    checkout = await changed(shop, checkout.id, shipping_address=replace(MARIENPLATZ, line1="Elsewhere 1"))
    assert (verdict(checkout), shop.places.asked) == (None, 1)


async def test_who_buys_in_a_single_call_waits_for_nobody(checking: Shop) -> None:
    facts = await checking.bought()
    assert checking.places.asked == 0
    assert facts.order.shipping_address == draft().shipping_address


async def test_a_refused_change_asks_nobody(checking: Shop) -> None:
    checkout = await opened(checking, None)
    with pytest.raises(UnknownDiscountCode):
        await changed(checking, checkout.id, shipping_address=MISSPELLED, discount_code="NONE")
    assert checking.places.asked == 0
