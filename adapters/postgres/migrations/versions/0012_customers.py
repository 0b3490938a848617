"""Customers, and their ids at payment providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C")
_AT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("due_at", _AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", _CODE, nullable=False),
        sa.Column("state", _CODE, nullable=False),
        sa.Column("mailbox", _CODE, nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="customers_pkey"),
        sa.UniqueConstraint("mailbox", name="customers_one_an_email"),
        sa.CheckConstraint("(mailbox IS NULL) = (email IS NULL)", name="customers_email_has_mailbox"),
    )
    op.create_index("customers_due", "customers", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_index("customers_newest", "customers", ["created_at", "id"])
    op.create_table(
        "customer_accounts",
        sa.Column("customer_id", _CODE, nullable=False),
        sa.Column("provider", _CODE, nullable=False),
        sa.Column("reference", _CODE, nullable=True),
        sa.Column("attempt", postgresql.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "provider", name="customer_accounts_pkey"),
        sa.UniqueConstraint("provider", "reference", name="customer_accounts_one_a_reference"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="customer_accounts_of_a_customer"),
    )


def downgrade() -> None:
    op.drop_table("customer_accounts")
    op.drop_table("customers")
