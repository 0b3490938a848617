"""What of a payment's money a person does without, so that no cent of it is written off twice."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What was written off before this column came: the journal has it, of orders for which a person took it.
_KNOWN = """
UPDATE payments SET forgone_minor = lost.minor
FROM (
    SELECT orders.number, posting.subject_id, sum(posting.minor) AS minor
    FROM journal_postings AS posting JOIN orders ON orders.id = posting.order_id
    WHERE posting.movement = 'written_off' AND posting.account = 'written_off' AND orders.number IN (
        SELECT order_number FROM cases
        WHERE action = 'accept' AND reason IN ('captured_amount_differs', 'capture_failed')
    )
    GROUP BY 1, 2
) AS lost
WHERE payments.order_number = lost.number AND payments.id = lost.subject_id
"""


def upgrade() -> None:
    op.add_column("payments", sa.Column("forgone_minor", sa.BigInteger(), nullable=True))
    op.execute(_KNOWN)


def downgrade() -> None:
    op.drop_column("payments", "forgone_minor")
