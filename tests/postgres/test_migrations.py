"""The migrations lead to exactly what `tables` says, one at a time, there and back, whoever runs them."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from adapters.postgres.migrate import configuration, downgrade, on_connection, upgrade
from adapters.postgres.tables import metadata
from ports.errors import Unavailable

REVISIONS = [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][
    ::-1
]

# Of one payment a person has written off 25 and then 15; of another one a bank has won all.
_LOSSES = r"""
INSERT INTO orders (id, checkout_id, placed_at, total_minor, currency, capture_method, client_token_hash,
                    version, pay_until, state, agreement)
VALUES ('ord_1', 'chk_1', now(), 100, 'EUR', 'manual', 'hash', 3, now(), 'completed', '{}');
INSERT INTO payments (order_number, amount_minor, created_at, captured_minor, position, id, provider, state)
SELECT number, 100, now(), captured, 1, id, 'stripe', 'captured'
FROM (SELECT number FROM orders) AS o, (VALUES ('pay_1', 60), ('pay_2', 100)) AS p (id, captured);
INSERT INTO order_log (order_number, at, version, entries)
SELECT number, now(), version, entries::json FROM (SELECT number FROM orders) AS o, (VALUES
    (2, '[["written_off","pay_1",[["written_off",25],["shopper",-25]]],
          ["written_off","dis_1",[["written_off",100],["disputed",-100]]]]'),
    (3, '[["written_off","pay_1",[["written_off",15],["shopper",-15]]]]')
) AS l (version, entries);
INSERT INTO cases (order_number, opened_at, resolved_at, position, id, reason, subject_id, action)
SELECT number, now(), now(), 1, 'case_1', 'capture_failed', 'pay_1', 'accept' FROM orders
"""


def seen(url: str, look: Callable[[Connection], Any]) -> Any:
    """What `look` finds in the database."""
    found: list[Any] = []
    on_connection(url, lambda connection: found.append(look(connection)))
    return found[0]


def schema(url: str) -> list[tuple[Any, ...]]:
    """Columns, constraints, indexes and storage options, as PostgreSQL describes them."""
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    constraints = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace ORDER BY 1"
    )
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
    options = (
        "SELECT relname, reloptions::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    )
    questions = (columns, constraints, indexes, options)

    def look(connection: Connection) -> list[tuple[Any, ...]]:
        return [tuple(row) for question in questions for row in connection.execute(text(question))]

    described: list[tuple[Any, ...]] = seen(url, look)
    return described


def test_the_migrated_schema_is_what_the_tables_say(empty_database_url: Callable[[], str]) -> None:
    migrated, created = empty_database_url(), empty_database_url()
    upgrade(migrated)
    assert seen(migrated, lambda c: compare_metadata(MigrationContext.configure(c), metadata)) == []
    assert set(metadata.tables) == set(seen(migrated, lambda c: inspect(c).get_table_names())) - {
        "alembic_version"
    }

    def create(connection: Connection) -> None:
        metadata.create_all(connection)
        connection.commit()

    on_connection(created, create)
    ours = {"alembic_version", "alembic_version_pkc", "journal_postings", "subscription_postings"}
    migrated_schema = [row for row in schema(migrated) if row[0] not in ours and "alembic" not in row[0]]
    assert migrated_schema == schema(created)


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_up_down_and_up_again(
    revision: str, empty_database_url: Callable[[], str]
) -> None:
    url = empty_database_url()
    upgrade(url, revision)
    there = schema(url)
    index = REVISIONS.index(revision)
    downgrade(url, REVISIONS[index - 1] if index else "base")
    assert schema(url) != there
    upgrade(url, revision)
    assert schema(url) == there


def test_several_processes_may_migrate_at_once(empty_database_url: Callable[[], str]) -> None:
    url = empty_database_url()
    with ProcessPoolExecutor(max_workers=3, mp_context=get_context("spawn")) as processes:
        for running in [processes.submit(upgrade, url) for _ in range(3)]:
            running.result()
    assert set(metadata.tables) <= set(seen(url, lambda c: inspect(c).get_table_names()))


def test_migrating_again_changes_nothing(empty_database_url: Callable[[], str]) -> None:
    url = empty_database_url()
    upgrade(url)
    before = schema(url)
    upgrade(url)
    assert schema(url) == before


def test_what_a_person_did_without_before_it_was_kept_is_read_from_the_journal(
    empty_database_url: Callable[[], str],
) -> None:
    """A dispute that a bank won is a loss too, and none that a person took."""
    url = empty_database_url()
    upgrade(url, "0018")
    on_connection(url, _an_order_with_losses)
    upgrade(url, "0019")
    columns = "SELECT id, captured_minor, forgone_minor FROM payments ORDER BY id"
    assert seen(url, lambda c: [tuple(row) for row in c.execute(text(columns))]) == [
        ("pay_1", 60, 40),
        ("pay_2", 100, None),
    ]


def _an_order_with_losses(connection: Connection) -> None:
    for statement in filter(str.strip, _LOSSES.split(";")):
        connection.execute(text(statement))
    connection.commit()


def test_without_a_server_it_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        upgrade("postgresql://nobody@127.0.0.1:1/nothing")
