"""The databases that tests get: fresh, apart from each other, and gone afterwards."""

from collections.abc import Callable

import asyncpg
import pytest

from tests.databases import Databases


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_each_new_database_is_apart_from_the_others(databases: Databases) -> None:
    first, second = databases.new(), databases.new()
    await execute(first, "CREATE TABLE mine ()")
    with pytest.raises(asyncpg.UndefinedTableError):
        await execute(second, "SELECT * FROM mine")


async def test_a_copy_has_what_its_template_has(databases: Databases) -> None:
    template = databases.new()
    await execute(template, "CREATE TABLE ours ()")
    await execute(databases.new(template.rpartition("/")[2]), "SELECT * FROM ours")


async def test_dropped_databases_are_gone_even_while_somebody_is_connected(databases: Databases) -> None:
    another_maker = Databases(databases.new())
    url = another_maker.new()
    connection = await asyncpg.connect(url)
    another_maker.drop_all()
    connection.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)


async def test_a_migrated_database_has_our_tables_and_every_test_can_have_its_own(
    database_url: str, new_database_url: Callable[[], str]
) -> None:
    own = new_database_url()
    assert own != database_url
    for url in (own, database_url):
        await execute(url, "SELECT FROM alembic_version")
