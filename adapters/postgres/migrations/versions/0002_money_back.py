"""What a refund takes back, shortages, disputes, and what a webhook is about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C")
_AT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("refunds", sa.Column("shares", postgresql.JSON(), nullable=True))
    op.add_column("refunds", sa.Column("restocked", postgresql.JSON(), nullable=True))
    op.add_column("refunds", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("inbox", sa.Column("about", _CODE, nullable=True))
    op.create_table(
        "shortages",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", _AT, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("written_off", sa.Boolean(), nullable=False),
        sa.Column("id", _CODE, nullable=False),
        sa.Column("shares", postgresql.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("order_number", "id", name="shortages_pkey"),
        sa.ForeignKeyConstraint(["order_number"], ["orders.number"], name="shortages_of_an_order"),
    )
    op.create_table(
        "disputes",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", _AT, nullable=False),
        sa.Column("seen_at", _AT, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("id", _CODE, nullable=False),
        sa.Column("payment_id", _CODE, nullable=False),
        sa.Column("reference", _CODE, nullable=False),
        sa.Column("state", _CODE, nullable=False),
        sa.PrimaryKeyConstraint("order_number", "id", name="disputes_pkey"),
        sa.UniqueConstraint("order_number", "reference", name="disputes_one_a_reference"),
        sa.ForeignKeyConstraint(
            ["order_number", "payment_id"],
            ["payments.order_number", "payments.id"],
            name="disputes_of_a_payment",
        ),
        sa.CheckConstraint("amount_minor > 0", name="disputes_amount_positive"),
        postgresql_with={"fillfactor": "80"},
    )


def downgrade() -> None:
    op.drop_table("disputes")
    op.drop_table("shortages")
    op.drop_column("inbox", "about")
    op.drop_column("refunds", "note")
    op.drop_column("refunds", "restocked")
    op.drop_column("refunds", "shares")
