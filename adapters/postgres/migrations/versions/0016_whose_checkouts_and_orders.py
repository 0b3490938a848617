"""Which customer a checkout and an order are of; a guest's rows have no entry in these indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("checkouts", "orders"):
        op.add_column(table, sa.Column("customer_id", sa.Text(collation="C"), nullable=True))
        op.create_index(
            f"{table}_of_a_customer",
            table,
            ["customer_id"],
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        )


def downgrade() -> None:
    for table in ("checkouts", "orders"):
        op.drop_index(f"{table}_of_a_customer", table_name=table)
        op.drop_column(table, "customer_id")
