"""What a provider has told: its answers, kept here, and its webhooks as they lie in the inbox."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, false, func, literal, or_, select, true, union_all
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import AT, CODE, inbox, provider_answers
from domain.identifiers import PaymentId
from domain.period import Period
from ports.provider_records import PaymentsToldOf, ProviderAnswer, ProviderRecord, Told

_PROVIDER: Final = parameter("provider", CODE)
_PAYMENT: Final = parameter("payment_id", CODE)
_SINCE, _UNTIL = parameter("since", AT), parameter("until", AT)

_KEEP = Statement(insert(provider_answers).on_conflict_do_nothing(constraint="provider_answers_pkey"))
_NAMED = Statement(
    select(provider_answers.c.payment_id)
    .where(
        provider_answers.c.provider == _PROVIDER,
        provider_answers.c.reference == parameter("reference", CODE),
    )
    .limit(1)
)
_ITS_ANSWERS = select(provider_answers).where(
    provider_answers.c.provider == _PROVIDER, provider_answers.c.payment_id == _PAYMENT
)
_ITS_NAMES = _ITS_ANSWERS.with_only_columns(provider_answers.c.reference).scalar_subquery()
_OF_PAYMENT = Statement(
    union_all(
        _ITS_ANSWERS.with_only_columns(
            provider_answers.c.told_at,
            provider_answers.c.id,
            provider_answers.c.body,
            false().label("is_webhook"),
        ),
        select(inbox.c.received_at, inbox.c.event_id, inbox.c.kept, true()).where(
            inbox.c.provider == _PROVIDER,
            inbox.c.kept.is_not(None),
            or_(
                inbox.c.payment_reference == _PAYMENT,
                inbox.c.payment_reference.in_(_ITS_NAMES),
            ),
        ),
    ).order_by("told_at", "is_webhook", "id")
)
# Every payment that the provider has answered about, and by which names it goes.
_GOES_BY = union_all(
    select(provider_answers.c.payment_id, provider_answers.c.reference.label("name")).where(
        provider_answers.c.provider == _PROVIDER, provider_answers.c.reference.is_not(None)
    ),
    select(provider_answers.c.payment_id, provider_answers.c.payment_id).where(
        provider_answers.c.provider == _PROVIDER
    ),
).subquery("goes_by")
_WEBHOOKS_WITHIN = (
    select(inbox.c.payment_reference, _GOES_BY.c.payment_id)
    .outerjoin_from(inbox, _GOES_BY, _GOES_BY.c.name == inbox.c.payment_reference)
    .where(
        inbox.c.provider == _PROVIDER,
        inbox.c.payment_reference.is_not(None),
        inbox.c.kept.is_not(None),
        and_(inbox.c.received_at >= _SINCE, inbox.c.received_at < _UNTIL),
    )
)
_TOLD_OF = union_all(
    select(literal(None).label("named"), provider_answers.c.payment_id).where(
        provider_answers.c.provider == _PROVIDER,
        and_(provider_answers.c.told_at >= _SINCE, provider_answers.c.told_at < _UNTIL),
    ),
    _WEBHOOKS_WITHIN,
).subquery("told_of")
_BEGUN = (
    select(func.min(provider_answers.c.told_at))
    .where(provider_answers.c.provider == _PROVIDER, provider_answers.c.payment_id == _TOLD_OF.c.payment_id)
    .scalar_subquery()
)
_WITHIN = Statement(
    select(
        _TOLD_OF.c.payment_id,
        _BEGUN.label("begun_at"),
        func.count(_TOLD_OF.c.named.distinct()).label("names"),
    )
    .group_by(_TOLD_OF.c.payment_id)
    .order_by(_BEGUN.desc(), _TOLD_OF.c.payment_id.desc())
)


class PostgresProviderRecords:
    """Implements `ports.provider_records.ProviderRecords`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def keep(self, provider: str, answer: ProviderAnswer) -> None:
        await run_alone(
            self._connections,
            _KEEP,
            writes=True,
            provider=provider,
            id=answer.id,
            payment_id=answer.payment_id,
            reference=answer.reference,
            told_at=answer.told_at,
            body=answer.body,
        )

    async def payment_named(self, provider: str, reference: str) -> PaymentId | None:
        rows = await run_alone(self._connections, _NAMED, provider=provider, reference=reference)
        return PaymentId(rows[0]["payment_id"]) if rows else None

    async def of_payment(self, provider: str, payment_id: PaymentId) -> Sequence[ProviderRecord]:
        rows = await run_alone(self._connections, _OF_PAYMENT, provider=provider, payment_id=payment_id)
        return [
            ProviderRecord(
                id=row["id"],
                told=Told.WEBHOOK if row["is_webhook"] else Told.ANSWER,
                told_at=row["told_at"],
                body=row["body"],
            )
            for row in rows
        ]

    async def told_within(self, provider: str, period: Period) -> PaymentsToldOf:
        rows = await run_alone(
            self._connections, _WITHIN, provider=provider, since=period.since, until=period.until
        )
        ours = [PaymentId(row["payment_id"]) for row in rows if row["payment_id"] is not None]
        return PaymentsToldOf(
            ours=ours, others=sum(row["names"] for row in rows if row["payment_id"] is None)
        )
