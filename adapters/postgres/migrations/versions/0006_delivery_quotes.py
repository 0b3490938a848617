"""What a checkout was promised that delivery costs, beside the checkout."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_quotes",
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=False),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("checkout_id", name="delivery_quotes_pkey"),
    )


def downgrade() -> None:
    op.drop_table("delivery_quotes")
