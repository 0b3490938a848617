"""A password is kept as nothing that tells it, and each time as something else."""

import argon2
import pytest

from adapters.argon2.password_hashing import Argon2PasswordHashing
from adapters.in_memory.clock import ManualClock
from adapters.in_memory.passwords import InMemoryPasswordHashing
from ports.passwords import PasswordHashing

WORDS = "correct horse battery staple"


@pytest.fixture(params=["fake", "argon2"])
def passwords(request: pytest.FixtureRequest) -> PasswordHashing:
    return Argon2PasswordHashing() if request.param == "argon2" else InMemoryPasswordHashing(ManualClock())


async def test_a_hash_tells_nothing_and_is_salted(passwords: PasswordHashing) -> None:
    first, second = await passwords.hashed(WORDS), await passwords.hashed(WORDS)
    assert first != second
    assert not any(word in first for word in WORDS.split())


async def test_argon2_can_check_what_was_hashed() -> None:
    text = await Argon2PasswordHashing().hashed(WORDS)
    assert argon2.PasswordHasher().verify(text, WORDS)
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(text, f"{WORDS}!")


async def test_the_parameters_are_those_that_rfc_9106_recommends_for_little_memory() -> None:
    text = await Argon2PasswordHashing().hashed(WORDS)
    assert argon2.extract_parameters(text) == argon2.profiles.RFC_9106_LOW_MEMORY


async def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    text = await Argon2PasswordHashing().hashed("cafe\u0301 au lait")
    assert argon2.PasswordHasher().verify(text, "café au lait")
