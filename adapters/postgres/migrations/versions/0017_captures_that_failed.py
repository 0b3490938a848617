"""What of a payment was told as captured and then as failed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("failed_minor", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "failed_minor")
