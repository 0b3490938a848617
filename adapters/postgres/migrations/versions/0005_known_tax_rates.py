"""Rates that a tax service has told, for when it can't be asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_tax_rates",
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("service", sa.Text(collation="C"), nullable=False),
        sa.Column("country", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.Text(collation="C"), nullable=False),
        sa.Column("postcode", sa.Text(collation="C"), nullable=False),
        sa.Column("tax_code", sa.Text(collation="C"), nullable=False),
        sa.Column("rates", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "service", "country", "region", "postcode", "tax_code", name="known_tax_rates_pkey"
        ),
    )


def downgrade() -> None:
    op.drop_table("known_tax_rates")
