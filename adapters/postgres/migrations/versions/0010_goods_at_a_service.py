"""Holds at an inventory service; a checkout whose goods could not be had may become another order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reservations", sa.Column("service", postgresql.JSON(), nullable=True))
    op.drop_constraint("orders_one_a_checkout", "orders", type_="unique")
    op.create_index(
        "orders_one_a_checkout",
        "orders",
        ["checkout_id"],
        unique=True,
        postgresql_where=sa.text("closing_reason IS DISTINCT FROM 'out_of_stock'"),
    )


def downgrade() -> None:
    op.drop_index("orders_one_a_checkout", "orders")
    op.create_unique_constraint("orders_one_a_checkout", "orders", ["checkout_id"])
    op.drop_column("reservations", "service")
