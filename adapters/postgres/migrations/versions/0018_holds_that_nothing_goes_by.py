"""Whether a provider holds something of a shopper's money that no payment goes by any more."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("holds_stray", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("payments", "holds_stray")
