"""Checkouts: the draft comes back as it was written, over the version before its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.address_check import AddressCheck, AddressFinding, AddressVerdict
from domain.catalog import DiscountCode, Parcel
from domain.checkout import Checkout, CheckoutState, Origin
from domain.delivery import DeliveryOffers, HeldQuotes
from domain.identifiers import CheckoutId, OrderId
from domain.money import Currency
from domain.pricing import price
from ports.errors import ConcurrentChange
from tests.builders import NOW, a_cart_line, a_checkout, a_delivery, an_address, eur
from tests.contracts.storage.conftest import Storage

A_BOX = Parcel(weight_grams=1, length_mm=300, width_mm=200, height_mm=0)


async def keep(storage: Storage, checkout: Checkout) -> Checkout | None:
    async with storage.unit_of_work() as uow:
        await uow.checkouts.add(checkout)
        await uow.commit()
    return await load(storage, checkout.id)


async def save(storage: Storage, checkout: Checkout) -> None:
    async with storage.unit_of_work() as uow:
        await uow.checkouts.save(checkout)
        await uow.commit()


async def load(storage: Storage, checkout_id: CheckoutId) -> Checkout | None:
    async with storage.unit_of_work() as uow:
        return await uow.checkouts.get(checkout_id)


async def test_a_checkout_comes_back_as_it_was_added(storage: Storage) -> None:
    checkout = a_checkout()
    assert await keep(storage, checkout) == checkout


async def test_a_checkout_with_everything_in_it_comes_back(storage: Storage) -> None:
    lines = (
        a_cart_line(free=None, priced_by_merchant=True),
        a_cart_line(free=0, title="Œuf – ☕", quantity=3, parcel=A_BOX),
    )
    discount = DiscountCode(code="Welcome", title="5 off", amount=eur(500), valid_from=NOW, valid_until=NOW)
    checkout = a_checkout(
        lines=lines,
        billing_address=an_address(country="US", region="CA", line2="Apt 2", phone="+1 555"),
        delivery=a_delivery(quoted_until=NOW + timedelta(microseconds=1), estimated=True),
        discount=discount,
        origin=Origin(locale="de", channel="web", source="x", return_url="https://a.example", cancel_url="b"),
        state=CheckoutState.PLACED,
        order_id=OrderId("ord_1"),
    )
    assert await keep(storage, checkout) == checkout


@pytest.mark.parametrize("verdict", AddressVerdict)
async def test_what_is_known_of_the_address_comes_back(storage: Storage, verdict: AddressVerdict) -> None:
    suggestion = an_address(line2="Hof") if verdict is AddressVerdict.CORRECTED else None
    finding = AddressFinding(verdict=verdict, suggestion=suggestion)
    checkout = a_checkout(address_check=AddressCheck(finding=finding, checked_at=NOW))
    assert await keep(storage, checkout) == checkout


async def test_an_empty_checkout_comes_back(storage: Storage) -> None:
    yen = Currency.of("JPY")
    checkout = replace(
        a_checkout(),
        currency=yen,
        lines=(),
        pricing=price((), (), None, None, yen),
        email=None,
        name=None,
        shipping_address=None,
        delivery=None,
        discount=DiscountCode(code="TEN", title="10 %", percent_basis_points=1000),
    )
    assert await keep(storage, checkout) == checkout


async def test_an_unknown_checkout_is_none(storage: Storage) -> None:
    assert await load(storage, CheckoutId("chk_nobody")) is None


async def test_a_change_is_written_over_the_version_before_it(storage: Storage) -> None:
    checkout = a_checkout()
    await keep(storage, checkout)
    changed = replace(
        checkout,
        version=2,
        email=None,
        shipping_address=an_address(city="Bonn"),
        expires_at=NOW,
        order_id=OrderId("o"),
    )
    async with storage.unit_of_work() as uow:
        await uow.checkouts.save(changed)
        assert await uow.checkouts.get(checkout.id) == changed
        await uow.commit()
    assert await load(storage, checkout.id) == changed


@pytest.mark.parametrize("version", [1, 3])
async def test_a_change_of_any_other_version_is_refused(storage: Storage, version: int) -> None:
    checkout = a_checkout()
    await keep(storage, checkout)
    with pytest.raises(ConcurrentChange):
        await save(storage, replace(checkout, version=version, email="other@example.com"))
    assert await load(storage, checkout.id) == checkout


async def test_a_checkout_that_was_never_added_cannot_be_saved(storage: Storage) -> None:
    with pytest.raises(ConcurrentChange):
        await save(storage, a_checkout(version=2))


async def test_the_same_checkout_is_added_once(storage: Storage) -> None:
    checkout = a_checkout()
    await keep(storage, checkout)
    with pytest.raises(ConcurrentChange):
        await keep(storage, checkout)


async def test_a_forgotten_commit_leaves_the_checkout_as_it_was(storage: Storage) -> None:
    checkout = a_checkout()
    await keep(storage, checkout)
    async with storage.unit_of_work() as uow:
        await uow.checkouts.save(replace(checkout, version=2, name="Somebody"))
    assert await load(storage, checkout.id) == checkout


async def test_an_error_inside_undoes_everything(storage: Storage) -> None:
    checkout = a_checkout()

    async def fail() -> None:
        async with storage.unit_of_work() as uow:
            await uow.checkouts.add(checkout)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await load(storage, checkout.id) is None


async def keep_quotes(storage: Storage, checkout_id: CheckoutId, quotes: HeldQuotes) -> HeldQuotes | None:
    async with storage.unit_of_work() as uow:
        await uow.checkouts.keep_quotes(checkout_id, quotes)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        return await uow.checkouts.quotes(checkout_id)


async def test_what_delivery_was_promised_to_cost_comes_back_and_is_written_over(storage: Storage) -> None:
    checkout = a_checkout()
    await keep(storage, checkout)
    until = NOW + timedelta(microseconds=1)
    silent = ("UPS", "FedEx")
    option = a_delivery(quoted_until=until, estimated=True, silent=silent)
    offers = DeliveryOffers(options=(option,), silent=silent)
    quotes = HeldQuotes(shipment="abc", offers=offers, earlier=(a_delivery(id="gone", quoted_until=NOW),))
    assert await keep_quotes(storage, checkout.id, quotes) == quotes
    nothing = HeldQuotes(shipment="def", offers=DeliveryOffers())
    assert await keep_quotes(storage, checkout.id, nothing) == nothing
    assert await load(storage, checkout.id) == checkout


async def test_nobody_was_promised_anything_before_they_asked(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        assert await uow.checkouts.quotes(CheckoutId("chk_nobody")) is None


async def test_a_promise_without_a_commit_is_none(storage: Storage) -> None:
    checkout = a_checkout()
    async with storage.unit_of_work() as uow:
        await uow.checkouts.keep_quotes(checkout.id, HeldQuotes(shipment="a", offers=DeliveryOffers()))
    async with storage.unit_of_work() as uow:
        assert await uow.checkouts.quotes(checkout.id) is None
