"""Reconciliation: what came of comparing orders, journal and stock with what the provider says."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from domain.identifiers import OrderId, ReconciliationId
from domain.money import Currency, Money
from domain.period import Period
from domain.values import value


class FindingKind(Enum):
    """What doesn't agree.

    PAYMENT_STATE, REFUND_STATE and DISPUTE_STATE: how far it has come, how much was captured, whether a bank
    has the money; a dispute that we never heard of is one of its state. UNEXPECTED_…: the provider
    has it, and the order it belongs to knows nothing of it. …_WITHOUT_ORDER: it carries our ids, and there is
    no such order. TAX_…: a sale or a refund in the books of the tax service, or all of its books.
    """

    PAYMENT_STATE = "payment_state"
    PAYMENT_AMOUNT = "payment_amount"
    PAYMENT_UNKNOWN_TO_PROVIDER = "payment_unknown_to_provider"
    UNEXPECTED_PAYMENT = "unexpected_payment"
    PAYMENT_WITHOUT_ORDER = "payment_without_order"
    REFUND_STATE = "refund_state"
    REFUND_AMOUNT = "refund_amount"
    REFUND_UNKNOWN_TO_PROVIDER = "refund_unknown_to_provider"
    UNEXPECTED_REFUND = "unexpected_refund"
    REFUND_WITHOUT_ORDER = "refund_without_order"
    DISPUTE_STATE = "dispute_state"
    DISPUTE_AMOUNT = "dispute_amount"
    DISPUTE_UNKNOWN_TO_PROVIDER = "dispute_unknown_to_provider"
    JOURNAL = "journal"
    ORDER_FORGOTTEN = "order_forgotten"
    STOCK = "stock"
    TAX_REPORT_MISSING = "tax_report_missing"
    TAX_REPORT_DIFFERS = "tax_report_differs"
    TAX_REPORT_WITHOUT_ORDER = "tax_report_without_order"
    TAX_BOOKS_AWAY = "tax_books_away"


class Done(Enum):
    """What was done about it.

    REPAIRED: the provider's fact was recorded, or the order was taken up again. NOTED: it needs nothing, or a
    person has its case already. UNRESOLVED: a person has to look, and there is no order to open a case on.
    LEFT: a dry run, or more of it than one run should touch.
    """

    REPAIRED = "repaired"
    CASE_OPENED = "case_opened"
    NOTED = "noted"
    UNRESOLVED = "unresolved"
    LEFT = "left"


@value
class Finding:
    """`subject_id` is the payment, refund, order or SKU, or what only the provider knows by its reference.

    `ours` and `theirs` say in a few words what either side has; None for nothing at all.
    """

    kind: FindingKind
    subject_id: str
    order_id: OrderId | None
    ours: str | None
    theirs: str | None
    done: Done


@value
class Outcomes:
    """How many findings of a reconciliation ended how."""

    repaired: int
    cases_opened: int
    noted: int
    unresolved: int
    left: int

    @staticmethod
    def of(findings: Iterable[Finding]) -> "Outcomes":
        ends = [finding.done for finding in findings]
        return Outcomes(
            repaired=ends.count(Done.REPAIRED),
            cases_opened=ends.count(Done.CASE_OPENED),
            noted=ends.count(Done.NOTED),
            unresolved=ends.count(Done.UNRESOLVED),
            left=ends.count(Done.LEFT),
        )

    @property
    def needs_person(self) -> bool:
        """Somebody has to look, or to run it again."""
        return bool(self.cases_opened or self.unresolved or self.left)


@value
class Counts:
    """How much was compared. `not_ours`: what the provider did for others on the same account."""

    payments: int
    refunds: int
    orders: int
    not_ours: int
    disputes: int = 0


@value
class CurrencySums:
    """What was captured and given back in one currency, as it was found, before any repair."""

    captured_ours: Money
    captured_theirs: Money
    refunded_ours: Money
    refunded_theirs: Money

    @staticmethod
    def of(
        currency: Currency,
        *,
        captured_ours: int = 0,
        captured_theirs: int = 0,
        refunded_ours: int = 0,
        refunded_theirs: int = 0,
    ) -> "CurrencySums":
        """Of minor units of the currency."""
        return CurrencySums(
            captured_ours=Money(minor=captured_ours, currency=currency),
            captured_theirs=Money(minor=captured_theirs, currency=currency),
            refunded_ours=Money(minor=refunded_ours, currency=currency),
            refunded_theirs=Money(minor=refunded_theirs, currency=currency),
        )

    @property
    def currency(self) -> Currency:
        return self.captured_ours.currency

    def __add__(self, other: "CurrencySums") -> "CurrencySums":
        return CurrencySums(
            captured_ours=self.captured_ours + other.captured_ours,
            captured_theirs=self.captured_theirs + other.captured_theirs,
            refunded_ours=self.refunded_ours + other.refunded_ours,
            refunded_theirs=self.refunded_theirs + other.refunded_theirs,
        )


@value
class ReconciliationSummary:
    """A reconciliation without its single findings. Sums are ordered by currency."""

    id: ReconciliationId
    provider: str
    period: Period
    began_at: datetime
    ended_at: datetime
    counts: Counts
    sums: tuple[CurrencySums, ...]
    outcomes: Outcomes


@value
class Reconciliation:
    """The first thousand findings are kept; all are counted in the outcomes."""

    summary: ReconciliationSummary
    findings: tuple[Finding, ...]
