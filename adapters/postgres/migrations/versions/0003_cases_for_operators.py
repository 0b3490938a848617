"""Cases are assigned and resolved by people; parked work is replayed; failures of an order are counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0008"
branch_labels = None
depends_on = None

_CODE = sa.Text(collation="C")
_ONE = "cases_one_a_reason_and_subject"
_ONE_UNRESOLVED = "cases_one_unresolved_a_reason_and_subject"
_UNRESOLVED = sa.text("resolved_at IS NULL")


def upgrade() -> None:
    op.add_column("orders", sa.Column("failures", sa.SmallInteger(), nullable=True))
    op.add_column("payments", sa.Column("was_over", sa.Boolean(), nullable=True))
    op.add_column("attempts", sa.Column("tries_forgiven", sa.Integer(), nullable=True))
    for name, kind in (
        ("detail", sa.Text()),
        ("assigned_to", sa.Text()),
        ("action", _CODE),
        ("resolved_by", sa.Text()),
        ("why", sa.Text()),
    ):
        op.add_column("cases", sa.Column(name, kind, nullable=True))
    op.create_check_constraint(
        "cases_decided_are_resolved", "cases", "action IS NULL OR resolved_at IS NOT NULL"
    )
    op.create_unique_constraint("cases_one_an_id", "cases", ["id"])
    op.drop_constraint(_ONE, "cases")
    columns = ["order_number", "reason", "subject_id"]
    op.create_index(_ONE_UNRESOLVED, "cases", columns, unique=True, postgresql_where=_UNRESOLVED)
    op.create_index("cases_unresolved", "cases", ["id"], postgresql_where=_UNRESOLVED)
    for box in ("inbox", "outbox"):
        op.add_column(box, sa.Column("replays", postgresql.JSONB(), nullable=True))
        op.create_index(f"{box}_parked", box, ["id"], postgresql_where=sa.text("parked_at IS NOT NULL"))


def downgrade() -> None:
    """A reason and subject keep their last case: the schema before this has room for one."""
    for box in ("inbox", "outbox"):
        op.drop_index(f"{box}_parked", table_name=box)
        op.drop_column(box, "replays")
    op.drop_index("cases_unresolved", table_name="cases")
    op.drop_index(_ONE_UNRESOLVED, table_name="cases")
    op.execute(
        "DELETE FROM cases a USING cases b WHERE a.order_number = b.order_number AND a.reason = b.reason"
        " AND a.subject_id = b.subject_id AND a.id < b.id"
    )
    op.create_unique_constraint(_ONE, "cases", ["order_number", "reason", "subject_id"])
    op.drop_constraint("cases_one_an_id", "cases")
    op.drop_constraint("cases_decided_are_resolved", "cases")
    for name in ("why", "resolved_by", "action", "assigned_to", "detail"):
        op.drop_column("cases", name)
    op.drop_column("attempts", "tries_forgiven")
    op.drop_column("payments", "was_over")
    op.drop_column("orders", "failures")
