"""Idempotency keys and API keys."""

import asyncio
from datetime import timedelta

import pytest

from ports.api_keys import ApiKey, KeptApiKey, Role
from ports.idempotency import DEAD_AFTER, Claim, StoredAnswer
from tests.builders import NOW
from tests.contracts.storage.conftest import Storage

ANSWER = StoredAnswer(status=201, content_type="application/json", body=b'{"id": "chk_1"}')
NEW = Claim(is_new=True, fingerprint=b"same", answer=None)


async def test_the_first_claim_is_new_and_its_repeat_is_in_flight(storage: Storage) -> None:
    assert await storage.idempotency.claim("scope", "key", b"same", NOW) == NEW
    repeat = await storage.idempotency.claim("scope", "key", b"other", NOW)
    assert repeat == Claim(is_new=False, fingerprint=b"same", answer=None)


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        StoredAnswer(status=200, content_type="text/plain", body=b""),
        StoredAnswer(status=200, content_type="a/b", body=bytes(range(256))),
        StoredAnswer(
            status=404, content_type="a/b", body=b"long " * 500, headers=(("Location", "/v1/x"), ("A", "ä"))
        ),
    ],
    ids=["short", "empty", "binary", "long"],
)
async def test_the_answer_that_was_kept_is_every_repeats(storage: Storage, answer: StoredAnswer) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.keep("scope", "key", NOW, answer)
    repeat = await storage.idempotency.claim("scope", "key", b"same", NOW + timedelta(hours=23))
    assert repeat == Claim(is_new=False, fingerprint=b"same", answer=answer)


async def test_the_first_answer_stays(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.keep("scope", "key", NOW, ANSWER)
    await storage.idempotency.keep("scope", "key", NOW, StoredAnswer(status=500, content_type="x", body=b""))
    await storage.idempotency.give_up("scope", "key", NOW)
    assert (await storage.idempotency.claim("scope", "key", b"same", NOW)).answer == ANSWER


async def test_keys_of_different_scopes_have_nothing_to_do_with_each_other(storage: Storage) -> None:
    for scope, key in (("a", "bc"), ("ab", "c"), ("b", "bc"), ("1:a", "bc")):
        assert (await storage.idempotency.claim(scope, key, b"same", NOW)).is_new


async def test_a_key_that_was_given_up_is_new_again(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.give_up("scope", "key", NOW)
    assert await storage.idempotency.claim("scope", "key", b"same", NOW) == NEW


async def test_a_key_whose_request_died_can_be_taken_again(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    almost = NOW + DEAD_AFTER - timedelta(seconds=1)
    assert not (await storage.idempotency.claim("scope", "key", b"same", almost)).is_new
    assert await storage.idempotency.claim("scope", "key", b"same", NOW + DEAD_AFTER) == NEW
    repeat = await storage.idempotency.claim("scope", "key", b"same", NOW + DEAD_AFTER)
    assert repeat == Claim(is_new=False, fingerprint=b"same", answer=None)


async def test_a_request_that_died_may_have_had_its_effect_so_another_one_does_not_get_its_key(
    storage: Storage,
) -> None:
    await storage.idempotency.claim("scope", "key", b"dead", NOW)
    other = await storage.idempotency.claim("scope", "key", b"other", NOW + DEAD_AFTER)
    assert other == Claim(is_new=False, fingerprint=b"dead", answer=None)
    assert (await storage.idempotency.claim("scope", "key", b"dead", NOW + DEAD_AFTER)).is_new


async def test_a_key_whose_request_gives_signs_of_life_is_not_taken(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"slow", NOW)
    await storage.idempotency.renew("scope", "key", NOW, NOW + timedelta(seconds=10))
    almost = NOW + timedelta(seconds=9) + DEAD_AFTER
    assert not (await storage.idempotency.claim("scope", "key", b"slow", almost)).is_new
    assert (await storage.idempotency.claim("scope", "key", b"slow", almost + timedelta(seconds=1))).is_new


async def test_a_sign_of_life_does_not_renew_an_answer(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.keep("scope", "key", NOW, ANSWER)
    await storage.idempotency.renew("scope", "key", NOW, NOW + timedelta(hours=23))
    assert (await storage.idempotency.claim("scope", "key", b"same", NOW + timedelta(hours=24))).is_new


TAKEN_AT = NOW + DEAD_AFTER
IN_FLIGHT = Claim(is_new=False, fingerprint=b"same", answer=None)


async def taken_over(storage: Storage) -> None:
    """A request falls silent, and its repeat takes the key."""
    assert (await storage.idempotency.claim("scope", "key", b"same", NOW)).is_new
    assert (await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT)).is_new


async def test_who_was_silent_too_long_keeps_no_answer_in_place_of_who_took_the_key(storage: Storage) -> None:
    await taken_over(storage)
    await storage.idempotency.keep("scope", "key", NOW, StoredAnswer(status=409, content_type="x", body=b""))
    assert await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT) == IN_FLIGHT
    await storage.idempotency.keep("scope", "key", TAKEN_AT, ANSWER)
    assert (await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT)).answer == ANSWER


async def test_who_was_silent_too_long_does_not_give_up_the_key_of_who_took_it(storage: Storage) -> None:
    await taken_over(storage)
    await storage.idempotency.give_up("scope", "key", NOW)
    assert await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT) == IN_FLIGHT
    await storage.idempotency.give_up("scope", "key", TAKEN_AT)
    assert (await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT)).is_new


async def test_who_was_silent_too_long_gives_no_signs_of_life_for_who_took_the_key(storage: Storage) -> None:
    await taken_over(storage)
    await storage.idempotency.renew("scope", "key", NOW, TAKEN_AT + timedelta(seconds=10))
    assert (await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT + DEAD_AFTER)).is_new


async def test_an_answer_that_comes_after_two_others_had_the_key_is_not_kept(storage: Storage) -> None:
    """Also where the one between has given it up, so that the claim is a new one."""
    await taken_over(storage)
    await storage.idempotency.give_up("scope", "key", TAKEN_AT)
    assert (await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT + DEAD_AFTER)).is_new
    for late in (NOW, TAKEN_AT):
        await storage.idempotency.keep("scope", "key", late, ANSWER)
        await storage.idempotency.give_up("scope", "key", late)
    assert await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT + DEAD_AFTER) == IN_FLIGHT


async def test_a_request_that_gave_signs_of_life_keeps_its_answer(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    for seconds in (5, 10, 15):
        await storage.idempotency.renew("scope", "key", NOW, NOW + timedelta(seconds=seconds))
    await storage.idempotency.keep("scope", "key", NOW, ANSWER)
    assert (await storage.idempotency.claim("scope", "key", b"same", TAKEN_AT)).answer == ANSWER


async def test_an_earlier_requests_signs_of_life_do_not_help_who_took_its_key(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.renew("scope", "key", NOW, NOW + timedelta(seconds=10))
    taken_at = NOW + timedelta(seconds=10) + DEAD_AFTER
    assert (await storage.idempotency.claim("scope", "key", b"same", taken_at)).is_new
    almost = taken_at + DEAD_AFTER - timedelta(seconds=1)
    assert not (await storage.idempotency.claim("scope", "key", b"same", almost)).is_new
    assert (await storage.idempotency.claim("scope", "key", b"same", taken_at + DEAD_AFTER)).is_new


async def test_a_key_whose_answer_had_its_time_is_new_again(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"old", NOW)
    await storage.idempotency.keep("scope", "key", NOW, ANSWER)
    assert await storage.idempotency.claim("scope", "key", b"same", NOW + timedelta(hours=24)) == NEW


async def test_of_fifty_claims_at_once_one_is_new(storage: Storage) -> None:
    claims = [storage.idempotency.claim("scope", "key", b"same", NOW) for _ in range(50)]
    assert sum(claim.is_new for claim in await asyncio.gather(*claims)) == 1


async def test_old_claims_are_forgotten(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "old", b"same", NOW - timedelta(hours=1))
    await storage.idempotency.claim("scope", "young", b"same", NOW)
    assert await storage.idempotency.forget_before(NOW) == 1
    assert await storage.idempotency.forget_before(NOW) == 0
    assert (await storage.idempotency.claim("scope", "old", b"same", NOW)).is_new
    assert not (await storage.idempotency.claim("scope", "young", b"same", NOW)).is_new


async def test_an_api_key_is_found_by_its_hash_until_it_is_revoked(storage: Storage) -> None:
    key = ApiKey(id="key_1", role=Role.SECRET, name="Shop")
    await storage.api_keys.add(key, b"hash", NOW)
    assert await storage.api_keys.find(b"hash") == key
    assert await storage.api_keys.find(b"other") is None
    assert await storage.api_keys.revoke("key_1", NOW)
    assert not await storage.api_keys.revoke("key_1", NOW)
    assert not await storage.api_keys.revoke("key_2", NOW)
    assert await storage.api_keys.find(b"hash") is None


async def test_api_keys_are_listed_newest_first_and_stay_in_the_list_once_they_are_revoked(
    storage: Storage,
) -> None:
    old, new = (ApiKey(id=f"key_{role.value}", role=role, name="") for role in (Role.SECRET, Role.OPERATOR))
    later = NOW + timedelta(minutes=1)
    await storage.api_keys.add(old, b"old", NOW)
    await storage.api_keys.add(new, b"new", later)
    await storage.api_keys.revoke(old.id, later)
    kept = [
        KeptApiKey(key=new, created_at=later),
        KeptApiKey(key=old, created_at=NOW, revoked_at=later),
    ]
    assert await storage.api_keys.newest(9) == kept
    assert await storage.api_keys.newest(1) == kept[:1]
