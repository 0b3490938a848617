"""Plans, subscriptions with their invoices and their log, and letters to subscribers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C")
_AT = postgresql.TIMESTAMP(timezone=True)
# Each posting of the journal of subscriptions as a row, as `journal_postings` is for orders.
_POSTINGS = """
CREATE VIEW subscription_postings AS
SELECT subscriptions.id AS subscription_id, log.version, entry.value ->> 0 AS movement,
       entry.value ->> 1 AS subject_id,
       log.at + coalesce((entry.value ->> 3)::bigint, 0) * interval '1 microsecond' AS at,
       posting.value ->> 0 AS account,
       (posting.value ->> 1)::bigint AS minor,
       subscriptions.content #>> '{terms,price,currency,code}' AS currency
FROM subscriptions
JOIN subscription_log AS log ON log.subscription_number = subscriptions.number
CROSS JOIN LATERAL json_array_elements(log.entries) AS entry
CROSS JOIN LATERAL json_array_elements(entry.value -> 2) AS posting
"""


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", _CODE, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("billing_interval", _CODE, nullable=False),
        sa.Column("interval_count", sa.SmallInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("prices", postgresql.JSONB(), nullable=False),
        sa.Column("provider_prices", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="plans_pkey"),
    )
    _create_subscriptions()
    _create_invoices_and_log()
    op.execute(_POSTINGS)
    op.add_column("inbox", sa.Column("subscription_reference", _CODE, nullable=True))
    op.alter_column("outbox", "order_number", nullable=True)
    op.add_column("outbox", sa.Column("subscription_number", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("about", _CODE, nullable=True))
    op.create_check_constraint(
        "outbox_about_one_of_them", "outbox", "(order_number IS NULL) <> (subscription_number IS NULL)"
    )


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("due_at", _AT, nullable=True),
        sa.Column("ended_at", _AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", _CODE, nullable=False),
        sa.Column("customer_id", _CODE, nullable=False),
        sa.Column("provider", _CODE, nullable=False),
        sa.Column("reference", _CODE, nullable=True),
        sa.Column("plan_id", _CODE, nullable=False),
        sa.Column("wanted_plan_id", _CODE, nullable=True),
        sa.Column("state", _CODE, nullable=False),
        sa.Column("entitlement", _CODE, nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="subscriptions_pkey"),
        sa.UniqueConstraint("id", name="subscriptions_one_an_id"),
        sa.UniqueConstraint("provider", "reference", name="subscriptions_one_a_reference"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="subscriptions_of_a_customer"),
    )
    op.create_index(
        "subscriptions_due", "subscriptions", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("subscriptions_newest", "subscriptions", ["created_at", "id"])
    op.create_index("subscriptions_by_customer", "subscriptions", ["customer_id"])


def _create_invoices_and_log() -> None:
    op.create_table(
        "invoices",
        sa.Column("subscription_number", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("bills_from", _AT, nullable=True),
        sa.Column("bills_until", _AT, nullable=True),
        sa.Column("next_try_at", _AT, nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("currency", _CODE, nullable=False),
        sa.Column("id", _CODE, nullable=False),
        sa.Column("reference", _CODE, nullable=False),
        sa.Column("state", _CODE, nullable=False),
        sa.PrimaryKeyConstraint("subscription_number", "id", name="invoices_pkey"),
        sa.ForeignKeyConstraint(
            ["subscription_number"], ["subscriptions.number"], name="invoices_of_a_subscription"
        ),
    )
    op.create_table(
        "subscription_log",
        sa.Column("subscription_number", sa.BigInteger(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("events", postgresql.JSON(), nullable=True),
        sa.Column("entries", postgresql.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_number", "version", name="subscription_log_pkey"),
    )


def downgrade() -> None:
    """Letters go with their subscriptions."""
    op.execute("DELETE FROM outbox WHERE order_number IS NULL")
    op.drop_constraint("outbox_about_one_of_them", "outbox")
    op.drop_column("outbox", "about")
    op.drop_column("outbox", "subscription_number")
    op.alter_column("outbox", "order_number", nullable=False)
    op.drop_column("inbox", "subscription_reference")
    op.execute("DROP VIEW subscription_postings")
    for table in ("subscription_log", "invoices", "subscriptions", "plans"):
        op.drop_table(table)
