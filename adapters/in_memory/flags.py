"""Flags in memory: turned by whoever holds them."""

from dataclasses import dataclass
from hashlib import sha256

from ports.flags import EVERYBODY, Flag, FlagReading, FlagSource, FlagSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    """For these currencies and customers (None: all) so many percent get the value."""

    value: str
    currencies: frozenset[str] | None = None
    customers: frozenset[str] | None = None
    percent: int = 100


class InMemoryFlags:
    """Implements `ports.flags.FeatureFlags`; what nobody turned means its default."""

    def __init__(self) -> None:
        self._values: dict[Flag, str] = {}
        self._rules: dict[Flag, tuple[FlagRule, ...]] = {}

    def turn(self, flag: Flag, value: str, *rules: FlagRule) -> None:
        self._values[flag] = value
        self._rules[flag] = rules

    def read(self, flag: Flag, subject: FlagSubject = EVERYBODY) -> FlagReading:
        rules, said = self._rules.get(flag, ()), self._values.get(flag)
        if said is None:
            return FlagReading(value=flag.default, source=FlagSource.DEFAULT)
        if not {said, *(rule.value for rule in rules)} <= set(flag.choices):
            problem = f"it must be one of {', '.join(flag.choices)}"
            return FlagReading(value=flag.default, source=FlagSource.DEFAULT, problem=problem)
        lots = ((f"{flag.key}/{number}", rule) for number, rule in enumerate(rules))
        value = next((rule.value for lot, rule in lots if _concerns(rule, lot, subject)), said)
        return FlagReading(value=value, source=FlagSource.FILE, varies=bool(rules))


def _concerns(rule: FlagRule, lot: str, subject: FlagSubject) -> bool:
    if rule.currencies is not None and subject.currency not in rule.currencies:
        return False
    if rule.customers is not None and subject.customer_id not in rule.customers:
        return False
    return rule.percent >= 100 or (subject.key is not None and _percentile(lot, subject.key) < rule.percent)


def _percentile(lot: str, key: str) -> int:
    return int(sha256(f"{key}/{lot}".encode("utf-8", "surrogatepass")).hexdigest(), 16) % 100
