"""Carriers are asked all at once, the slow one is given up; what they said is promised, and kept."""

import asyncio

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from adapters.in_memory.flags import InMemoryFlags
from domain.delivery import DeliveryOffers, DeliveryQuestion
from domain.money import Money
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.flags import Flag
from tests.application.carriers import HELD_FOR, Says, asking
from tests.builders import an_address


class Broken:
    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        raise KeyError("a defect")


def question(currency: str = "EUR") -> DeliveryQuestion:
    return DeliveryQuestion(destination=an_address(), goods=(), subtotal=Money.of(1200, currency))


def fake(flag: Flag, percent: int = 100) -> InMemoryDeliveryRates:
    rates = InMemoryDeliveryRates(carrier=flag.key)
    rates.percent = percent
    return rates


async def test_everybodys_offers_are_one_list_by_price() -> None:
    together = asking(
        {Flag.FEDEX: fake(Flag.FEDEX, 120), Flag.UPS: fake(Flag.UPS), Flag.USPS: fake(Flag.USPS, 90)}
    )
    offers = await together.offers(question())
    assert [(option.id, option.amount.minor) for option in offers.options] == [
        ("usps_standard", 450),
        ("ups_standard", 500),
        ("fedex_standard", 600),
        ("usps_express", 900),
        ("ups_express", 1000),
        ("fedex_express", 1200),
    ]
    assert offers.silent == ()
    assert not any(option.estimated for option in offers.options)


async def test_each_price_is_promised_for_the_stated_time() -> None:
    clock = ManualClock()
    offers = await asking({Flag.UPS: fake(Flag.UPS)}, clock=clock).offers(question())
    assert {option.quoted_until for option in offers.options} == {clock.now() + HELD_FOR}


async def test_all_are_asked_at_the_same_moment() -> None:
    """Each of them waits until both have been asked."""
    both = {Flag.FEDEX: Says(), Flag.UPS: Says()}
    asked = asyncio.create_task(asking(both).offers(question()))
    await asyncio.wait_for(asyncio.gather(*(carrier.began.wait() for carrier in both.values())), 1)
    await asked


async def test_the_slow_one_is_cancelled_and_named_and_the_others_count() -> None:
    slow = Says()
    offers = await asking({Flag.FEDEX: slow, Flag.UPS: fake(Flag.UPS)}).offers(question())
    assert slow.was_cancelled
    assert offers.silent == ("fedex",)
    assert {option.id for option in offers.options} == {"ups_standard", "ups_express"}


@pytest.mark.parametrize("error", [Unavailable("http_503"), OutcomeUnknown("timeout")], ids=repr)
async def test_one_that_fails_is_silent(error: PortError) -> None:
    offers = await asking({Flag.FEDEX: Says(error), Flag.UPS: fake(Flag.UPS)}).offers(question())
    assert offers.silent == ("fedex",)


async def test_one_that_refuses_the_question_has_answered() -> None:
    refuses = Says(Rejected("SERVICE.UNAVAILABLE"))
    offers = await asking({Flag.FEDEX: refuses, Flag.UPS: fake(Flag.UPS)}).offers(question())
    assert offers.silent == ()
    assert len(offers.options) == 2


async def test_when_nobody_answers_flat_rates_stand_in_and_say_so() -> None:
    clock = ManualClock()
    offers = await asking({Flag.FEDEX: Says(), Flag.UPS: Says(Unavailable("x"))}, clock=clock).offers(
        question()
    )
    assert offers.silent == ("fedex", "ups")
    assert [(option.id, option.amount.minor, option.estimated) for option in offers.options] == [
        ("standard", 500, True),
        ("express", 1200, True),
    ]
    # They are promised as well: a carrier that is back doesn't take them from whoever chose one.
    assert {option.quoted_until for option in offers.options} == {clock.now() + HELD_FOR}
    assert [message.code for message in offers.messages()] == ["carrier_silent"] * 2 + ["flat_rates_used"]


async def test_when_nobody_has_an_offer_flat_rates_stand_in() -> None:
    nowhere = InMemoryDeliveryRates(goes_to=frozenset())
    offers = await asking({Flag.UPS: nowhere}).offers(question())
    assert (offers.silent, offers.options[0].estimated) == ((), True)


async def test_when_nobody_can_say_anything_it_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await asking({Flag.UPS: Says()}).offers(question("THB"))
    answered = asking({Flag.UPS: InMemoryDeliveryRates(goes_to=frozenset())})
    assert await answered.offers(question("THB")) == DeliveryOffers()


async def test_a_carrier_whose_flag_is_off_is_not_asked_and_not_missed() -> None:
    flags, slow = InMemoryFlags(), Says()
    flags.turn(Flag.FEDEX, "off")
    offers = await asking({Flag.FEDEX: slow, Flag.UPS: fake(Flag.UPS)}, flags=flags).offers(question())
    assert not slow.began.is_set()
    assert offers.silent == ()


async def test_a_defect_in_one_adapter_is_no_silence_and_leaves_nobody_running() -> None:
    slow = Says()
    with pytest.raises(ExceptionGroup) as group:
        await asking({Flag.FEDEX: slow, Flag.UPS: Broken()}).offers(question())
    assert group.group_contains(KeyError)
    assert slow.was_cancelled or not slow.began.is_set()


async def test_whoever_stops_waiting_stops_the_carriers() -> None:
    slow = Says()
    asked = asyncio.create_task(asking({Flag.FEDEX: slow}).offers(question()))
    await slow.began.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert slow.was_cancelled
