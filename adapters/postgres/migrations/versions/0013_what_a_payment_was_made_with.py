"""What a shopper pays with, and when money that is on its way is there at the latest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("method", sa.Text(collation="C"), nullable=True))
    op.add_column("payments", sa.Column("expected_by", postgresql.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "expected_by")
    op.drop_column("payments", "method")
