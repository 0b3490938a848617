"""What a provider that can't be asked has told: its answers, and its webhooks by payment."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_answers",
        sa.Column("told_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "id", name="provider_answers_pkey"),
    )
    op.create_index("provider_answers_of_a_payment", "provider_answers", ["payment_id"])
    op.create_index("provider_answers_named", "provider_answers", ["reference"])
    op.add_column("inbox", sa.Column("kept", sa.LargeBinary(), nullable=True))
    op.create_index(
        "inbox_of_a_payment",
        "inbox",
        ["payment_reference"],
        postgresql_where=sa.text("kept IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("inbox_of_a_payment", table_name="inbox")
    op.drop_column("inbox", "kept")
    op.drop_table("provider_answers")
