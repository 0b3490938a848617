"""Webhooks that can't be handled are parked; a bank sends shoppers back by an address of our own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("parked_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("inbox", sa.Column("parked_because", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("return_id", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("returned_at", postgresql.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "returned_at")
    op.drop_column("payments", "return_id")
    op.drop_column("inbox", "parked_because")
    op.drop_column("inbox", "parked_at")
