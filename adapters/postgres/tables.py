# long: the whole schema, to be read like a list.
"""Every table, constraint and index by name.

Migrations are compared with this, and each constraint has its meaning in `errors`.

Written for little WAL: an order's children carry its 8-byte `number`, not its id; what changes stands before
what is long and stays, so that an update logs little; no index is there twice, and none on a column that
changes with every step. What every step adds (attempts, log, outbox) has no foreign key, whose check would
lock the order row each time: those rows come from the row that the same statement writes
(`order_statements`), and nothing ever deletes an order.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, TIMESTAMP

metadata = MetaData()

# Ids and codes are compared byte by byte, whatever the database's locale.
CODE = Text(collation="C")
AT = TIMESTAMP(timezone=True)
_BY_RANGES = {"autosummarize": "on"}

checkouts = Table(
    "checkouts",
    metadata,
    Column("id", CODE, nullable=False),
    Column("created_at", AT, nullable=False),
    Column("expires_at", AT, nullable=False),
    Column("currency", CODE, nullable=False),
    Column("client_token_hash", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", CODE, nullable=False),
    Column("order_id", CODE),
    Column("content", JSON, nullable=False),
    Column("customer_id", CODE),
    PrimaryKeyConstraint("id", name="checkouts_pkey"),
    postgresql_with={"fillfactor": "60"},
)
Index(
    "checkouts_of_a_customer", checkouts.c.customer_id, postgresql_where=checkouts.c.customer_id.is_not(None)
)

# `due_at` changes with nearly every write; an index on it would make each of them touch all indexes.
# `wake_at` is never later than `due_at`, is moved only when it has passed or must come earlier, and has the
# index: a lazy timer.
orders = Table(
    "orders",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("failures", SmallInteger),
    Column("id", CODE, nullable=False),
    Column("checkout_id", CODE, nullable=False),
    Column("placed_at", AT, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", CODE, nullable=False),
    Column("capture_method", CODE, nullable=False),
    Column("client_token_hash", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("due_at", AT),
    Column("wake_at", AT),
    Column("pay_until", AT, nullable=False),
    Column("closed_at", AT),
    Column("state", CODE, nullable=False),
    Column("closing_reason", CODE),
    Column("agreement", JSON, nullable=False),
    Column("customer_id", CODE),
    PrimaryKeyConstraint("number", name="orders_pkey"),
    UniqueConstraint("id", name="orders_one_an_id"),
    CheckConstraint("total_minor >= 0", name="orders_total_not_negative"),
    CheckConstraint(
        "(wake_at IS NULL) = (due_at IS NULL) AND (due_at IS NULL OR wake_at <= due_at)",
        name="orders_wake_in_time",
    ),
    postgresql_with={"fillfactor": "50"},
)
Index("orders_of_a_customer", orders.c.customer_id, postgresql_where=orders.c.customer_id.is_not(None))
# A checkout whose goods could not be had is given back, and may become another order.
HAD_GOODS = text("closing_reason IS DISTINCT FROM 'out_of_stock'")
Index("orders_one_a_checkout", orders.c.checkout_id, unique=True, postgresql_where=HAD_GOODS)
# What was made within a period is asked for once a day: an index by ranges of pages costs a write next to
# nothing, where a tree would cost an entry.
Index("orders_placed", orders.c.placed_at, postgresql_using="brin", postgresql_with=_BY_RANGES)
Index("orders_waking", orders.c.wake_at, postgresql_where=orders.c.wake_at.is_not(None))

order_lines = Table(
    "order_lines",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("id", CODE, nullable=False),
    Column("sku", CODE, nullable=False),
    Column("title", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("tax_code", CODE, nullable=False),
    Column("weight_grams", Integer, nullable=False),
    PrimaryKeyConstraint("order_number", "position", name="order_lines_pkey"),
    ForeignKeyConstraint(["order_number"], ["orders.number"], name="order_lines_of_an_order"),
    CheckConstraint("quantity > 0", name="order_lines_quantity_positive"),
    CheckConstraint("subtotal_minor - discount_minor + tax_minor = total_minor", name="order_lines_add_up"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("since_version", Integer, nullable=False),
    Column("expires_at", AT, nullable=False),
    Column("id", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("service", JSON),  # NULL for a hold on our own stock
    PrimaryKeyConstraint("order_number", "since_version", name="reservations_pkey"),
    ForeignKeyConstraint(["order_number"], ["orders.number"], name="reservations_of_an_order"),
    postgresql_with={"fillfactor": "70"},
)

# Several payments of one order may have collected money: what a provider reports must be recordable, even a
# double capture. So no index forbids a second one; `decide` sees it and gives the money back.
payments = Table(
    "payments",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("created_at", AT, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("failed_minor", BigInteger),  # beyond what is captured: told as captured, and then as failed
    Column("forgone_minor", BigInteger),  # what of it a person does without
    Column("seen_at", AT),
    Column("returned_at", AT),
    Column("expected_by", AT),
    Column("position", SmallInteger, nullable=False),
    Column("was_over", Boolean),
    Column("holds_stray", Boolean),
    Column("id", CODE, nullable=False),
    Column("provider", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("decline_reason", CODE),
    Column("decline_code", CODE),
    Column("next_action", JSON),
    Column("offered", Text),
    Column("return_url", Text),
    Column("return_id", Text),
    Column("reference", CODE),
    Column("client_secret", Text),
    Column("method", CODE),
    PrimaryKeyConstraint("order_number", "id", name="payments_pkey"),
    ForeignKeyConstraint(["order_number"], ["orders.number"], name="payments_of_an_order"),
    CheckConstraint("amount_minor >= 0", name="payments_amount_not_negative"),
    CheckConstraint("captured_minor >= 0", name="payments_captured_not_negative"),
    postgresql_with={"fillfactor": "60"},
)
Index("payments_created", payments.c.created_at, postgresql_using="brin", postgresql_with=_BY_RANGES)
Index(
    "payments_one_a_reference",
    payments.c.provider,
    payments.c.reference,
    unique=True,
    postgresql_where=payments.c.reference.is_not(None),
)

attempts = Table(
    "attempts",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("started_at", AT, nullable=False),
    Column("until", AT, nullable=False),
    Column("retried_at", AT),
    Column("tries", Integer, nullable=False),
    Column("tries_forgiven", Integer),
    Column("id", CODE, nullable=False),
    Column("operation", CODE, nullable=False),
    Column("subject_id", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("detail", Text),
    PrimaryKeyConstraint("order_number", "id", name="attempts_pkey"),
    CheckConstraint("tries > 0", name="attempts_tries_positive"),
    postgresql_with={"fillfactor": "80"},
)

refunds = Table(
    "refunds",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("created_at", AT, nullable=False),
    Column("seen_at", AT),
    Column("position", SmallInteger, nullable=False),
    Column("id", CODE, nullable=False),
    Column("payment_id", CODE, nullable=False),
    Column("reason", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("reference", CODE),
    Column("shares", JSON),
    Column("restocked", JSON),
    Column("note", Text),
    PrimaryKeyConstraint("order_number", "id", name="refunds_pkey"),
    ForeignKeyConstraint(
        ["order_number", "payment_id"], ["payments.order_number", "payments.id"], name="refunds_of_a_payment"
    ),
    CheckConstraint("amount_minor > 0", name="refunds_amount_positive"),
    postgresql_with={"fillfactor": "80"},
)

Index("refunds_created", refunds.c.created_at, postgresql_using="brin", postgresql_with=_BY_RANGES)

shortages = Table(
    "shortages",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("reported_at", AT, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("written_off", Boolean, nullable=False),
    Column("id", CODE, nullable=False),
    Column("shares", JSON, nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("order_number", "id", name="shortages_pkey"),
    ForeignKeyConstraint(["order_number"], ["orders.number"], name="shortages_of_an_order"),
)

disputes = Table(
    "disputes",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("opened_at", AT, nullable=False),
    Column("seen_at", AT, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("id", CODE, nullable=False),
    Column("payment_id", CODE, nullable=False),
    Column("reference", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("evidence_due_by", AT),
    PrimaryKeyConstraint("order_number", "id", name="disputes_pkey"),
    UniqueConstraint("order_number", "reference", name="disputes_one_a_reference"),
    ForeignKeyConstraint(
        ["order_number", "payment_id"],
        ["payments.order_number", "payments.id"],
        name="disputes_of_a_payment",
    ),
    CheckConstraint("amount_minor > 0", name="disputes_amount_positive"),
    postgresql_with={"fillfactor": "80"},
)

cases = Table(
    "cases",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("opened_at", AT, nullable=False),
    Column("resolved_at", AT),
    Column("position", SmallInteger, nullable=False),
    Column("id", CODE, nullable=False),
    Column("reason", CODE, nullable=False),
    Column("subject_id", CODE, nullable=False),
    Column("detail", Text),
    Column("assigned_to", Text),
    Column("action", CODE),
    Column("resolved_by", Text),
    Column("why", Text),
    PrimaryKeyConstraint("order_number", "id", name="cases_pkey"),
    UniqueConstraint("id", name="cases_one_an_id"),
    ForeignKeyConstraint(["order_number"], ["orders.number"], name="cases_of_an_order"),
    CheckConstraint("action IS NULL OR resolved_at IS NOT NULL", name="cases_decided_are_resolved"),
)
# Few of all cases wait for a person; theirs is the list that people look at.
Index("cases_unresolved", cases.c.id, postgresql_where=cases.c.resolved_at.is_(None))
Index(
    "cases_one_unresolved_a_reason_and_subject",
    *(cases.c.order_number, cases.c.reason, cases.c.subject_id),
    unique=True,
    postgresql_where=cases.c.resolved_at.is_(None),
)

# Append only, one row a commit: what was told (the timeline) and what was booked (the journal). A row for
# each event and each posting would cost three times the WAL; the view `journal_postings` shows each posting
# as a row of its own.
order_log = Table(
    "order_log",
    metadata,
    Column("order_number", BigInteger, nullable=False),
    Column("at", AT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("events", JSON),
    Column("entries", JSON),
    PrimaryKeyConstraint("order_number", "version", name="order_log_pkey"),
)

# In both boxes `wake_at` is null once there is nothing left to do, and a lease moves `due_at` alone (see
# `orders`).
#
# A letter to a subscriber stands in the outbox with its subscription's number in place of an order's.
outbox = Table(
    "outbox",
    metadata,
    Column("order_number", BigInteger),
    Column("subscription_number", BigInteger),
    Column("due_at", AT, nullable=False),
    Column("wake_at", AT),
    Column("done_at", AT),
    Column("parked_at", AT),
    Column("tries", Integer, nullable=False),
    Column("id", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("parked_because", Text),
    Column("replays", JSONB),
    Column("about", CODE),
    PrimaryKeyConstraint("id", name="outbox_pkey"),
    CheckConstraint(
        "(order_number IS NULL) <> (subscription_number IS NULL)", name="outbox_about_one_of_them"
    ),
    postgresql_with={"fillfactor": "70"},
)
Index("outbox_waking", outbox.c.wake_at, postgresql_where=outbox.c.wake_at.is_not(None))
Index("outbox_parked", outbox.c.id, postgresql_where=outbox.c.parked_at.is_not(None))

inbox = Table(
    "inbox",
    metadata,
    Column("received_at", AT, nullable=False),
    Column("due_at", AT, nullable=False),
    Column("wake_at", AT),
    Column("done_at", AT),
    Column("parked_at", AT),
    Column("tries", Integer, nullable=False),
    Column("id", CODE, nullable=False),
    Column("provider", CODE, nullable=False),
    Column("event_id", CODE, nullable=False),
    Column("event_type", CODE, nullable=False),
    Column("payment_reference", CODE),
    Column("subscription_reference", CODE),
    Column("about", CODE),
    Column("parked_because", Text),
    Column("replays", JSONB),
    Column("body", LargeBinary, nullable=False),
    Column("kept", LargeBinary),
    PrimaryKeyConstraint("id", name="inbox_pkey"),
    UniqueConstraint("provider", "event_id", name="inbox_one_an_event"),
    postgresql_with={"fillfactor": "70"},
)
Index("inbox_waking", inbox.c.wake_at, postgresql_where=inbox.c.wake_at.is_not(None))
Index(
    "inbox_of_a_payment",
    inbox.c.payment_reference,
    postgresql_where=inbox.c.kept.is_not(None),
)
Index("inbox_parked", inbox.c.id, postgresql_where=inbox.c.parked_at.is_not(None))

# A claim is small and grows when its answer comes, which should fit beside it.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("claimed_at", AT, nullable=False),
    Column("renewed_at", AT),  # of the few requests that last until their first sign of life
    Column("status", SmallInteger),
    Column("packing", SmallInteger),
    Column("key_hash", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("content_type", Text),
    Column("headers", JSON),
    Column("body", LargeBinary),
    PrimaryKeyConstraint("key_hash", name="idempotency_keys_pkey"),
    postgresql_with={"fillfactor": "30"},
)

# `mailbox` is the e-mail address as it is compared. A deleted customer has none, and nothing personal left.
customers = Table(
    "customers",
    metadata,
    Column("created_at", AT, nullable=False),
    Column("due_at", AT),
    Column("version", Integer, nullable=False),
    Column("id", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    Column("mailbox", CODE),
    Column("email", Text),
    Column("name", Text),
    Column("user_id", Text),
    Column("password_hash", Text),
    PrimaryKeyConstraint("id", name="customers_pkey"),
    UniqueConstraint("mailbox", name="customers_one_an_email"),
    CheckConstraint("(mailbox IS NULL) = (email IS NULL)", name="customers_email_has_mailbox"),
)
Index("customers_due", customers.c.due_at, postgresql_where=customers.c.due_at.is_not(None))
Index("customers_newest", customers.c.created_at, customers.c.id)

# A customer's id at each provider, and what was last asked of it.
customer_accounts = Table(
    "customer_accounts",
    metadata,
    Column("customer_id", CODE, nullable=False),
    Column("provider", CODE, nullable=False),
    Column("reference", CODE),
    Column("attempt", JSON),
    PrimaryKeyConstraint("customer_id", "provider", name="customer_accounts_pkey"),
    UniqueConstraint("provider", "reference", name="customer_accounts_one_a_reference"),
    ForeignKeyConstraint(["customer_id"], ["customers.id"], name="customer_accounts_of_a_customer"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", CODE, nullable=False),
    Column("title", Text, nullable=False),
    Column("billing_interval", CODE, nullable=False),
    Column("interval_count", SmallInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("prices", JSONB, nullable=False),
    Column("provider_prices", JSONB, nullable=False),
    PrimaryKeyConstraint("id", name="plans_pkey"),
)

# What lists choose by has a column; the rest of a subscription is one document.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("created_at", AT, nullable=False),
    Column("due_at", AT),
    Column("ended_at", AT),
    Column("version", Integer, nullable=False),
    Column("id", CODE, nullable=False),
    Column("customer_id", CODE, nullable=False),
    Column("provider", CODE, nullable=False),
    Column("reference", CODE),
    Column("plan_id", CODE, nullable=False),
    Column("wanted_plan_id", CODE),
    Column("state", CODE, nullable=False),
    Column("entitlement", CODE, nullable=False),
    Column("content", JSON, nullable=False),
    PrimaryKeyConstraint("number", name="subscriptions_pkey"),
    UniqueConstraint("id", name="subscriptions_one_an_id"),
    UniqueConstraint("provider", "reference", name="subscriptions_one_a_reference"),
    ForeignKeyConstraint(["customer_id"], ["customers.id"], name="subscriptions_of_a_customer"),
)
Index("subscriptions_due", subscriptions.c.due_at, postgresql_where=subscriptions.c.due_at.is_not(None))
Index("subscriptions_newest", subscriptions.c.created_at, subscriptions.c.id)
Index("subscriptions_by_customer", subscriptions.c.customer_id)

# A provider's word on each of a subscription's invoices.
invoices = Table(
    "invoices",
    metadata,
    Column("subscription_number", BigInteger, nullable=False),
    Column("created_at", AT, nullable=False),
    Column("bills_from", AT),
    Column("bills_until", AT),
    Column("next_try_at", AT),
    Column("total_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("paid_minor", BigInteger, nullable=False),
    Column("failed_tries", Integer, nullable=False),
    Column("currency", CODE, nullable=False),
    Column("id", CODE, nullable=False),
    Column("reference", CODE, nullable=False),
    Column("state", CODE, nullable=False),
    PrimaryKeyConstraint("subscription_number", "id", name="invoices_pkey"),
    ForeignKeyConstraint(
        ["subscription_number"], ["subscriptions.number"], name="invoices_of_a_subscription"
    ),
)

# What `order_log` is to orders; the view `subscription_postings` shows each posting as a row of its own.
subscription_log = Table(
    "subscription_log",
    metadata,
    Column("subscription_number", BigInteger, nullable=False),
    Column("at", AT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("events", JSON),
    Column("entries", JSON),
    PrimaryKeyConstraint("subscription_number", "version", name="subscription_log_pkey"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", CODE, nullable=False),
    Column("role", CODE, nullable=False),
    Column("name", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    Column("created_at", AT, nullable=False),
    Column("revoked_at", AT),
    PrimaryKeyConstraint("id", name="api_keys_pkey"),
    UniqueConstraint("key_hash", name="api_keys_one_a_hash"),
)

products = Table(
    "products",
    metadata,
    Column("sku", CODE, nullable=False),
    Column("title", Text, nullable=False),
    Column("prices", JSONB, nullable=False),
    Column("tax_code", CODE, nullable=False),
    Column("weight_grams", Integer, nullable=False),
    Column("length_mm", Integer, nullable=False),
    Column("width_mm", Integer, nullable=False),
    Column("height_mm", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    PrimaryKeyConstraint("sku", name="products_pkey"),
)

# `folded` is the code as it is looked up: in either case.
discount_codes = Table(
    "discount_codes",
    metadata,
    Column("folded", CODE, nullable=False),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("percent_basis_points", Integer),
    Column("amount_minor", BigInteger),
    Column("currency", CODE),
    Column("valid_from", AT),
    Column("valid_until", AT),
    PrimaryKeyConstraint("folded", name="discount_codes_pkey"),
    CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="discount_codes_amount_has_currency"),
)

stock = Table(
    "stock",
    metadata,
    Column("received", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("sold", BigInteger, nullable=False),
    Column("sku", CODE, nullable=False),
    PrimaryKeyConstraint("sku", name="stock_pkey"),
    CheckConstraint("received >= held + sold", name="stock_never_oversold"),
    CheckConstraint("held >= 0", name="stock_held_not_negative"),
    CheckConstraint("sold >= 0", name="stock_sold_not_negative"),
    postgresql_with={"fillfactor": "50"},
)

# A receipt that is repeated is known by its id. A write-off has a negative quantity.
stock_receipts = Table(
    "stock_receipts",
    metadata,
    Column("received_at", AT, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("id", CODE, nullable=False),
    Column("sku", CODE, nullable=False),
    PrimaryKeyConstraint("id", name="stock_receipts_pkey"),
)

# `summary` is what a list shows; the single findings may be many.
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("began_at", AT, nullable=False),
    Column("ended_at", AT, nullable=False),
    Column("since", AT, nullable=False),
    Column("until", AT, nullable=False),
    Column("id", CODE, nullable=False),
    Column("provider", CODE, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    PrimaryKeyConstraint("id", name="reconciliations_pkey"),
)

# The moments at which a job runs once, whoever of the workers does it.
slots = Table(
    "slots",
    metadata,
    Column("slot_at", AT, nullable=False),
    Column("leased_until", AT, nullable=False),
    Column("done_at", AT),
    Column("job", CODE, nullable=False),
    PrimaryKeyConstraint("job", "slot_at", name="slots_pkey"),
)

# What carriers promised to a checkout, as one document; a shop with flat rates alone has no rows here.
delivery_quotes = Table(
    "delivery_quotes",
    metadata,
    Column("checkout_id", CODE, nullable=False),
    Column("content", JSON, nullable=False),
    PrimaryKeyConstraint("checkout_id", name="delivery_quotes_pkey"),
)

# What an estimate is made of while a tax service is away; an empty `tax_code` is the delivery.
# What a provider that can't be asked has answered; its webhooks are in the inbox.
provider_answers = Table(
    "provider_answers",
    metadata,
    Column("told_at", AT, nullable=False),
    Column("provider", CODE, nullable=False),
    Column("id", CODE, nullable=False),
    Column("payment_id", CODE, nullable=False),
    Column("reference", CODE),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("provider", "id", name="provider_answers_pkey"),
)
Index("provider_answers_of_a_payment", provider_answers.c.payment_id)
Index("provider_answers_named", provider_answers.c.reference)

known_tax_rates = Table(
    "known_tax_rates",
    metadata,
    Column("seen_at", AT, nullable=False),
    Column("service", CODE, nullable=False),
    Column("country", CODE, nullable=False),
    Column("region", CODE, nullable=False),
    Column("postcode", CODE, nullable=False),
    Column("tax_code", CODE, nullable=False),
    Column("rates", JSONB, nullable=False),
    PrimaryKeyConstraint("service", "country", "region", "postcode", "tax_code", name="known_tax_rates_pkey"),
)
