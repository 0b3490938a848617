"""A tax service with a memory: the same question is asked once a day, nothing is believed that can't be
charged, and while the service is away the rates that it told before stand in, marked as an estimate.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog

from adapters.taxes.documents import key_of, read, written
from adapters.taxes.single_flight import SingleFlight
from domain.errors import TotalsDoNotAddUp
from domain.tax import TaxAnswer, TaxQuestion, TaxRate, TaxRates, tax_place_of, taxed_at, untaxed
from domain.values import replace
from ports.cache import Cache
from ports.clock import Clock
from ports.errors import OutcomeUnknown, PortError, Unavailable
from ports.tax_rates import DELIVERY, KnownTaxRates
from ports.taxes import TaxCalculator

_EXACT_SECONDS: Final = 24 * 60 * 60
# Rates change a few times a year; older ones are no estimate any more.
_KNOWN_FOR: Final = timedelta(days=90)
log = structlog.get_logger(__name__)


class RememberedTaxes:
    """Implements `ports.taxes.TaxCalculator` over a service that may be away. `name` is the service's own.

    Exact answers are kept for 24 hours under the whole question; then the last known rate for place and tax
    code; then Unavailable. A refusal is the service's own, and passes.
    """

    def __init__(
        self, service: TaxCalculator, name: str, *, cache: Cache, known: KnownTaxRates, clock: Clock
    ) -> None:
        self._service = service
        self._name = name
        self._cache = cache
        self._known = known
        self._clock = clock
        self._flights = SingleFlight[TaxAnswer]()

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        key = key_of(self._name, question, self._clock.now().date())
        kept = await self._kept(key, question)
        return kept if kept is not None else await self._flights.join(key, lambda: self._asked(key, question))

    async def _kept(self, key: str, question: TaxQuestion) -> TaxAnswer | None:
        document = await self._cache.get(key)
        answer = read(document, question.delivery.currency) if document is not None else None
        if answer is None:
            return None
        try:
            return answer.checked_against(question)
        except TotalsDoNotAddUp:
            return None

    async def _asked(self, key: str, question: TaxQuestion) -> TaxAnswer:
        try:
            answer = (await self._service.calculate(question)).checked_against(question)
        except (Unavailable, OutcomeUnknown) as away:
            return await self._estimated(question, away.reason)
        except TotalsDoNotAddUp:
            return await self._estimated(question, "answer_invalid")
        await self._cache.put(key, written(answer), _EXACT_SECONDS)
        await self._remember(question, answer)
        return answer

    async def _remember(self, question: TaxQuestion, answer: TaxAnswer) -> None:
        """An answer that can't be remembered is an answer all the same."""
        rates = _told(question, answer)
        if not rates:
            return
        try:
            place = tax_place_of(question.destination)
            await self._known.remember(self._name, place, rates, self._clock.now())
        except PortError as error:
            log.warning("tax_rates_not_remembered", error=type(error).__name__)

    async def _estimated(self, question: TaxQuestion, reason: str) -> TaxAnswer:
        """Raises Unavailable when a rate is missing."""
        if question.exemption is not None:
            return replace(untaxed(question), estimated=True, service=self._name)
        codes = {line.tax_code for line in question.lines if line.amount}
        wanted = codes | {DELIVERY} if question.delivery else codes
        since = self._clock.now() - _KNOWN_FOR
        known = await self._known.recall(self._name, tax_place_of(question.destination), wanted, since)
        if not wanted <= known.keys():
            log.warning("taxes_unavailable", service=self._name, reason=reason)
            raise Unavailable(reason)
        rates = TaxRates(
            lines=tuple(known[line.tax_code] if line.amount else () for line in question.lines),
            delivery=known[DELIVERY] if question.delivery else (),
        )
        log.warning("taxes_estimated", service=self._name, reason=reason)
        return replace(taxed_at(question, rates), estimated=True, service=self._name)


def _told(question: TaxQuestion, answer: TaxAnswer) -> Mapping[str, tuple[TaxRate, ...]]:
    """What the answer says about rates in general: nothing of what was free, or of who is exempt."""
    if answer.rates is None or question.exemption is not None:
        return {}
    rates: dict[str, tuple[TaxRate, ...]] = {}
    for line, its in zip(question.lines, answer.rates.lines, strict=True):
        if line.amount:
            rates.setdefault(line.tax_code, its)
    if question.delivery:
        rates[DELIVERY] = answer.rates.delivery
    return rates
