"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Each posting of the journal as a row: what an auditor adds up.
_POSTINGS = """
CREATE VIEW journal_postings AS
SELECT orders.id AS order_id, log.version, entry.value ->> 0 AS movement, entry.value ->> 1 AS subject_id,
       log.at + coalesce((entry.value ->> 3)::bigint, 0) * interval '1 microsecond' AS at,
       posting.value ->> 0 AS account,
       (posting.value ->> 1)::bigint AS minor, orders.currency
FROM orders
JOIN order_log AS log ON log.order_number = orders.number
CROSS JOIN LATERAL json_array_elements(log.entries) AS entry
CROSS JOIN LATERAL json_array_elements(entry.value -> 2) AS posting
"""


# long: the whole schema at once, as Alembic lays it out; it reads like a list, not like a function.
def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("role", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="api_keys_pkey"),
        sa.UniqueConstraint("key_hash", name="api_keys_one_a_hash"),
    )
    op.create_table(
        "attempts",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("operation", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint("tries > 0", name="attempts_tries_positive"),
        sa.PrimaryKeyConstraint("order_number", "id", name="attempts_pkey"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_table(
        "checkouts",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("client_token_hash", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("order_id", sa.Text(collation="C"), nullable=True),
        sa.Column("content", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="checkouts_pkey"),
        postgresql_with={"fillfactor": "60"},
    )
    op.create_table(
        "discount_codes",
        sa.Column("folded", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("percent_basis_points", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(collation="C"), nullable=True),
        sa.Column("valid_from", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("valid_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (currency IS NULL)", name="discount_codes_amount_has_currency"
        ),
        sa.PrimaryKeyConstraint("folded", name="discount_codes_pkey"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("claimed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("packing", sa.SmallInteger(), nullable=True),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("headers", postgresql.JSON(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key_hash", name="idempotency_keys_pkey"),
        postgresql_with={"fillfactor": "30"},
    )
    op.create_table(
        "inbox",
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("wake_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("event_id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_type", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_reference", sa.Text(collation="C"), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="inbox_pkey"),
        sa.UniqueConstraint("provider", "event_id", name="inbox_one_an_event"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "inbox_waking", "inbox", ["wake_at"], unique=False, postgresql_where=sa.text("wake_at IS NOT NULL")
    )
    op.create_table(
        "order_log",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("events", postgresql.JSON(), nullable=True),
        sa.Column("entries", postgresql.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("order_number", "version", name="order_log_pkey"),
    )
    op.create_table(
        "orders",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("checkout_id", sa.Text(collation="C"), nullable=False),
        sa.Column("placed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(collation="C"), nullable=False),
        sa.Column("capture_method", sa.Text(collation="C"), nullable=False),
        sa.Column("client_token_hash", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("wake_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("pay_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("closing_reason", sa.Text(collation="C"), nullable=True),
        sa.Column("agreement", postgresql.JSON(), nullable=False),
        sa.CheckConstraint(
            "(wake_at IS NULL) = (due_at IS NULL) AND (due_at IS NULL OR wake_at <= due_at)",
            name="orders_wake_in_time",
        ),
        sa.CheckConstraint("total_minor >= 0", name="orders_total_not_negative"),
        sa.PrimaryKeyConstraint("number", name="orders_pkey"),
        sa.UniqueConstraint("checkout_id", name="orders_one_a_checkout"),
        sa.UniqueConstraint("id", name="orders_one_an_id"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(
        "orders_waking", "orders", ["wake_at"], unique=False, postgresql_where=sa.text("wake_at IS NOT NULL")
    )
    op.create_table(
        "outbox",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("wake_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("parked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("parked_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "outbox_waking", "outbox", ["wake_at"], unique=False, postgresql_where=sa.text("wake_at IS NOT NULL")
    )
    op.create_table(
        "products",
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("prices", postgresql.JSONB(), nullable=False),
        sa.Column("tax_code", sa.Text(collation="C"), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name="products_pkey"),
    )
    op.create_table(
        "stock",
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("held >= 0", name="stock_held_not_negative"),
        sa.CheckConstraint("received >= held + sold", name="stock_never_oversold"),
        sa.CheckConstraint("sold >= 0", name="stock_sold_not_negative"),
        sa.PrimaryKeyConstraint("sku", name="stock_pkey"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "cases",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("resolved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("subject_id", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["order_number"], ["orders.number"], name="cases_of_an_order"),
        sa.PrimaryKeyConstraint("order_number", "id", name="cases_pkey"),
        sa.UniqueConstraint("order_number", "reason", "subject_id", name="cases_one_a_reason_and_subject"),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_code", sa.Text(collation="C"), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="order_lines_quantity_positive"),
        sa.CheckConstraint(
            "subtotal_minor - discount_minor + tax_minor = total_minor", name="order_lines_add_up"
        ),
        sa.ForeignKeyConstraint(["order_number"], ["orders.number"], name="order_lines_of_an_order"),
        sa.PrimaryKeyConstraint("order_number", "position", name="order_lines_pkey"),
    )
    op.create_table(
        "payments",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("decline_reason", sa.Text(collation="C"), nullable=True),
        sa.Column("decline_code", sa.Text(collation="C"), nullable=True),
        sa.Column("next_action", postgresql.JSON(), nullable=True),
        sa.Column("offered", sa.Text(), nullable=True),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(collation="C"), nullable=True),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor >= 0", name="payments_amount_not_negative"),
        sa.CheckConstraint("captured_minor >= 0", name="payments_captured_not_negative"),
        sa.ForeignKeyConstraint(["order_number"], ["orders.number"], name="payments_of_an_order"),
        sa.PrimaryKeyConstraint("order_number", "id", name="payments_pkey"),
        postgresql_with={"fillfactor": "60"},
    )
    op.create_index(
        "payments_one_a_reference",
        "payments",
        ["provider", "reference"],
        unique=True,
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_table(
        "reservations",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("since_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(["order_number"], ["orders.number"], name="reservations_of_an_order"),
        sa.PrimaryKeyConstraint("order_number", "since_version", name="reservations_pkey"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "refunds",
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("payment_id", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(collation="C"), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name="refunds_amount_positive"),
        sa.ForeignKeyConstraint(
            ["order_number", "payment_id"],
            ["payments.order_number", "payments.id"],
            name="refunds_of_a_payment",
        ),
        sa.PrimaryKeyConstraint("order_number", "id", name="refunds_pkey"),
        postgresql_with={"fillfactor": "80"},
    )
    op.execute(_POSTINGS)


def downgrade() -> None:
    op.execute("DROP VIEW journal_postings")
    op.drop_table("refunds")
    op.drop_table("reservations")
    op.drop_index("payments_one_a_reference", table_name="payments")
    op.drop_table("payments")
    op.drop_table("order_lines")
    op.drop_table("cases")
    op.drop_table("stock")
    op.drop_table("products")
    op.drop_index("outbox_waking", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("orders_waking", table_name="orders")
    op.drop_table("orders")
    op.drop_table("order_log")
    op.drop_index("inbox_waking", table_name="inbox")
    op.drop_table("inbox")
    op.drop_table("idempotency_keys")
    op.drop_table("discount_codes")
    op.drop_table("checkouts")
    op.drop_table("attempts")
    op.drop_table("api_keys")
