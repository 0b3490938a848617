"""Idempotency keys and API keys."""

import asyncio
from datetime import timedelta

import pytest

from ports.api_keys import ApiKey, Role
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
    await storage.idempotency.keep("scope", "key", answer)
    repeat = await storage.idempotency.claim("scope", "key", b"same", NOW + timedelta(hours=23))
    assert repeat == Claim(is_new=False, fingerprint=b"same", answer=answer)


async def test_the_first_answer_stays(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.keep("scope", "key", ANSWER)
    await storage.idempotency.keep("scope", "key", StoredAnswer(status=500, content_type="x", body=b""))
    await storage.idempotency.give_up("scope", "key")
    assert (await storage.idempotency.claim("scope", "key", b"same", NOW)).answer == ANSWER


async def test_keys_of_different_scopes_have_nothing_to_do_with_each_other(storage: Storage) -> None:
    for scope, key in (("a", "bc"), ("ab", "c"), ("b", "bc"), ("1:a", "bc")):
        assert (await storage.idempotency.claim(scope, key, b"same", NOW)).is_new


async def test_a_key_that_was_given_up_is_new_again(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.give_up("scope", "key")
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
    await storage.idempotency.renew("scope", "key", NOW + timedelta(seconds=10))
    almost = NOW + timedelta(seconds=9) + DEAD_AFTER
    assert not (await storage.idempotency.claim("scope", "key", b"slow", almost)).is_new
    assert (await storage.idempotency.claim("scope", "key", b"slow", almost + timedelta(seconds=1))).is_new


async def test_a_sign_of_life_does_not_renew_an_answer(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"same", NOW)
    await storage.idempotency.keep("scope", "key", ANSWER)
    await storage.idempotency.renew("scope", "key", NOW + timedelta(hours=23))
    assert (await storage.idempotency.claim("scope", "key", b"same", NOW + timedelta(hours=24))).is_new


async def test_a_key_whose_answer_had_its_time_is_new_again(storage: Storage) -> None:
    await storage.idempotency.claim("scope", "key", b"old", NOW)
    await storage.idempotency.keep("scope", "key", ANSWER)
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
