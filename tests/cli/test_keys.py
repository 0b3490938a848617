"""`fastcart keys`: a key is shown once, and can be taken back by its id."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

from application.keep_api_keys import key_hash
from ports.api_keys import Role
from tests.cli.conftest import Run

PREFIXES = {"publishable": "fc_pk_", "secret": "fc_sk_", "operator": "fc_op_"}


def keys_in(database_url: str) -> list[asyncpg.Record]:
    async def read() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(database_url)
        try:
            rows: list[asyncpg.Record] = await connection.fetch("SELECT * FROM api_keys ORDER BY created_at")
            return rows
        finally:
            await connection.close()

    return asyncio.run(read())


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_key_is_printed_alone_so_that_a_script_can_take_it(
    role: str, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    said = run("keys", "create", "--role", role, "--name", "storefront", DATABASE_URL=url)
    assert said.code == 0
    (key,) = said.out.splitlines()
    assert key.startswith(PREFIXES[role])
    (row,) = keys_in(url)
    assert (row["role"], row["name"], row["revoked_at"]) == (role, "storefront", None)
    assert row["key_hash"] == key_hash(key)


def test_the_key_itself_is_kept_nowhere(new_database_url: Callable[[], str], run: Run) -> None:
    url = new_database_url()
    said = run("keys", "create", "--role", "secret", DATABASE_URL=url)
    key = said.out.strip()
    assert key not in said.err
    assert all(key not in str(dict(row)) for row in keys_in(url))


def test_two_keys_differ(new_database_url: Callable[[], str], run: Run) -> None:
    url = new_database_url()
    made = {run("keys", "create", "--role", "secret", DATABASE_URL=url).out for _ in range(2)}
    assert len(made) == len(keys_in(url)) == 2


@pytest.mark.parametrize("role", ["admin", "", "SECRET,operator"])
def test_a_role_that_there_is_not_makes_no_key(
    role: str, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    assert run("keys", "create", "--role", role, DATABASE_URL=url).code == 2
    assert keys_in(url) == []


def test_a_key_is_revoked_once_by_the_id_that_was_told(new_database_url: Callable[[], str], run: Run) -> None:
    url = new_database_url()
    made = run("keys", "create", "--role", "operator", DATABASE_URL=url)
    key_id = made.err.split()[-1]
    revoked = run("keys", "revoke", key_id, DATABASE_URL=url)
    assert (revoked.code, revoked.out.strip()) == (0, f"{key_id} is revoked.")
    assert keys_in(url)[0]["revoked_at"] is not None
    again = run("keys", "revoke", key_id, DATABASE_URL=url)
    assert again.code == 2
    assert "No valid key has this id" in again.told


def test_a_key_given_in_place_of_its_id_is_not_repeated(
    new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    key = run("keys", "create", "--role", "secret", DATABASE_URL=url).out.strip()
    said = run("keys", "revoke", key, DATABASE_URL=url)
    assert said.code == 2
    assert key not in said.told
    assert keys_in(url)[0]["revoked_at"] is None


def test_keys_are_listed_with_their_state_and_never_themselves(
    new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    assert "There is no key yet" in run("keys", "list", DATABASE_URL=url).told
    made = [
        run("keys", "create", "--role", role, "--name", name, DATABASE_URL=url)
        for role, name in (("operator", "Kim"), ("secret", ""))
    ]
    kim, shop = (said.err.split()[-1] for said in made)
    run("keys", "revoke", kim, DATABASE_URL=url)
    said = run("keys", "list", DATABASE_URL=url)
    rows = {line.split()[0]: line.split() for line in said.out.splitlines()[1:]}
    assert list(rows) == [shop, kim]
    assert rows[shop][3:] == ["no", "secret", "–"]
    assert rows[kim][-2:] == ["operator", "Kim"]
    assert "no" not in rows[kim]
    assert not any(each.out.strip() in said.told for each in made)
    assert "say --limit" in run("keys", "list", "--limit", "1", DATABASE_URL=url).told


def test_a_database_that_was_not_migrated_is_said_to_need_it(
    empty_database_url: Callable[[], str], run: Run
) -> None:
    url = empty_database_url()
    said = run("keys", "create", "--role", "secret", DATABASE_URL=url)
    assert said.code == 2
    assert "Run `fastcart migrate` first." in said.told
    assert run("migrate", DATABASE_URL=url).code == 0
    assert run("migrate", DATABASE_URL=url).code == 0
    assert run("keys", "create", "--role", "secret", DATABASE_URL=url).code == 0
