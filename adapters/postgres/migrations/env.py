"""Runs migrations on the connection that `adapters.postgres.migrate` hands over, in one transaction, one
process at a time.
"""

from alembic import context
from sqlalchemy import text

from adapters.postgres.tables import metadata

# Any number will do, as long as every FastCart takes the same one.
_LOCK = 7_203_115_886

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
with context.begin_transaction():
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    context.run_migrations()
