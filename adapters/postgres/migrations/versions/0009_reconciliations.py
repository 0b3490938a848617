"""Reports of reconciliations, slots of jobs, and what was made when, for a comparison by period."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C")
_AT = postgresql.TIMESTAMP(timezone=True)
_BY_PERIOD = (
    ("orders_placed", "orders", "placed_at"),
    ("payments_created", "payments", "created_at"),
    ("refunds_created", "refunds", "created_at"),
)


def upgrade() -> None:
    for index, table, column in _BY_PERIOD:
        op.create_index(
            index, table, [column], postgresql_using="brin", postgresql_with={"autosummarize": "on"}
        )
    op.create_table(
        "reconciliations",
        sa.Column("began_at", _AT, nullable=False),
        sa.Column("ended_at", _AT, nullable=False),
        sa.Column("since", _AT, nullable=False),
        sa.Column("until", _AT, nullable=False),
        sa.Column("id", _CODE, nullable=False),
        sa.Column("provider", _CODE, nullable=False),
        sa.Column("summary", postgresql.JSON(), nullable=False),
        sa.Column("findings", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="reconciliations_pkey"),
    )
    op.create_table(
        "slots",
        sa.Column("slot_at", _AT, nullable=False),
        sa.Column("leased_until", _AT, nullable=False),
        sa.Column("done_at", _AT, nullable=True),
        sa.Column("job", _CODE, nullable=False),
        sa.PrimaryKeyConstraint("job", "slot_at", name="slots_pkey"),
    )


def downgrade() -> None:
    op.drop_table("slots")
    op.drop_table("reconciliations")
    for index, table, _ in _BY_PERIOD:
        op.drop_index(index, table_name=table)
