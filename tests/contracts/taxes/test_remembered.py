"""A tax service with a memory: asked once a day for the same, never believed blindly, missed only where
nothing was ever known.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.flagged.taxes import FlaggedTaxes
from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.flags import InMemoryFlags
from adapters.in_memory.tax_rates import InMemoryKnownTaxRates
from adapters.taxes.documents import key_of
from adapters.taxes.remembered import RememberedTaxes
from domain.address import Address
from domain.identifiers import LineId
from domain.money import Money
from domain.tax import (
    TaxableLine,
    TaxAnswer,
    TaxExemption,
    TaxQuestion,
    TaxRate,
    TaxRates,
    taxed_at,
    untaxed,
)
from domain.values import replace
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.flags import Flag
from tests.builders import an_address, eur, new_id

GERMANY = an_address()
VAT = TaxRate(name="VAT", rate_ppm=190_000)


class Service:
    """A tax service that counts, takes its time, and says what it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Exception | None = None
        self.distort: Callable[[TaxAnswer], TaxAnswer] | None = None
        self.rate = VAT
        self.turn = asyncio.Event()
        self.turn.set()

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        self.asked += 1
        await self.turn.wait()
        if self.failure is not None:
            raise self.failure
        if question.exemption is not None:
            return replace(untaxed(question), service="svc")
        rates = TaxRates(lines=tuple((self.rate,) for _ in question.lines), delivery=(self.rate,))
        answer = replace(taxed_at(question, rates), service="svc", rates=rates)
        return self.distort(answer) if self.distort else answer


class Memory(RememberedTaxes):
    """With everything that it stands on in reach."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.cache = InMemoryCache(self.clock)
        self.known = InMemoryKnownTaxRates()
        self.service = Service()
        super().__init__(self.service, "svc", cache=self.cache, known=self.known, clock=self.clock)

    def forget_answers(self) -> None:
        """As if Redis had lost everything."""
        self._cache = InMemoryCache(self.clock)


@pytest.fixture
def taxes() -> Memory:
    return Memory()


def line(amount: int = 1200, tax_code: str = "general", **changes: Any) -> TaxableLine:
    facts = TaxableLine(line_id=LineId(new_id("line")), tax_code=tax_code, amount=eur(amount))
    return replace(facts, **changes)


def question(*lines: TaxableLine, delivery: int = 500, **changes: Any) -> TaxQuestion:
    asked = TaxQuestion(destination=GERMANY, lines=lines or (line(),), delivery=eur(delivery))
    return replace(asked, **changes)


async def test_the_same_question_is_asked_once_a_day(taxes: Memory) -> None:
    first = await taxes.calculate(question())
    again = await taxes.calculate(question())
    assert taxes.service.asked == 1
    assert (first.lines, first.delivery, first.parts) == (again.lines, again.delivery, again.parts)
    assert (again.service, again.estimated) == ("svc", False)
    taxes.clock.advance(timedelta(days=1))
    await taxes.calculate(question())
    assert taxes.service.asked == 2


DIFFERENT: dict[str, TaxQuestion] = {
    "a cent": question(line(1201)),
    "another code": question(line(tax_code="food")),
    "the pieces": question(line(quantity=2)),
    "the discount": question(line(discount=eur(1))),
    "a line more": question(line(), line()),
    "the delivery": question(delivery=501),
    "the street": question(destination=an_address(line1="Unter den Linden 2")),
    "the postcode": question(destination=an_address(postcode="10118")),
    "the town": question(destination=an_address(city="Bonn")),
    "the country": question(destination=an_address(country="AT")),
    "the origin": question(origin=Address(country="DE")),
    "the exemption": question(exemption=TaxExemption.OTHER),
    "the currency": replace(
        question(
            line(
                amount=0,
            )
        ),
        lines=(replace(line(), amount=Money.of(1200, "USD")),),
        delivery=Money.of(500, "USD"),
    ),
}


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT)
async def test_everything_that_a_tax_depends_on_is_another_question(
    taxes: Memory, other: TaxQuestion
) -> None:
    await taxes.calculate(question())
    await taxes.calculate(other)
    assert taxes.service.asked == 2


async def test_who_lives_there_and_how_it_is_spelled_is_the_same_question(taxes: Memory) -> None:
    await taxes.calculate(question())
    spelled = an_address(name="Somebody else", phone="1", city=" BERLIN ", line1="unter den  linden 1")
    await taxes.calculate(question(destination=spelled))
    assert taxes.service.asked == 1


def test_services_do_not_share_answers() -> None:
    today = ManualClock().now().date()
    assert key_of("one", question(), today) != key_of("other", question(), today)


async def test_who_asks_at_once_waits_for_one_answer(taxes: Memory) -> None:
    taxes.service.turn.clear()
    asking = [asyncio.create_task(taxes.calculate(question())) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    taxes.service.turn.set()
    answers = await asyncio.gather(*asking)
    assert taxes.service.asked == 1
    assert len({answer.total().minor for answer in answers}) == 1


async def test_who_gives_up_takes_nobody_along(taxes: Memory) -> None:
    taxes.service.turn.clear()
    impatient = asyncio.create_task(taxes.calculate(question()))
    patient = asyncio.create_task(taxes.calculate(question()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    impatient.cancel()
    taxes.service.turn.set()
    assert (await patient).total() == eur(323)
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert taxes.service.asked == 1


async def test_a_failure_is_everybodys_and_is_not_kept(taxes: Memory) -> None:
    taxes.service.failure = Unavailable("away")
    taxes.service.turn.clear()
    asking = [asyncio.create_task(taxes.calculate(question())) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    taxes.service.turn.set()
    ends = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(end) for end in ends] == [Unavailable] * 3
    assert taxes.service.asked == 1
    taxes.service.failure = None
    assert (await taxes.calculate(question())).total() == eur(323)


@pytest.mark.parametrize("failure", [Unavailable("away"), OutcomeUnknown("lost")])
async def test_known_rates_stand_in_while_it_is_away(taxes: Memory, failure: PortError) -> None:
    await taxes.calculate(question(line(1)))
    taxes.service.failure = failure
    asked = question(line(1000), line(50))
    estimate = await taxes.calculate(asked)
    assert (estimate.estimated, estimate.service) == (True, "svc")
    assert [tax.minor for tax in estimate.lines] == [190, 10]
    assert estimate.delivery == eur(95)
    assert estimate.checked_against(asked) is estimate


async def test_an_estimate_is_not_kept_as_an_answer(taxes: Memory) -> None:
    await taxes.calculate(question(line(1)))
    taxes.service.failure = Unavailable("away")
    assert (await taxes.calculate(question())).estimated
    taxes.service.failure = None
    assert not (await taxes.calculate(question())).estimated


async def test_known_rates_outlive_the_cache(taxes: Memory) -> None:
    exact = await taxes.calculate(question())
    taxes.forget_answers()
    taxes.service.failure = Unavailable("away")
    estimate = await taxes.calculate(question())
    assert estimate.estimated
    assert estimate.total() == exact.total()


UNKNOWN: dict[str, TaxQuestion] = {
    "another code": question(line(2), line(tax_code="food")),
    "another country": question(destination=an_address(country="AT")),
}


@pytest.mark.parametrize("asked", UNKNOWN.values(), ids=UNKNOWN)
async def test_what_was_never_told_is_not_guessed(taxes: Memory, asked: TaxQuestion) -> None:
    await taxes.calculate(question())
    taxes.service.failure = Unavailable("breaker_open")
    with pytest.raises(Unavailable) as away:
        await taxes.calculate(asked)
    assert away.value.reason == "breaker_open"


async def test_a_free_delivery_tells_nothing_about_deliveries(taxes: Memory) -> None:
    await taxes.calculate(question(delivery=0))
    taxes.service.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await taxes.calculate(question())
    assert (await taxes.calculate(question(line(1), delivery=0))).estimated


async def test_what_is_free_needs_no_rate(taxes: Memory) -> None:
    await taxes.calculate(question())
    taxes.service.failure = Unavailable("away")
    estimate = await taxes.calculate(question(line(), line(0, "a code never heard of")))
    assert [tax.minor for tax in estimate.lines] == [228, 0]


async def test_rates_of_long_ago_are_no_estimate(taxes: Memory) -> None:
    await taxes.calculate(question())
    taxes.service.failure = Unavailable("away")
    taxes.clock.advance(timedelta(days=89))
    assert (await taxes.calculate(question())).estimated
    taxes.clock.advance(timedelta(days=2))
    with pytest.raises(Unavailable):
        await taxes.calculate(question())


async def test_the_latest_rate_counts(taxes: Memory) -> None:
    await taxes.calculate(question())
    taxes.clock.advance(timedelta(days=1))
    taxes.service.rate = TaxRate(name="VAT", rate_ppm=200_000)
    await taxes.calculate(question())
    taxes.service.failure = Unavailable("away")
    taxes.clock.advance(timedelta(days=1))
    assert (await taxes.calculate(question())).total() == eur(340)


async def test_who_is_exempt_stays_so_and_teaches_nothing(taxes: Memory) -> None:
    exempt = question(exemption=TaxExemption.WHOLESALE)
    await taxes.calculate(exempt)
    taxes.service.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await taxes.calculate(question())
    estimate = await taxes.calculate(replace(exempt, lines=(line(77),)))
    assert (estimate.total(), estimate.estimated) == (eur(0), True)


def _negative(answer: TaxAnswer) -> TaxAnswer:
    return replace(answer, lines=(eur(-1),))


def _missing(answer: TaxAnswer) -> TaxAnswer:
    return replace(answer, lines=())


def _dollars(answer: TaxAnswer) -> TaxAnswer:
    return replace(answer, lines=(Money.of(228, "USD"),))


def _absurd(answer: TaxAnswer) -> TaxAnswer:
    return replace(answer, lines=(eur(1100),))


def _lopsided(answer: TaxAnswer) -> TaxAnswer:
    return replace(answer, delivery=answer.delivery + eur(1))


@pytest.mark.parametrize("distort", [_negative, _missing, _dollars, _absurd, _lopsided])
async def test_what_cannot_be_charged_counts_as_no_answer(
    taxes: Memory, distort: Callable[[TaxAnswer], TaxAnswer]
) -> None:
    taxes.service.distort = distort
    with pytest.raises(Unavailable) as away:
        await taxes.calculate(question())
    assert away.value.reason == "answer_invalid"
    taxes.service.distort = None
    await taxes.calculate(question(line(1)))
    taxes.service.distort = distort
    estimate = await taxes.calculate(question())
    assert (estimate.total(), estimate.estimated) == (eur(323), True)
    taxes.service.distort = None
    assert not (await taxes.calculate(question())).estimated


async def test_a_refusal_passes_and_is_asked_again(taxes: Memory) -> None:
    taxes.service.failure = Rejected("taxjar_400")
    for _ in range(2):
        with pytest.raises(Rejected):
            await taxes.calculate(question())
    assert taxes.service.asked == 2


@pytest.mark.parametrize(
    "document", [b"", b"null", b"[]", b'[[1], 2, [["VAT", 1, 4]], null]', b"[[228], 95, [], null]", b"\xff"]
)
async def test_what_a_cache_made_of_it_is_not_believed_either(taxes: Memory, document: bytes) -> None:
    key = key_of("svc", question(), taxes.clock.now().date())
    await taxes.cache.put(key, document, 60)
    assert (await taxes.calculate(question())).total() == eur(323)
    assert taxes.service.asked == 1


class Forgetful(InMemoryKnownTaxRates):
    """As a database that is away."""

    async def remember(self, *_: object) -> None:
        raise Unavailable("database")


async def test_an_answer_that_cannot_be_remembered_is_an_answer_all_the_same(taxes: Memory) -> None:
    taxes._known = Forgetful()
    assert (await taxes.calculate(question())).total() == eur(323)


async def test_a_service_is_asked_where_it_serves_and_while_it_is_switched_on() -> None:
    service, elsewhere = Service(), Service()
    flags = InMemoryFlags()
    taxes = FlaggedTaxes(flags, service, elsewhere, lambda asked: asked.destination.country == "DE")
    await taxes.calculate(question())
    await taxes.calculate(question(destination=an_address(country="JP")))
    flags.turn(Flag.TAX_SERVICE, "off")
    await taxes.calculate(question())
    assert (service.asked, elsewhere.asked) == (1, 2)
