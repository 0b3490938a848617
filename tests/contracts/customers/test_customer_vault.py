"""What every vault promises of customers: known once, found again by our id, forgotten for good."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from adapters.system_clock import SystemClock
from domain.identifiers import AttemptId, CustomerId
from domain.period import Period
from ports.customers import Registration
from ports.errors import OutcomeUnknown, Rejected
from tests.contracts.customers.conftest import Provider

EVER: Final = Period(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
# stripe's HTTPXClient posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
_clock = SystemClock()


def key() -> AttemptId:
    return AttemptId(_clock.new_id("att"))


def somebody(email: str | None = "ada@example.com") -> Registration:
    return Registration(
        customer_id=CustomerId(_clock.new_id("cus")), email=email, name="Ada", user_id="user-7"
    )


async def test_registering_twice_under_one_key_makes_one_customer(provider: Provider) -> None:
    ada, once = somebody(), key()
    first = await provider.vault.register(ada, once)
    assert await provider.vault.register(ada, once) == first
    assert await provider.vault.register(somebody("eva@example.com"), key()) != first


async def test_another_customer_under_a_used_key_is_a_doubt(provider: Provider) -> None:
    once = key()
    await provider.vault.register(somebody(), once)
    with pytest.raises(OutcomeUnknown):
        await provider.vault.register(somebody("eva@example.com"), once)


@pytest.mark.parametrize("email", ["ada@example.com", None])
async def test_a_customer_is_found_by_our_id_alone(provider: Provider, email: str | None) -> None:
    ada = somebody(email)
    assert await provider.vault.find(ada, EVER) is None
    reference = await provider.vault.register(ada, key())
    for _ in range(2):
        await provider.vault.register(somebody(email), key())
    assert await provider.vault.find(ada, EVER) == reference
    long_ago = Period(since=EVER.since, until=EVER.since + timedelta(days=1))
    assert await provider.vault.find(ada, long_ago) is None


async def test_a_registration_whose_answer_was_lost_is_found(provider: Provider) -> None:
    ada = somebody()
    provider.lose_answer()
    with pytest.raises(OutcomeUnknown):
        await provider.vault.register(ada, key())
    assert await provider.vault.find(ada, EVER) is not None


async def test_somebody_new_has_saved_nothing(provider: Provider) -> None:
    reference = await provider.vault.register(somebody(), key())
    assert list(await provider.vault.methods(reference)) == []


async def test_what_was_saved_is_listed_newest_first_with_what_may_be_shown(provider: Provider) -> None:
    reference = await provider.vault.register(somebody(), key())
    await provider.save(reference)
    (first,) = await provider.vault.methods(reference)
    await provider.save(reference)
    newest, oldest = await provider.vault.methods(reference)
    assert (oldest.token, newest.token != first.token) == (first.token, True)
    assert (first.kind, first.brand, first.ending, first.expires) == ("card", "visa", "4242", (2034, 12))


async def test_a_method_is_detached_and_the_others_stay(provider: Provider) -> None:
    reference = await provider.vault.register(somebody(), key())
    for _ in range(2):
        await provider.save(reference)
    kept, gone = await provider.vault.methods(reference)
    await provider.vault.detach(reference, gone.token, key())
    await provider.vault.detach(reference, gone.token, key())
    assert list(await provider.vault.methods(reference)) == [kept]


async def test_nobody_detaches_what_is_another_customers(provider: Provider) -> None:
    mine = await provider.vault.register(somebody(), key())
    theirs = await provider.vault.register(somebody("eva@example.com"), key())
    await provider.save(theirs)
    (method,) = await provider.vault.methods(theirs)
    await provider.vault.detach(mine, method.token, key())
    assert list(await provider.vault.methods(theirs)) == [method]


async def test_whoever_is_removed_is_not_found_any_more(provider: Provider) -> None:
    ada = somebody()
    reference = await provider.vault.register(ada, key())
    await provider.save(reference)
    await provider.vault.remove(reference)
    await provider.vault.remove(reference)
    assert await provider.vault.find(ada, EVER) is None
    with pytest.raises(Rejected):
        await provider.vault.methods(reference)


async def test_what_somebody_is_called_stays_out_of_texts(provider: Provider) -> None:
    assert "ada" not in repr(somebody()).lower()
