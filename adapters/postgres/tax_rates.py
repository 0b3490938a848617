"""Rates that a tax service has told: they outlive every cache, for the hour in which it is away."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import ARRAY, and_, any_, or_, select
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Statement, parameter, recordset
from adapters.postgres.tables import AT, CODE, known_tax_rates
from domain.tax import TaxPlace, TaxRate

# The same rates are told with every answer; writing down when they were told last can wait so long.
_FRESH_FOR: Final = timedelta(hours=1)

_COLUMNS = list(known_tax_rates.c)
_rows = recordset("rows", _COLUMNS)
_put = insert(known_tax_rates).from_select(
    [column.name for column in _COLUMNS], select(*(_rows.c[column.name] for column in _COLUMNS))
)
_REMEMBER = Statement(
    _put.on_conflict_do_update(
        constraint="known_tax_rates_pkey",
        set_={"rates": _put.excluded.rates, "seen_at": _put.excluded.seen_at},
        where=or_(
            and_(
                known_tax_rates.c.rates != _put.excluded.rates,
                known_tax_rates.c.seen_at <= _put.excluded.seen_at,
            ),
            known_tax_rates.c.seen_at < parameter("stale", AT),
        ),
    )
)
_RECALL = Statement(
    select(known_tax_rates.c.tax_code, known_tax_rates.c.rates).where(
        known_tax_rates.c.service == parameter("service", CODE),
        known_tax_rates.c.country == parameter("country", CODE),
        known_tax_rates.c.region == parameter("region", CODE),
        known_tax_rates.c.postcode == parameter("postcode", CODE),
        known_tax_rates.c.tax_code == any_(parameter("tax_codes", ARRAY(CODE))),
        known_tax_rates.c.seen_at >= parameter("since", AT),
    )
)
_decode: Final = msgspec.json.Decoder(tuple[tuple[str, int], ...]).decode


class PostgresKnownTaxRates:
    """Implements `ports.tax_rates.KnownTaxRates`. A moment is kept to the hour."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def remember(
        self, service: str, place: TaxPlace, rates: Mapping[str, tuple[TaxRate, ...]], now: datetime
    ) -> None:
        rows = [
            {
                "seen_at": now,
                "service": service,
                "country": place.country,
                "region": place.region,
                "postcode": place.postcode,
                "tax_code": tax_code,
                "rates": [(rate.name, rate.rate_ppm) for rate in rates[tax_code]],
            }
            # Everybody locks in the same order.
            for tax_code in sorted(rates)
        ]
        document = msgspec.json.encode(rows).decode()
        await run_alone(self._connections, _REMEMBER, writes=True, rows=document, stale=now - _FRESH_FOR)

    async def recall(
        self, service: str, place: TaxPlace, tax_codes: Collection[str], since: datetime
    ) -> Mapping[str, tuple[TaxRate, ...]]:
        rows = await run_alone(
            self._connections,
            _RECALL,
            service=service,
            country=place.country,
            region=place.region,
            postcode=place.postcode,
            tax_codes=sorted(tax_codes),
            since=since,
        )
        return {
            row["tax_code"]: tuple(TaxRate(name=name, rate_ppm=ppm) for name, ppm in _decode(row["rates"]))
            for row in rows
        }
